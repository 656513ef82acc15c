/** From findings to messages, and from messages to channels. Pure: the same findings give the same messages in any order. */
import { createHash } from "node:crypto";
import type { Finding, FindingKind, Message, Reason, Severity } from "../model.ts";
import { globMatches } from "../words/glob.ts";

/** A rule of `routes` in the config. What is not in `match` matches all; a value may hold `*` and `?`. */
export interface Route {
  match: {
    severity?: string | undefined;
    kind?: string | undefined;
    namespace?: string | undefined;
    cluster?: string | undefined;
    team?: string | undefined;
  };
  channels: readonly string[];
}

/** What tells one telling of a finding from another for the same reason: when its episode began, unless said otherwise. */
export type Occasion = (finding: Finding) => readonly number[];
const episode: Occasion = ({ firstSeen }) => [firstSeen];

/** A message and the channel it goes to. */
export interface Addressed {
  channel: string;
  message: Message;
}

const severityRank: Record<Severity, number> = { critical: 0, warning: 1, info: 2 };
const kindRank: Record<FindingKind, number> = {
  "policy-violation": 0,
  "name-mismatch": 1,
  "fan-out": 2,
  "blocked-spike": 3,
  "new-blocked": 4,
  "new-destination": 5,
  "entry-bypassed": 6,
  blind: 7,
};

/**
 * One message for each team among the findings: the most severe finding first, then by kind, source and destination; the
 * messages by team. `at` is the run's end. The id is made of cluster, team, reason, finding ids and occasions, so a run that is
 * repeated after a crash sends the same ids. No findings, no messages. Throws nothing.
 */
export function compose(
  findings: readonly Finding[],
  cluster: string,
  at: number,
  reason: Reason,
  occasion: Occasion = episode,
): Message[] {
  const teams = [...new Set(findings.map((finding) => finding.owner.team))].sort((a, b) => compare([a], [b]));
  const sorted = [...findings].sort((a, b) => compare(weight(a), weight(b)));
  return teams.map((team) => {
    const own = sorted.filter((finding) => finding.owner.team === team);
    return { id: messageId({ cluster, team, reason }, own, occasion), cluster, team, reason, at, findings: own };
  });
}

/**
 * Where each message goes: to the owners' channels, and to those of the first route that matches, finding by finding. A channel
 * gets one message with just its findings, in the message's order, and under an id of its own where those are not all of them.
 * Sorted by message, then channel. A finding without any channel goes nowhere. Throws nothing.
 */
export function address(
  messages: readonly Message[],
  routes: readonly Route[] = [],
  occasion: Occasion = episode,
): Addressed[] {
  const matchers = routes.map((route) => ({ channels: route.channels, matches: matcher(route) }));
  return messages.flatMap((message) => {
    const mail = new Map<string, Finding[]>();
    for (const finding of message.findings) {
      const extra = matchers.find((route) => route.matches(finding))?.channels ?? [];
      for (const channel of new Set([...finding.owner.channels, ...extra])) {
        const own = mail.get(channel);
        if (own === undefined) mail.set(channel, [finding]);
        else own.push(finding);
      }
    }
    return [...mail]
      .sort(([a], [b]) => compare([a], [b]))
      .map(([channel, findings]) => ({ channel, message: withOnly(message, findings, occasion) }));
  });
}

function withOnly(message: Message, findings: Finding[], occasion: Occasion): Message {
  if (findings.length === message.findings.length) return message;
  return { ...message, id: messageId(message, findings, occasion), findings };
}

/** A message with only some of its findings, under an id that tells which; all of them are the message itself. */
export function part(message: Message, findings: Finding[]): Message {
  if (findings.length === message.findings.length) return message;
  return { ...message, id: idOf([message.id, ...findings.map(({ id }) => id).sort()]), findings };
}

function matcher(route: Route): (finding: Finding) => boolean {
  const { match } = route;
  const asked: [string | undefined, (finding: Finding) => string][] = [
    [match.severity, (finding) => finding.severity],
    [match.kind, (finding) => finding.kind],
    [match.namespace, (finding) => finding.source.namespace],
    [match.cluster, (finding) => finding.source.cluster],
    [match.team, (finding) => finding.owner.team],
  ];
  const tests = asked.flatMap(([pattern, value]) => {
    if (pattern === undefined) return [];
    return [(finding: Finding) => globMatches(pattern, value(finding))];
  });
  return (finding) => tests.every((test) => test(finding));
}

/** As JSON, so that no two different lists can be written alike. */
function messageId(
  { cluster, team, reason }: Pick<Message, "cluster" | "team" | "reason">,
  findings: readonly Finding[],
  occasion: Occasion,
): string {
  const causes = findings.map((finding) => JSON.stringify([finding.id, ...occasion(finding)])).sort();
  return idOf([cluster, team, reason, causes]);
}

function idOf(of: readonly unknown[]): string {
  const digest = createHash("sha256").update(JSON.stringify(of)).digest("hex");
  return `msg-${digest.slice(0, 16)}`;
}

function weight({ severity, kind, source, destination, id }: Finding): (string | number)[] {
  const to = [destination.host ?? destination.address ?? destination.claim ?? "", destination.port ?? 0];
  const rest = [destination.protocol, destination.verdict, destination.sni ?? "", id];
  const from = [source.cluster, source.namespace, source.workload];
  return [severityRank[severity], kindRank[kind], ...from, ...to, ...rest];
}

/** By code unit, not by locale: the order has to be the same on every machine. */
function compare(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index] ?? "";
    if (left < right) return -1;
    if (left > right) return 1;
  }
  return 0;
}
