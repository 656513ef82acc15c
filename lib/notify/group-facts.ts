/** What is known about several findings of one cause, as short lines for a person with two minutes. Pure; every channel shares it. */

import type { Destination, Finding, FindingKind, Trust } from "../model.ts";
import { type Chart, course, meanText } from "../words/chart.ts";
import { grouped } from "../words/grouped.ts";
import { type Fact, facts, passage, protocols, trusts } from "./facts.ts";
import { type Cause, type Group, sourcesOf } from "./group.ts";
import { type Mark, time, title } from "./headline.ts";

const shown = 3;
const nameLength = 253;

const done: Record<FindingKind, readonly [before: string, after: string]> = {
  "new-destination": ["reached", "for the first time"],
  "new-blocked": ["tried to reach", "for the first time"],
  "blocked-spike": ["had calls to", "blocked far more often than usual"],
  "fan-out": ["", ""],
  "name-mismatch": ["called", "by a name that does not resolve to the address"],
  "policy-violation": ["called", ", which a policy forbids"],
  "entry-bypassed": ["called", "past their ServiceEntries"],
  blind: ["", ""],
};

/** `New destinations (warning)`, or of a single finding `New destination (warning)`. */
export const groupTitle = ({ findings }: Group): string => title(findings[0], findings.length);

/** What happened, in a sentence; a single finding's own. */
export function groupSummary({ findings, cause }: Group, mark: Mark): string {
  const [first, ...others] = findings;
  if (others.length === 0) return first.summary;
  const sources = sourcesOf(findings);
  if (first.kind === "fan-out") return burst(findings, sources.length);
  const places = [...new Set(findings.map(placeOf))];
  const [before, after] = done[first.kind];
  const who = sources.length === 1 ? callerOf(first, mark) : `${sources.length} workloads`;
  const where = places.length === 1 ? mark(places[0] ?? "", nameLength) : several(places.length, cause, mark);
  const once = cause === "rollout" ? ", within one run" : "";
  const said = [who, before, where, after]
    .filter((part) => part !== "")
    .join(" ")
    .replaceAll(" ,", ",");
  const over = first.state === "resolved" ? "Over: " : "";
  return `${over}${said}${once}: ${total(findings)}, ${passage(first.destination)}.`;
}

/** As `facts`, about all of them together; of one finding, its facts. At most 6, each under 2,000 characters. */
export function groupFacts({ findings }: Group, mark: Mark, chart?: Chart): Fact[] {
  const [first, ...others] = findings;
  if (others.length === 0) return facts(first, mark, chart);
  const sources = sourcesOf(findings);
  const clusters = [...new Set(sources.map(({ cluster }) => cluster))].filter((one) => one !== "");
  const callers = sources.map(({ namespace, workload }) =>
    [namespace, workload].filter((part) => part !== "").join("/"),
  );
  const within = clusters.length === 0 ? "" : ` in ${listed(clusters, (one) => `cluster ${mark(one, 120)}`)}`;
  const places = [...new Set(findings.map(placeOf))].filter((one) => one !== "");
  const where = places.length === 0 ? [] : [listed(places, (one) => mark(one, nameLength))];
  const kinds = [...new Set(findings.map(({ destination }) => protocols[destination.protocol]))].sort().join(" and ");
  const about: [string, string][] = [
    ["Who", `${listed([...new Set(callers)], (one) => mark(one, 320))}${within}`],
    ["Where to", [...where, kinds, passage(first.destination)].join(", ")],
    ...(first.kind === "fan-out" ? [] : [["How sure", howSure(findings)] as [string, string]]),
    ["How often", `${total(findings)} in all${expected(findings, chart)}`],
    ["Since", since(findings)],
    ["Findings", listed([...new Set(findings.map(({ id }) => id))], (id) => mark(id, 80))],
  ];
  return about.map(([label, text]) => ({ label, text }));
}

/** The first one's own words say what kind of destinations they are. */
function burst(findings: Group["findings"], workloads: number): string {
  const [first] = findings;
  const all = findings.reduce((sum, { destinations }) => sum + (destinations ?? 0), 0);
  const over = first.state === "resolved" ? "Over: " : "";
  const what = `${workloads} workloads touched ${grouped(all)} new destinations within one run`;
  return `${over}${what}: ${total(findings)}. The first: ${first.summary}`;
}

function several(count: number, cause: Cause | "rollout" | null, mark: Mark): string {
  if (cause === null || cause === "rollout") return `${count} destinations`;
  if (cause.kind === "network") return `${count} addresses of ${mark(cause.text, nameLength)}`;
  return `${count} destinations of ${mark(cause.text, nameLength)}`;
}

function callerOf({ source }: Finding, mark: Mark): string {
  return mark([source.namespace, source.workload].filter((part) => part !== "").join("/"), 320);
}

function placeOf({ destination }: Finding): string {
  const { host, address, sni, claim, port } = destination;
  const name = host ?? (address?.includes(":") && port !== null ? `[${address}]` : address) ?? sni ?? claim;
  return name === null ? "" : `${name}${port === null ? "" : `:${port}`}`;
}

/** The first few, and how many more there are. */
function listed(all: readonly string[], say: (one: string) => string): string {
  const more = all.length - shown;
  const first = all.slice(0, shown).map(say).join(", ");
  return more > 0 ? `${first} and ${grouped(more)} more` : first;
}

function total(findings: readonly Finding[]): string {
  const calls = findings.reduce((sum, { count }) => sum + count, 0);
  const isHttp = ({ protocol }: Destination) => protocol === "http" || protocol === "grpc";
  const units = new Set(findings.map(({ destination }) => (isHttp(destination) ? "request" : "connection")));
  const unit = units.size === 1 ? [...units][0] : "call";
  return `${grouped(calls)} ${unit}${calls === 1 ? "" : "s"}`;
}

/** What the histories explain of it, together; empty where they are not known of all. */
function expected(findings: readonly Finding[], chart?: Chart): string {
  const means = findings.map((one) => one.expected?.mean ?? Number.NaN);
  const mean = means.reduce((sum, one) => sum + one, 0);
  return Number.isNaN(mean)
    ? ""
    : `, about ${meanText(mean)} expected when they began${course(
        findings.map(({ recent }) => recent),
        chart,
      )}`;
}

/** How many of the destinations have a name trusted so far, the best trusted first. */
function howSure(findings: readonly Finding[]): string {
  const ranks = Object.keys(trusts) as Trust[];
  const best = new Map<string, number>();
  for (const one of findings) {
    const rank = one.names[0] === undefined ? ranks.length : ranks.indexOf(one.names[0].trust);
    const place = placeOf(one);
    best.set(place, Math.min(best.get(place) ?? rank, rank));
  }
  const counts = Map.groupBy(best.values(), (rank) => rank);
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([rank, { length }]) => {
      const trust = ranks[rank];
      return `${grouped(length)} ${trust === undefined ? "without a name" : trusts[trust]}`;
    })
    .join("\n");
}

function since(findings: readonly Finding[]): string {
  const firsts = findings.map(({ firstSeen }) => firstSeen);
  const lasts = findings.map(({ lastSeen }) => lastSeen);
  const first = time(firsts.reduce((a, b) => Math.min(a, b)));
  const last = time(lasts.reduce((a, b) => Math.max(a, b)));
  return first === last ? first : `${first}, last ${last}`;
}
