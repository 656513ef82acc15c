/** One row's labels → who called what. Pure. */
import { insideReason } from "../host.ts";
import type { Counter, Destination, LabelNames, Labels, Source } from "../model.ts";
import { readHttp, readTcp } from "./destination.ts";
import { isInternal } from "./internal.ts";
import { sightingKey } from "./key.ts";
import { readSource } from "./source.ts";

export interface ObserveSettings {
  /** The run's cluster, by its name in the config. */
  cluster: string;
  labels: LabelNames;
  /** What is not egress: addresses, CIDRs, host names, `*.suffix`. */
  internal: readonly string[];
}

export interface Identity {
  key: string;
  source: Source;
  destination: Destination;
}

/** Null where the row is no egress: internal by the config, or an in-mesh call that looks like ALLOW_ANY_DYNAMIC_DNS. */
export function identify(counter: Counter, labels: Labels, settings: ObserveSettings): Identity | null {
  const destination = readDestination(counter, labels, settings.labels);
  if (destination === null || isInternal(destination, settings.internal)) return null;
  const source = readSource(labels);
  return { key: sightingKey(settings.cluster, source, destination), source, destination };
}

function readDestination(counter: Counter, labels: Labels, names: LabelNames): Destination | null {
  if (counter === "dynamic") {
    const host = labels.destination_service ?? "";
    return host === labels.destination_service_name && !isInMesh(host) ? readHttp(labels, names, "allowed") : null;
  }
  const verdict = labels.destination_service_name === "BlackHoleCluster" ? "blocked" : "allowed";
  return counter === "requests" ? readHttp(labels, names, verdict) : readTcp(labels, names, verdict);
}

/** A short or in-cluster name under neither catch-all is a call inside the mesh whose service the proxy did not know. */
export function isInMesh(host: string): boolean {
  const name = host.replace(/:\d+$/, "").replace(/\.$/, "").toLowerCase();
  return !/[.:]/.test(name) || insideReason(name) !== null;
}
