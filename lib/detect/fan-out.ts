/** Many new destinations of one workload at once: a scanner, malware, a crawler. One finding, not thousands. */
import type { Destination, Finding, Observation, Source } from "../model.ts";
import { type Conclusion, type Detector, type Evidence, finding, unseen } from "./detector.ts";
import { findingId, sourceKey } from "./finding-id.ts";

/** Remembered of one source at most; the others of a fan-out are known by its finding alone. */
export const mostRemembered = 1000;
/** A fan-out is over when the source touched nothing new for so long, ms. */
const quietFor = 60 * 60_000;
const sampleSize = 5;
/** Where nothing was learned, what a workload usually calls is new as well. */
const firstRunFactor = 10;

/**
 * `count` of the finding is the calls, `destinations` how many places they went to. It opens once for a workload, swallows what is new
 * of it while it lasts, and resolves after an hour without anything new.
 */
export const fanOut: Detector = {
  kind: "fan-out",
  detect(evidence) {
    const conclusion = { findings: [] as Finding[], opened: [] as Finding[], closed: [] as string[] };
    const taken = new Set<string>();
    const forgotten = new Set<string>();
    const groups = bySource(evidence);
    const touched = new Set<string>();
    const enough = evidence.settings.fanOut * (evidence.isFirst ? firstRunFactor : 1);
    for (const [key, { source, group }] of groups) {
      const id = findingId("fan-out", key);
      const before = evidence.open.get(id);
      const known = evidence.memory.countOf(source);
      if (before === undefined && group.length < enough && known < mostRemembered) continue;
      touched.add(id);
      const now = fannedOut(id, key, group, before, evidence.domainOf);
      conclusion.opened.push(now);
      if (before === undefined) conclusion.findings.push(now);
      for (const one of group) taken.add(one.key);
      // What is remembered and was found again takes no room, and forgotten it would be found again in every run.
      const fresh = group.filter((one) => !evidence.memory.has(one.key));
      for (const one of fresh.slice(Math.max(0, mostRemembered - known))) forgotten.add(one.key);
    }
    for (const one of evidence.open.values()) {
      if (one.kind !== "fan-out" || touched.has(one.id) || evidence.window.to - one.lastSeen < quietFor) continue;
      conclusion.closed.push(one.id);
      conclusion.findings.push({ ...one, state: "resolved" });
    }
    return { ...conclusion, taken, forgotten } satisfies Partial<Conclusion>;
  },
};

function bySource(evidence: Evidence): Map<string, { source: Source; group: Observation[] }> {
  const groups = new Map<string, { source: Source; group: Observation[] }>();
  for (const one of unseen(evidence)) {
    const key = sourceKey(evidence.cluster, one.source);
    const same = groups.get(key);
    if (same === undefined) groups.set(key, { source: one.source, group: [one] });
    else same.group.push(one);
  }
  for (const { group } of groups.values()) group.sort((a, b) => a.firstSeen - b.firstSeen || (a.key < b.key ? -1 : 1));
  return groups;
}

function fannedOut(
  id: string,
  key: string,
  group: readonly Observation[],
  before: Finding | undefined,
  domainOf: Evidence["domainOf"],
): Finding {
  const [first] = group;
  const calls = group.reduce((sum, one) => sum + (one.count ?? 0), before?.count ?? 0);
  const destinations = (before?.destinations ?? 0) + group.length;
  const source = before?.source ?? first?.source ?? { cluster: "", namespace: "", workload: "" };
  const seen = {
    key,
    source,
    destination: before?.destination ?? shared(group.map((one) => one.destination)),
    count: calls,
    firstSeen: before?.firstSeen ?? first?.firstSeen ?? 0,
    lastSeen: group.reduce((latest, one) => Math.max(latest, one.lastSeen), before?.lastSeen ?? 0),
  };
  const many = `${destinations} new destination${destinations === 1 ? "" : "s"}`;
  const words = `${source.namespace}/${source.workload} touched ${many}: ${pattern(group, domainOf)}.`;
  return { ...finding("fan-out", "critical", id, seen), destinations, summary: before?.summary ?? words };
}

/** What all the destinations have in common; null for the rest. */
function shared(all: readonly Destination[]): Destination {
  const [first] = all;
  const same = <T>(read: (one: Destination) => T, otherwise: T): T => {
    const value = first === undefined ? otherwise : read(first);
    return all.every((one) => read(one) === value) ? value : otherwise;
  };
  return {
    verdict: same((one) => one.verdict, "allowed"),
    protocol: same((one) => one.protocol, "tcp"),
    host: null,
    address: null,
    port: same((one) => one.port, null),
    sni: null,
    claim: null,
  };
}

/** Ports, domains and networks it went to, most frequent first, and a sample. */
function pattern(group: readonly Observation[], domainOf: Evidence["domainOf"]): string {
  const all = group.map((one) => one.destination);
  const ports = top(all.map((one) => (one.port === null ? "unknown" : String(one.port))));
  const domains = top(all.flatMap((one) => (one.host === null ? [] : [domainOf(one.host) ?? one.host])));
  const networks = top(all.flatMap((one) => (one.host !== null || one.address === null ? [] : [network(one.address)])));
  const parts = [
    `ports ${ports}`,
    domains === "" ? "" : `domains ${domains}`,
    networks === "" ? "" : `networks ${networks}`,
  ];
  // The same whatever order the server answers in.
  const places = all.map((one) => one.host ?? one.address ?? `"${one.claim ?? "unknown"}"`).sort();
  const sample = places.slice(0, sampleSize);
  return [...parts.filter((part) => part !== ""), `such as ${sample.join(", ")}`].join("; ");
}

function top(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const sorted = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const more = sorted.length > 3 ? ` and ${sorted.length - 3} more` : "";
  return (
    sorted
      .slice(0, 3)
      .map(([value, count]) => `${value} (${count})`)
      .join(", ") + more
  );
}

/** The /24 or /48 an address is in. */
function network(address: string): string {
  return address.includes(":")
    ? `${address.split(":").slice(0, 3).join(":")}::/48`
    : address.replace(/\.\d+$/, ".0/24");
}
