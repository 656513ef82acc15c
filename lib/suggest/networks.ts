/** Many bare addresses of one provider's network: offered beside the entries of each, since it opens the whole of it. */

import type { Finding, Name, Sighting } from "../model.ts";
import { inRanges } from "../words/address.ts";
import { type Alternative, list, opening } from "./alternative.ts";
import { networkHost } from "./entry.ts";
import { type Evidence, entryOf, evidenceOf, settled } from "./evidence.ts";
import { networkAround, providerNetwork, sizeOf } from "./prefix.ts";
import { manifestFor, type SuggestSettings } from "./service-entry.ts";
import { confirmedNames } from "./trust.ts";
import { toYaml } from "./yaml.ts";

/** Fewer are better named one by one. */
const fewestAddresses = 5;

type Place = Pick<Finding, "source" | "destination">;

/** Raw TCP to an address that has no name. */
interface Call {
  place: Place;
  address: string;
  evidence: Evidence;
}

/** The provider's network that a finding's bare address is in; null for all else. */
function rangeOf({ names, destination }: Finding): (Name & { network: string }) | null {
  const { address, host, protocol } = destination;
  const range = names.find((name) => name.from === "range" && name.network !== undefined);
  if (range?.network === undefined || address === null || host !== null || protocol !== "tcp") return null;
  const network = inRanges(address, [range.network]) ? providerNetwork(range.network) : null;
  return network === null ? null : { ...range, network };
}

/** The key of a finding's network in the answer of `networkAlternatives`; null where it has none. */
export function networkKey(finding: Finding): string | null {
  const range = rangeOf(finding);
  return range === null ? null : keyOf(finding, range.network);
}

const keyOf = ({ source }: Place, network: string | number | null) =>
  `${source.cluster}\n${source.namespace}\n${network}`;

/** Tells whether a sighting may be of a finding's network: raw TCP from the same namespace to the same port. */
export function isNear(fit: readonly Finding[]): (sighting: Sighting) => boolean {
  const ports = new Set(fit.filter((one) => rangeOf(one) !== null).map((one) => keyOf(one, one.destination.port)));
  return (one) => {
    const { host, protocol, port } = one.destination;
    return ports.size > 0 && host === null && protocol === "tcp" && ports.has(keyOf(one, port));
  };
}

/**
 * For each network of a provider that a finding's bare address is in, one entry of that network, with the ports at which a namespace
 * calls five addresses of it that have no name. `near` are remembered sightings of such. Throws nothing.
 */
export function networkAlternatives(
  fit: readonly Finding[],
  near: readonly Sighting[],
  names: ReadonlyMap<string, string>,
  settings: SuggestSettings,
): Map<string, Alternative> {
  const ranges = new Map<string, { network: string; name: string; namespace: string }>();
  for (const one of fit) {
    const range = rangeOf(one);
    if (range === null || confirmedNames(one).length > 0) continue;
    const { network, name } = range;
    ranges.set(keyOf(one, network), { network, name, namespace: one.source.namespace });
  }
  const nameless = near.filter(({ name }) => name?.trust !== "confirmed");
  const calls = grouped(
    [...fit, ...nameless].flatMap((one) => callOf(one, names) ?? []),
    ranges,
  );
  const made = [...ranges].flatMap(([key, range]): [string, Alternative][] => {
    const alternative = alternativeOf(range, calls.get(key) ?? [], settings);
    return alternative === null ? [] : [[key, alternative]];
  });
  return new Map(made);
}

function callOf(place: Finding | Sighting, names: ReadonlyMap<string, string>): Call | null {
  const { address, host, protocol } = place.destination;
  if (address === null || host !== null || protocol !== "tcp") return null;
  const evidence = entryOf(place.destination, names)?.address === address ? evidenceOf(place) : null;
  return evidence === null ? null : { place, address, evidence };
}

/** Each call under every network it is in. Networks are looked up by their length: there are few lengths, and may be many networks. */
function grouped(calls: readonly Call[], ranges: ReadonlyMap<string, { network: string }>): Map<string, Call[]> {
  const lengths = new Set([...ranges.values()].map(({ network }) => Number(network.slice(network.indexOf("/") + 1))));
  const found = new Map<string, Call[]>();
  for (const call of calls) {
    for (const length of lengths) {
      const network = networkAround(call.address, length);
      const key = network === null ? null : keyOf(call.place, network);
      if (key === null || !ranges.has(key)) continue;
      const same = found.get(key);
      if (same === undefined) found.set(key, [call]);
      else same.push(call);
    }
  }
  return found;
}

function alternativeOf(
  { network, name, namespace }: { network: string; name: string; namespace: string },
  calls: readonly Call[],
  settings: SuggestSettings,
): Alternative | null {
  const reached = new Map<number, Set<string>>();
  for (const { address, evidence } of calls) {
    reached.set(evidence.port, (reached.get(evidence.port) ?? new Set()).add(address));
  }
  const numbers = [...reached]
    .flatMap(([port, all]) => (all.size < fewestAddresses ? [] : [port]))
    .sort((a, b) => a - b);
  if (numbers.length === 0) return null;
  const taken = calls.filter(({ evidence }) => numbers.includes(evidence.port));
  const evidence = settled(taken.map((call) => call.evidence));
  const manifest = manifestFor({ host: networkHost(network), namespace, evidence }, settings, {
    addresses: [network],
    ports: numbers.map((number) => ({ number, name: `tcp-${number}`, protocol: "TCP" })),
    resolution: "NONE",
  });
  const seen = [...new Set(taken.map((call) => call.address))].sort();
  const ports = `port ${numbers.join(", ")}`;
  const blocked = taken.filter((call) => call.evidence.verdict === "blocked").map((call) => call.address);
  const said = {
    why: [
      `${seen.length} addresses of ${network} (${name.replace(/[^\w .,:/()-]/g, "?")}) were called from ${namespace} on ${ports}, and none has a name: ${list(seen)}.`,
      "Resolution NONE with the network: connections go where they were dialled, and what is outside it does not match.",
    ],
    warnings: [
      ...opening(blocked),
      `It opens all ${sizeOf(network)} addresses of ${network} on ${ports}; ${seen.length} were seen.`,
      "Whoever rents one of them from the provider can be reached as well: an address does not tell its customers apart.",
      "Entries of single addresses may stay beside it: the narrower one wins.",
    ],
  };
  return {
    suggestion: { manifest, yaml: toYaml(manifest), confidence: "low", ...said },
    serves: ({ destination }, { number, protocol }) =>
      destination.protocol === "tcp" && protocol === "TCP" && numbers.includes(number),
  };
}
