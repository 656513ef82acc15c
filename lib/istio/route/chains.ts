/** Picks a listener's filter chain for a connection, as Envoy does. */
import { type Chain, type HttpChain, type Listener, type NetChain, takesAll } from "./listener.ts";
import { type NameIndex, nameIndex } from "./names.ts";
import { type RangeIndex, rangeIndex } from "./ranges.ts";
import type { Service } from "./service.ts";

/** What a connection shows of itself. */
export interface Shown {
  kind: "http" | "tls" | "tcp";
  sni: string | null;
  address: string | null;
}

/** `fallen`: no chain, hence the listener's passthrough or black hole. */
export type Picked = { kind: "fallen" } | NetChain | HttpChain;

/** A listener, its chains indexed by what they ask for. */
export interface ChainIndex {
  pick(shown: Shown): Picked;
  /** Chains that ask for a name, or for HTTP, which a connection whose kind or name is not known might have met. */
  mightMeet(address: string | null): { tls: boolean; http: boolean };
  /** Some chain asks for the address dialled. */
  readonly hasRanges: boolean;
  /** What is not certain about a service's being here; null where nothing is. */
  doubtOf(service: Service): string | null;
  /** Envoy refuses a listener with such a chain, and keeps the one it had. */
  readonly refused: string | null;
}

interface Group {
  names: NameIndex<Chain[]>;
  hasNames: boolean;
  /** Chains that ask for no name. */
  plain: Chain[];
}

/**
 * Destination range, then server name, then transport (plaintext or TLS), then application protocol; at each step only the best stay,
 * and there is no way back: who is in a range and has the wrong name falls to the default chain (Envoy's FilterChainMatch; so Istio's
 * pilot/pkg/simulation). Names and transport are only told apart where some chain asks for a name: no TLS inspector otherwise.
 */
export function indexChains(listener: Listener): ChainIndex {
  const chains = [...listener.chains.values()];
  const all = chains.find(takesAll) ?? null;
  const ranges = rangeIndex<Group>();
  const rest = group();
  for (const chain of chains) {
    if (chain === all) continue;
    const range = chain.kind === "net" ? chain.range : null;
    addTo(range === null || range.startsWith("0.0.0.0/") ? rest : groupAt(ranges, range), chain);
  }
  const inspects = chains.some((chain) => chain.kind === "net" && chain.sni !== null);
  const groupFor = (address: string | null) => (address === null ? undefined : ranges.nearest(address)) ?? rest;
  return {
    pick(shown) {
      const named = withName(groupFor(shown.address), inspects && shown.kind === "tls" ? shown.sni : null);
      return withTransport(named, shown, inspects) ?? all ?? { kind: "fallen" };
    },
    mightMeet(address) {
      const met = groupFor(address);
      return { tls: met.hasNames, http: met.plain.some((chain) => chain.kind === "http") };
    },
    hasRanges: !ranges.isEmpty,
    refused: refusedBy(chains),
    doubtOf: (service) => listener.doubts.get(service) ?? null,
  };
}

const group = (): Group => ({ names: nameIndex(), hasNames: false, plain: [] });

function groupAt(ranges: RangeIndex<Group>, range: string): Group {
  const known = ranges.at(range) ?? group();
  ranges.set(range, known);
  return known;
}

function addTo(into: Group, chain: Chain): void {
  const sni = chain.kind === "net" ? chain.sni : null;
  if (sni === null) return void into.plain.push(chain);
  into.hasNames = true;
  const known = into.names.at(sni);
  if (known === undefined) into.names.set(sni, [chain]);
  else known.push(chain);
}

const withName = (met: Group, sni: string | null): readonly Chain[] =>
  (sni === null ? undefined : met.names.nearest(sni)) ?? met.plain;

function withTransport(chains: readonly Chain[], shown: Shown, inspects: boolean): Chain | null {
  const http = chains.find((chain) => chain.kind === "http");
  const isPlain = shown.kind !== "tls" || !inspects;
  // Chains that ask for plaintext leave none to those that ask for nothing, even where it is not HTTP in the end.
  if (http !== undefined && isPlain) return shown.kind === "http" ? http : null;
  return chains.find((chain) => chain.kind === "net") ?? null;
}

/** `*.example.com` is a name Envoy takes, `*-a.example.com` is not (Envoy filter_chain_manager_impl.cc). */
function refusedBy(chains: readonly Chain[]): string | null {
  const partial = chains.find((chain) => chain.kind === "net" && chain.sni !== null && /^\*(?!\.)/.test(chain.sni));
  return partial?.kind === "net" ? partial.sni : null;
}
