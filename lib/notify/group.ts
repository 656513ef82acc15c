/** Findings of one cause → one entry of a message: a rollout that calls 300 places is told once, not 300 times. Pure. */

import type { Finding, Source } from "../model.ts";
import { registrableDomain } from "../words/domain.ts";

/** What the findings of a group share: a registrable domain, a network's name, the very destination, or the way of a burst. */
export interface Cause {
  kind: "domain" | "network" | "place" | "burst";
  text: string;
}

/** One finding or more, in the order of the message; what they share, or `rollout` where the same workloads called several causes. */
export interface Group {
  findings: [Finding, ...Finding[]];
  cause: Cause | "rollout" | null;
}

/** So many workloads that begin to call the same places are a rollout. */
const fewestInRollout = 3;
/** Groups are compared with so many rollouts at most. */
const mostRollouts = 50;

/**
 * The findings in groups of one cause: of one kind, severity and state, let through or blocked alike, to one registrable domain, network
 * or address; and of new destinations those that the same three workloads or more began to call at once (a half of all those who
 * called either). Bursts are one where three workloads or more have one at once, over one protocol and port. A finding with no cause to share is a group of its own. The order is that of each group's first finding.
 * Throws nothing.
 */
export function groups(findings: readonly Finding[]): Group[] {
  const byCause = new Map<string, Group>();
  const keyOf = (one: Finding, { kind, text }: Cause) => JSON.stringify([...sort(one), kind, text]);
  const counts = Map.groupBy(findings, (one) => keyOf(one, burstOf(one)));
  for (const [index, one] of findings.entries()) {
    const isBurst = one.kind === "fan-out" && (counts.get(keyOf(one, burstOf(one)))?.length ?? 0) >= fewestInRollout;
    const cause = isBurst ? burstOf(one) : causeOf(one);
    const key = cause === null ? `alone ${index}` : keyOf(one, cause);
    const same = byCause.get(key);
    if (same === undefined) byCause.set(key, { findings: [one], cause });
    else same.findings.push(one);
  }
  return withRollouts([...byCause.values()]);
}

/** The workloads that a group is about, each once. */
export function sourcesOf(findings: readonly Finding[]): Source[] {
  return [...new Map(findings.map(({ source }) => [sourceKey(source), source])).values()];
}

const sort = ({ kind, severity, state, destination }: Finding): string[] => [
  kind,
  severity,
  state,
  destination.verdict,
];

const sourceKey = ({ cluster, namespace, workload }: Source): string => JSON.stringify([cluster, namespace, workload]);

const burstOf = ({ destination }: Finding): Cause => ({
  kind: "burst",
  text: `${destination.protocol} ${destination.port ?? "any"}`,
});

/** What is about no single destination shares none. */
function causeOf({ kind, destination, names }: Finding): Cause | null {
  if (kind === "fan-out" || kind === "blind") return null;
  const { host, address, claim } = destination;
  if (host !== null) return domainOf(host);
  const name = names.find(({ trust, from }) => trust === "confirmed" && from !== "host" && from !== "sni");
  if (name !== undefined) return domainOf(name.name);
  const network = names.find(({ from }) => from === "range") ?? names.find(({ from }) => from === "asn");
  if (network !== undefined) return { kind: "network", text: network.name };
  const text = address ?? claim;
  return text === null ? null : { kind: "place", text };
}

function domainOf(host: string): Cause {
  const domain = registrableDomain(host);
  return domain === null ? { kind: "place", text: host } : { kind: "domain", text: domain };
}

interface Rollout {
  group: Group;
  sort: string;
  callers: ReadonlySet<string>;
}

function withRollouts(all: readonly Group[]): Group[] {
  const rollouts: Rollout[] = [];
  return all.filter((group) => {
    const [first] = group.findings;
    if (first.kind !== "new-destination" && first.kind !== "new-blocked") return true;
    const callers = new Set(group.findings.map(({ source }) => sourceKey(source)));
    if (callers.size < fewestInRollout) return true;
    const sorted = sort(first).join(" ");
    const same = rollouts.find((one) => one.sort === sorted && alike(one.callers, callers));
    if (same === undefined) {
      if (rollouts.length < mostRollouts) rollouts.push({ group, sort: sorted, callers });
      return true;
    }
    same.group.findings.push(...group.findings);
    same.group.cause = "rollout";
    return false;
  });
}

/** Those in both are at least half of those in either. */
function alike(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  let both = 0;
  for (const caller of one) if (other.has(caller)) both += 1;
  return 2 * both >= one.size + other.size - both;
}
