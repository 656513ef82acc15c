/** Observations and evidence for tests: one call of shop/web to api.example.com, with what a test changes. */
import type { DetectSettings, Evidence } from "../../lib/detect/detector.ts";
import type { Destination, Finding, Observation, Sighting } from "../../lib/model.ts";
import { registrableDomain } from "../../lib/words/domain.ts";
import { Memory } from "../../lib/words/memory.ts";

const minute = 60_000;
/** On a bound of five minutes. */
export const noon = Date.UTC(2026, 10, 22, 12);
export const window = { from: noon - 15 * minute, to: noon };

export const destination = (change: Partial<Destination> = {}): Destination => ({
  verdict: "allowed",
  protocol: "http",
  host: "api.example.com",
  address: null,
  port: 80,
  sni: null,
  claim: null,
  ...change,
});

export const blocked: Partial<Destination> = { verdict: "blocked" };
export const bare = (address: string): Partial<Destination> => ({ protocol: "tcp", host: null, address, port: 443 });

/** Its key is made of what it says, as the real one is. */
export function observation(to: Partial<Destination> = {}, change: Partial<Observation> = {}): Observation {
  const seen = {
    source: { cluster: "prod", namespace: "shop", workload: "web" },
    destination: destination(to),
    addresses: [],
    total: 3,
    count: 3,
    firstSeen: noon - 9 * minute,
    lastSeen: noon - 2 * minute,
    quietSince: null,
    ...change,
  };
  return { key: JSON.stringify([seen.source, seen.destination]), ...seen };
}

export function sighting(one: Observation, change: Partial<Sighting> = {}): Sighting {
  const { key, source, destination: to, firstSeen, lastSeen, total } = one;
  const named = { name: null, namedAt: null };
  return { key, source, destination: to, firstSeen, lastSeen, count: one.count ?? 0, total, ...named, ...change };
}

export const byId = (all: readonly Finding[]): Map<string, Finding> => new Map(all.map((one) => [one.id, one]));

const settings: DetectSettings = { fanOut: 20, spike: { falseAlarmsPerWeek: 1, floor: 5, ratio: 2 } };

/** A run that saw nothing, with what a test adds. */
export const evidence = (change: Partial<Evidence> = {}): Evidence => ({
  cluster: "prod",
  window,
  observations: [],
  memory: new Memory(),
  isFirst: false,
  open: new Map(),
  blind: [],
  blocked: null,
  gaps: [],
  habits: new Map(),
  mismatches: [],
  unchecked: [],
  violations: [],
  bypasses: [],
  domainOf: registrableDomain,
  settings,
  ...change,
});
