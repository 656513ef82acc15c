/** The words around findings that every channel shares. Pure. */
import { type Finding, type FindingKind, type Message, type Reason, type Severity, severities } from "../model.ts";
import { oneLine } from "./one-line.ts";

/** How a channel writes text it did not choose: a code span in Slack, as it is in plain text. */
export type Mark = (text: string, most: number) => string;

const kinds: Record<FindingKind, readonly [one: string, many: string]> = {
  "new-destination": ["new destination", "new destinations"],
  "new-blocked": ["new blocked destination", "new blocked destinations"],
  "blocked-spike": ["spike of blocked calls", "spikes of blocked calls"],
  "fan-out": ["burst of new destinations", "bursts of new destinations"],
  "name-mismatch": ["name that does not fit its address", "names that do not fit their address"],
  "policy-violation": ["policy violation", "policy violations"],
  "entry-bypassed": ["call past its ServiceEntry", "calls past their ServiceEntries"],
  blind: ["blind spot", "blind spots"],
};
const reasons: Record<Reason, string> = {
  first: "",
  changed: "Changed: ",
  repeat: "Still open: ",
  resolved: "Resolved: ",
  digest: "Digest, still open: ",
};
const worstFirst = severities.toReversed();

/** `New destination (warning)`: what kind of finding it is; `New destinations (warning)` for several of the kind. */
export function title(finding: Finding, count = 1): string {
  const [one, many] = kinds[finding.kind];
  const words = count === 1 ? one : many;
  return `${words.charAt(0).toUpperCase()}${words.slice(1)} (${finding.severity})`;
}

/** `3 new destinations for payments in prod-eu`. At most 145 characters beyond what `mark` adds around a text. */
export function headline(message: Message, mark: Mark): string {
  const count = message.findings.length;
  const [only, ...others] = new Set(message.findings.map((finding) => finding.kind));
  const words = only === undefined || others.length > 0 ? (["finding", "findings"] as const) : kinds[only];
  const what = `${reasons[message.reason]}${count} ${count === 1 ? words[0] : words[1]}`;
  return `${what} for ${mark(message.team, 40)} in ${mark(message.cluster, 40)}`;
}

/** The severity of the weightiest finding; `info` where there is none. */
export function worst(findings: readonly Finding[]): Severity {
  return worstFirst.find((severity) => findings.some((finding) => finding.severity === severity)) ?? "info";
}

/** How many findings are left out, or null where none is. Never longer for a part of the findings than for all of them. */
export function notShown(left: readonly Finding[]): string | null {
  if (left.length === 0) return null;
  const counts = worstFirst
    .map((severity) => [left.filter((finding) => finding.severity === severity).length, severity] as const)
    .filter(([count]) => count > 0)
    .map(([count, severity]) => `${count} ${severity}`);
  const more = `${left.length} more ${left.length === 1 ? "finding is" : "findings are"}`;
  return `${more} not shown here (${counts.join(", ")}). The scan's output has them all.`;
}

/** Where the message is from, and why it comes here where that is odd: told twice, a person sees that it is the same one. */
export function footer(message: Message): string {
  const note = message.note === undefined ? "" : `${oneLine(message.note, 400)} `;
  return `${note}egress-scout, ${time(message.at)}, ${message.id}`;
}

/** `2026-11-22 10:04 UTC`; a time that is none must not cost the message. */
export function time(at: number): string {
  if (!(Math.abs(at) <= 8.64e15)) return "at an unknown time";
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
