/** What is asked of the model, and what it answers. */
import type { Protocol } from "../../model.ts";
import type { EntryPort, ServiceEntry } from "../in-force.ts";

/** A source workload with a destination's protocol, host or address, and port. */
export interface Flow {
  /** `labels` are the pod's; left out where nobody knows them. */
  source: { namespace: string; workload: string; labels?: Readonly<Record<string, string>> };
  /** `tcp` is what Istio counted as TCP: it may be TLS whose name nobody saw. */
  protocol: Protocol;
  /** Canonical. HTTP: the Host, null where it is the address itself. TLS: the SNI. TCP: a name known from elsewhere. */
  host: string | null;
  /** Canonical; null where it was not seen, which is not the same as not sent. */
  sni: string | null;
  /** Canonical: what was dialled; null where that is not known. */
  address: string | null;
  /** The port dialled. */
  port: number;
}

/** Where the bytes end up. `dialled`: at the address dialled. `host`: where the entry's host resolves. `endpoints`: at the entry's
 * endpoints. `claimed`: where the name in Host or SNI resolves. */
export type Reaches = "dialled" | "host" | "endpoints" | "claimed";

/** An entry that is about the flow, and does not get it. */
export interface Shadowed {
  entry: ServiceEntry;
  why: string;
}

interface Told {
  why: string;
  /** False where the labels and the manifests do not tell enough; `doubts` says what is missing. */
  certain: boolean;
  doubts: readonly string[];
  shadowed: readonly Shadowed[];
}

/** `fault`: why nothing answers there all the same; null where something should. */
export interface ToEntry extends Told {
  to: "entry";
  entry: ServiceEntry;
  port: EntryPort;
  /** The host of the entry that matched, or stands for the address that did. */
  host: string;
  reaches: Reaches;
  fault: string | null;
}

/** `passthrough`: PassthroughCluster, or Istio's dynamic forward proxy for HTTP. `blocked`: BlackHoleCluster, or a 502. */
export interface ToCatchAll extends Told {
  to: "passthrough" | "blocked";
}

export type Routed = ToEntry | ToCatchAll;

/** An entry's name for people. */
export const nameOf = (entry: ServiceEntry): string => `${entry.namespace}/${entry.name}`;
