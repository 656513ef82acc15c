/** Findings as alerts of Alertmanager's API v2. Pure. */
import * as z from "zod";
import type { Destination, Finding, FindingKind, Message } from "../model.ts";
import { facts } from "./facts.ts";
import { title } from "./headline.ts";
import { firstSuggestion, wholeYaml } from "./manifest.ts";
import { oneLine } from "./one-line.ts";

/** As the API takes it (api/v2/openapi.yaml of Alertmanager: postableAlert); times are RFC 3339. */
export const alertShape = z.object({
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  startsAt: z.string(),
  endsAt: z.string(),
  generatorURL: z.string().optional(),
});
export type Alert = z.infer<typeof alertShape>;

const names: Record<FindingKind, string> = {
  "new-destination": "EgressNewDestination",
  "new-blocked": "EgressNewBlocked",
  "blocked-spike": "EgressBlockedSpike",
  "fan-out": "EgressFanOut",
  "name-mismatch": "EgressNameMismatch",
  "policy-violation": "EgressPolicyViolation",
  "entry-bypassed": "EgressEntryBypassed",
  blind: "EgressBlind",
};

/** Alertmanager sets no limits; what routes, groups and shows alerts does. In characters. */
const labelLength = 1_024;
const manifestLength = 8_192;
const elsewhere = "the full manifest is in the scan's output (--format json)";

export interface AlertTimes {
  /** When the alert is posted, ms. */
  now: number;
  /** For how long an alert fires that is not posted again, ms. */
  firing: number;
}

/**
 * The alert of one finding. Its labels are what it is known by: those of the contract, and the finding's id, so that two findings are
 * never one alert. It starts when the finding was first seen; it ends when the finding was resolved, or else `firing` from now.
 * @param link where the finding can be looked at, or null
 */
export function alertOf(finding: Finding, message: Message, times: AlertTimes, link: string | null): Alert {
  const begun = Math.min(finding.firstSeen, times.now);
  const isOver = message.reason === "resolved" || finding.state === "resolved";
  const end = isOver ? Math.max(begun, Math.min(message.at, times.now)) : times.now + times.firing;
  return {
    labels: labelsOf(finding),
    annotations: annotationsOf(finding, message),
    startsAt: rfc3339(begun),
    endsAt: rfc3339(end),
    ...(link === null ? {} : { generatorURL: link }),
  };
}

/** An alert as it was, with another end (ms), which is never before its start. */
export const endingAt = (alert: Alert, end: number): Alert => ({
  ...alert,
  endsAt: rfc3339(Math.max(Date.parse(alert.startsAt), end)),
});

/** Known by the same labels? */
export const isSame = (one: Alert, other: Alert): boolean =>
  Object.keys({ ...one.labels, ...other.labels }).every((name) => one.labels[name] === other.labels[name]);

function labelsOf({ id, kind, severity, owner, source, destination }: Finding): Record<string, string> {
  const all: [name: string, value: string][] = [
    ["alertname", names[kind]],
    ["kind", kind],
    ["severity", severity],
    ["team", owner.team],
    ["cluster", source.cluster],
    ["namespace", source.namespace],
    ["workload", source.workload],
    ["destination", placeOf(destination)],
    ["finding", id],
  ];
  // Alertmanager takes an empty label for none.
  return Object.fromEntries(all.map(([name, value]) => [name, labelValue(value)]).filter(([, value]) => value !== ""));
}

function placeOf({ host, address, sni, claim, port }: Destination): string {
  const place = host ?? address ?? sni ?? claim ?? "";
  if (port === null || place === "") return place;
  return place.includes(":") ? `[${place}]:${port}` : `${place}:${port}`;
}

/**
 * Any text as a label's value: routes compare it and templates print it as it is, so letters of any script stay, and what nobody sees
 * (control and format characters, half characters) or what Slack and HTML take for more than text is written as a JSON escape.
 */
function labelValue(text: string): string {
  let out = "";
  for (const character of text.trim()) {
    const piece = /[\p{C}\p{Zl}\p{Zp}<>&`]/u.test(character) ? escaped(character) : character;
    if (out.length + piece.length > labelLength) return out;
    out += piece;
  }
  return out;
}

const escaped = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
  ).join("");

function annotationsOf(finding: Finding, message: Message): Record<string, string> {
  const suggestion = firstSuggestion(finding, message);
  const yaml = suggestion === null ? null : wholeYaml(suggestion);
  const fits = yaml !== null && yaml.length <= manifestLength;
  const reasons = [
    ...(suggestion === null && finding.noSuggestion !== null && finding.state === "open"
      ? [`No manifest: ${oneLine(finding.noSuggestion, 600)}`]
      : []),
    ...(suggestion === null ? [] : [`Confidence of the manifest: ${suggestion.confidence}`]),
    ...(suggestion?.warnings ?? []).slice(0, 5).map((warning) => `Mind: ${oneLine(warning, 300)}`),
    ...(suggestion === null || fits
      ? []
      : [`The manifest is too long to show here: ${elsewhere}, finding ${oneLine(finding.id, 80)}.`]),
  ];
  const known = facts(finding, oneLine).map(({ label, text }) => `${label}: ${text.replaceAll("\n", "; ")}`);
  return {
    summary: oneLine(finding.summary, 600) || title(finding),
    description: [title(finding), ...known, ...reasons].join("\n"),
    ...(fits ? { manifest: yaml } : {}),
    ...(message.note === undefined ? {} : { note: oneLine(message.note, 400) }),
    message: message.id,
  };
}

/** A time that is none must not cost the alert. */
const rfc3339 = (time: number): string => new Date(Math.abs(time) <= 8.64e15 ? time : 0).toISOString();
