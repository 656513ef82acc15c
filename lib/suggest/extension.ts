/** Adding to an entry in force, instead of a second one for the same host. Pure. */

import type { Finding, Protocol, Suggestion } from "../model.ts";
import { inRanges, parseAddress } from "../words/address.ts";
import type { Draft } from "./draft.ts";
import type { Held } from "./existing.ts";
import { type Change, changed, extend } from "./extend.ts";
import type { Port } from "./ports.ts";
import type { SuggestSettings } from "./service-entry.ts";
import { unifiedDiff } from "./unified-diff.ts";
import { heldAlready } from "./warnings.ts";
import { toYaml } from "./yaml.ts";

/** An entry with something added, and the patch for its file where there can be one. */
export type Extended = Pick<Suggestion, "manifest" | "yaml" | "warnings" | "patch">;

/** What an entry in force means for a group of findings. */
export interface Extension {
  held: Held;
  /** Whose entry the group's own would be. */
  namespace: string;
  /** The ports of the group that it lacks, sorted. */
  missing: Port[];
  /** With all of them; or why they cannot be added. */
  made: Extended | { why: string };
}

/**
 * The ports that an entry lacks of all groups whose host it holds, put into it together: each group's own would undo the others'. By
 * group's draft, in their order. Throws nothing.
 */
export function extensions(drafts: readonly Draft[], held: Held, settings: SuggestSettings): Map<Draft, Extension> {
  const wanted = drafts.flatMap(({ ports }) => ports.filter(({ number }) => !held.ports.has(number)));
  const byNumber = new Map(wanted.map((port) => [port.number, port]));
  const missing = [...byNumber.values()].sort((a, b) => a.number - b.number);
  const mixed = wanted.find(({ number, protocol }) => byNumber.get(number)?.protocol !== protocol);
  const fault =
    missing.length === 0
      ? "it has all of them"
      : mixed !== undefined
        ? `port ${mixed.number} is called in several protocols`
        : drafts.map(({ group }) => faultOf(held, missing, group.entry.address, settings)).find((one) => one !== null);
  const made = fault === undefined ? lengthened(drafts, held, missing, settings) : { why: fault };
  return new Map(drafts.map((one) => [one, { held, namespace: one.group.namespace, missing, made }]));
}

function lengthened(drafts: readonly Draft[], held: Held, missing: readonly Port[], settings: SuggestSettings) {
  const dialled = drafts
    .filter(({ group }) => group.entry.address === null)
    .flatMap(({ group }) => group.evidence)
    .flatMap((one) => (missing.some(({ number }) => number === one.port) ? one.addresses : []));
  // HTTP goes by its Host. All else is matched by the entry's addresses, where it has any or must have some.
  const isByAddress =
    (held.addresses.length > 0 || (settings.dnsCapture !== true && missing.some(isTcp))) &&
    missing.some(({ protocol }) => protocol === "TCP" || protocol === "TLS");
  const addresses = isByAddress ? [...new Set(dialled)].filter((one) => !isListed(one, held.addresses)).sort() : [];
  const ports = missing.map((port) => named(port, held));
  return extended(held, { ports, ...(addresses.length === 0 ? {} : { addresses }) }, missing);
}

/** Why ports must not join an entry; null where they may. */
function faultOf(
  held: Held,
  missing: readonly Port[],
  address: string | null,
  settings: SuggestSettings,
): string | null {
  const { entry, ports, resolution } = held;
  if (address !== null) {
    return resolution === "NONE" && !missing.every(isTcp)
      ? "with its resolution NONE the Host header alone would open any address"
      : null;
  }
  if (!missing.some(isTcp)) return null;
  if (entry.hosts.length > 1) return "it has several hosts, which raw TCP cannot tell apart";
  const isTls = [...ports.values(), ...missing.map((one) => one.protocol)].some(
    (one) => one === "TLS" || one === "HTTPS",
  );
  return isTls && held.addresses.length === 0 && settings.dnsCapture !== true
    ? "raw TCP needs addresses in it, and its TLS would be matched by them and no longer by SNI"
    : null;
}

/** A change made to an entry and to its file, or why it cannot be. */
export function extended(held: Held, change: Change, opened: readonly Port[]): Extended | { why: string } {
  const { entry, manifest, exportTo } = held;
  const written = held.written();
  const after = written === null ? null : extend(written.opened, written.place, change);
  if (after !== null && "why" in after) return after;
  const { spec } = changed(held.object, change);
  const whole = { ...manifest, spec: typeof spec === "object" && spec !== null ? { ...spec } : {} };
  const numbers = opened.map((port) => port.number).join(", ");
  const others = entry.hosts.length > 1 && (change.ports ?? []).length > 0;
  const isWide = exportTo.length === 0 || exportTo.some((one) => one !== "." && one !== entry.namespace);
  const warnings = [
    ...(others ? [`It opens port ${numbers} of all its ${entry.hosts.length} hosts.`] : []),
    ...(isWide
      ? [
          `It is exported to ${exportTo.length === 0 ? "all namespaces" : exportTo.join(", ")}: what is added opens for them as well.`,
        ]
      : []),
  ];
  const made = { manifest: whole, yaml: toYaml(whole), warnings };
  if (after === null) return made;
  return { ...made, patch: { file: entry.file, diff: unifiedDiff(entry.file, entry.text, after.text, after.same) } };
}

/**
 * The entry with its addition in place of an exact one, which would be a second entry for the host; where it cannot be added to, the
 * exact one, and a word of the entry in force.
 */
export function inPlace(exact: Suggestion, { held, namespace, missing, made }: Extension): Suggestion {
  const added = missing
    .map(({ number, protocol }) => `port ${number}${protocol === null ? "" : ` (${protocol})`}`)
    .join(", ");
  const rest = exact.warnings.filter((one) => one !== heldAlready);
  // Of one namespace Istio adds up the ports; of two, the own one's is all there is (pilot/pkg/model/sidecar.go).
  const hides = `an entry of ${namespace} itself would hide port ${[...held.ports.keys()].join(", ")} of it there`;
  const isOwn = held.entry.namespace === namespace;
  if ("why" in made) {
    const mind = isOwn ? "Two entries for one host are harder to keep right than one." : `Mind that ${hides}.`;
    const warning = `${held.where} holds this host already and lacks ${added}, which could not be added here: ${made.why}. ${mind}`;
    return { ...exact, warnings: [warning, ...rest] };
  }
  const { manifest, yaml, patch, warnings } = made;
  const reason = isOwn ? "one entry for one host is easier to keep right than two" : hides;
  const why = [`Extends ${held.where} by ${added}: it holds this host already, and ${reason}.`, ...exact.why];
  return {
    manifest,
    yaml,
    confidence: exact.confidence,
    why,
    warnings: [...warnings, ...rest],
    ...(patch && { patch }),
  };
}

/** Why a finding whose port the entry has needs no manifest, or can have none; `lost`: what keeps the entry from the call, where that is known. */
export function heldReason({ destination }: Finding, { held }: Extension, lost: string | null): string {
  const { port, protocol, host, address } = destination;
  const written = held.ports.get(port ?? 0) ?? "";
  const what = `port ${port} of ${host ?? address}`;
  if (routed[protocol].includes(written)) {
    return `${held.where} holds ${what}${written === "" ? "" : ` (${written})`} already: a second entry would not help. ${lost ?? "If it is applied and this goes on, Istio does not match it: a Sidecar that hides it, or a client that sends no SNI, are the usual causes."}`;
  }
  return `${held.where} has ${written} on ${what}, and ${spoken[protocol]} was seen on it: one port has one protocol. Change it there if that is what is spoken.`;
}

/** What Istio takes for a protocol, in its spellings of one; none at all lets it look at the first bytes. */
const routed: Record<Protocol, readonly string[]> = {
  http: ["", "HTTP", "HTTP2", "GRPC", "GRPC-WEB", "HTTP_PROXY"],
  grpc: ["", "HTTP", "HTTP2", "GRPC", "GRPC-WEB"],
  tls: ["", "TLS", "HTTPS", "TCP"],
  tcp: ["", "TCP", "TLS", "HTTPS", "MONGO", "REDIS", "MYSQL"],
};
const spoken: Record<Protocol, string> = { http: "plain HTTP", grpc: "gRPC", tls: "TLS", tcp: "raw TCP" };

function named({ number, protocol }: Port, { portNames }: Held) {
  const usual = `${(protocol ?? "auto").toLowerCase()}-${number}`;
  return { number, name: portNames.has(usual) ? `${usual}-egress` : usual, protocol };
}

const isTcp = ({ protocol }: Port): boolean => protocol === "TCP";

function isListed(address: string, listed: readonly string[]): boolean {
  return listed.some((one) => parseAddress(one) === address || inRanges(address, [one]));
}
