/** Findings and sightings for tests: one call of `payments/checkout` to `api.example.com:443` over TLS, with what a test changes. */
import type { Destination, Finding, Manifest, Name, Sighting, Source, Suggestion } from "../../lib/model.ts";
import { type SuggestSettings, suggest } from "../../lib/suggest/suggest.ts";
import { Memory } from "../../lib/words/memory.ts";

const noon = Date.UTC(2026, 10, 22, 12);

export const source = (change: Partial<Source> = {}): Source => ({
  cluster: "prod",
  namespace: "payments",
  workload: "checkout",
  ...change,
});

const nowhere: Destination = {
  verdict: "allowed",
  protocol: "tcp",
  host: null,
  address: null,
  port: null,
  sni: null,
  claim: null,
};

export const tls = (host: string, port: number | null = 443, change: Partial<Destination> = {}): Destination => ({
  ...nowhere,
  protocol: "tls",
  host,
  sni: host,
  port,
  ...change,
});
export const http = (host: string, port: number | null = 80, change: Partial<Destination> = {}): Destination => ({
  ...nowhere,
  protocol: "http",
  host,
  port,
  ...change,
});
export const grpc = (host: string, port: number | null = 50051): Destination => http(host, port, { protocol: "grpc" });
export const tcp = (
  address: string | null,
  port: number | null = 5432,
  change: Partial<Destination> = {},
): Destination => ({ ...nowhere, address, port, ...change });
/** A Host that is an address. */
export const literal = (address: string, port: number | null = 8080): Destination => ({
  ...nowhere,
  protocol: "http",
  address,
  port,
});

export const name = (text: string, from: Name["from"], trust: Name["trust"]): Name => ({
  name: text,
  from,
  trust,
  why: "said so",
});

const keyOf = (from: Source, destination: Destination): string => JSON.stringify([from, destination]);

export function finding(destination: Destination, change: Partial<Finding> = {}): Finding {
  const from = change.source ?? source();
  return {
    id: "f",
    key: keyOf(from, destination),
    kind: destination.verdict === "blocked" ? "new-blocked" : "new-destination",
    state: "open",
    severity: "info",
    source: from,
    destination,
    addresses: destination.address === null ? [] : [destination.address],
    count: 12,
    destinations: null,
    expected: null,
    firstSeen: noon,
    lastSeen: noon,
    names: [],
    owner: { team: "payments", from: "default", channels: [] },
    summary: "",
    noSuggestion: null,
    suggestions: [],
    ...change,
  };
}

export function sighting(destination: Destination, change: Partial<Sighting> = {}): Sighting {
  const from = change.source ?? source();
  const key = keyOf(from, destination);
  return {
    key,
    source: from,
    destination,
    firstSeen: noon - 86_400_000,
    lastSeen: noon,
    count: 3,
    total: 3,
    name: null,
    namedAt: null,
    ...change,
  };
}

/** Everything at once: the findings as they come back. */
export function suggestAll(
  findings: readonly Finding[],
  sightings: readonly Sighting[] = [],
  settings: SuggestSettings = {},
): Finding[] {
  return suggest(findings, { memory: new Memory(sightings), settings });
}

/** A suggestion of one object. */
export type Single = Suggestion & { manifest: Manifest };

/** One finding's suggestion; fails with the reason where there is none. */
export function onlyOne(one: Finding | undefined): Single {
  const suggestion = one?.suggestions[0];
  if (suggestion === undefined) throw new Error(one?.noSuggestion ?? "no finding");
  return { ...suggestion, manifest: entryOf(suggestion.manifest) };
}

export const suggestOne = (one: Finding, sightings: readonly Sighting[] = [], settings: SuggestSettings = {}): Single =>
  onlyOne(suggestAll([one], sightings, settings)[0]);

export const reason = (one: Finding, sightings: readonly Sighting[] = []): string | null =>
  suggestAll([one], sightings)[0]?.noSuggestion ?? null;

interface Spec {
  hosts: string[];
  addresses?: string[];
  ports: { number: number; name: string; protocol?: string }[];
  resolution: string;
  [key: string]: unknown;
}

type Written = Suggestion["manifest"];

/** The objects of a manifest, in their order. */
export const objects = (manifest: Written): Manifest[] => ("items" in manifest ? manifest.items : [manifest]);

/** Its ServiceEntry. */
export function entryOf(manifest: Written): Manifest {
  const entry = objects(manifest).find(({ kind }) => kind === "ServiceEntry");
  if (entry === undefined) throw new Error("no ServiceEntry");
  return entry;
}

/** A ServiceEntry's spec with its types, as the tests read it. */
export const spec = (manifest: Written): Spec => entryOf(manifest).spec as Spec;
export const ports = (manifest: Written): string[] =>
  spec(manifest).ports.map((port) => `${port.number} ${port.name} ${port.protocol ?? "-"}`);
