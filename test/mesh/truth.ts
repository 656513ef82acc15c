/**
 * What really left the mesh, told in the contract's words and as far as the labels let anybody see it. Works the rules out by itself
 * and not with lib/, so that a mistake there does not hide here.
 */
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import type { Labels } from "./labels.ts";

export interface Caller {
  /** The `source_cluster` label. */
  cluster: string;
  namespace: string;
  workload: string;
}

/** One call to the outside as it happened. `times` calls alike count as one entry. */
export interface Call {
  at: number;
  source: Caller;
  protocol: "http" | "grpc" | "tcp";
  blocked: boolean;
  /** The raw Host header, or the SNI where the mesh shows it. */
  claim: string | null;
  /** What the series says of the dialled address. */
  added: Labels;
  times: number;
}

/** One caller to one destination (the contract's identity), with the calls counted. */
export interface Flow {
  source: Caller;
  verdict: "allowed" | "blocked";
  protocol: "http" | "grpc" | "tls" | "tcp";
  host: string | null;
  /** The latest one seen; no part of the identity where there is a host. */
  address: string | null;
  port: number | null;
  sni: string | null;
  /** Requests, or connections at the time they were opened. */
  count: number;
}

/** The flows of the calls in (since, until], in the order first seen. */
export function flowsOf(calls: readonly Call[], since: number, until: number): Flow[] {
  const flows = new Map<string, Flow>();
  for (const call of calls) {
    if (call.at <= since || call.at > until) continue;
    const flow = flowOf(call);
    const { source, verdict, protocol, host, address, port, sni } = flow;
    const key = JSON.stringify([source, verdict, protocol, host ?? address, port, sni]);
    const known = flows.get(key);
    flows.set(key, known === undefined ? flow : { ...flow, count: known.count + flow.count });
  }
  return [...flows.values()];
}

function flowOf(call: Call): Flow {
  const dialled = dialledOf(call.added);
  const base = { source: call.source, verdict: call.blocked ? "blocked" : "allowed", count: call.times } as const;
  if (call.protocol === "tcp") {
    if (call.claim === null) return { ...base, protocol: "tcp", host: null, ...dialled, sni: null };
    const host = hostName(call.claim);
    return { ...base, protocol: "tls", host, ...dialled, sni: host };
  }
  const claimed = claimedBy(call.claim ?? "");
  const address = dialled.address ?? claimed.address;
  const port = dialled.port ?? claimed.port ?? 80;
  return { ...base, protocol: call.protocol, host: claimed.host, address, port, sni: null };
}

function dialledOf(added: Labels): { address: string | null; port: number | null } {
  const both = /^\[?([^\]]+?)\]?:(\d+)$/.exec(added.destination_address ?? "");
  const address = both?.[1] ?? (added.destination_ip || null);
  const port = both?.[2] ?? (added.destination_port || null);
  return {
    address: address === null ? null : ipaddr.parse(address).toString(),
    port: port === null ? null : Number(port),
  };
}

/** A Host header taken apart; all null where it is neither a name nor an address. */
function claimedBy(text: string): { host: string | null; address: string | null; port: number | null } {
  const [, bare = text, digits] = /^(.*):(\d{1,5})$/s.exec(isIP(text) === 6 ? "" : text) ?? [];
  const port = digits === undefined ? null : Number(digits);
  const literal = bare.replace(/^\[(.*)\]$/s, "$1");
  if (isIP(literal) !== 0) return { host: null, address: ipaddr.parse(literal).toString(), port };
  return { host: hostName(bare), address: null, port };
}

/** RFC 1123, two labels or more (or localhost), the last one no number; lower case, no trailing dot. */
function hostName(text: string): string | null {
  const name = text.toLowerCase().replace(/\.$/, "");
  const labels = name.split(".");
  const wellFormed = labels.every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label));
  const named = (labels.length > 1 || name === "localhost") && !/^\d+$/.test(labels.at(-1) ?? "") && name.length <= 253;
  return wellFormed && named ? name : null;
}
