/** Findings for a person at a terminal: a table by owner, then each with its evidence and its manifest. Pure. */
import { placeText } from "../address.ts";
import { course, meanText } from "../chart.ts";
import { age, ago, clock } from "../duration.ts";
import {
  type Finding,
  isSilenced,
  type Name,
  type Severity,
  type Suggestion,
  severities,
  type Verdict,
} from "../model.ts";
import { legible, printable } from "../printable.ts";
import type { Screen } from "./screen.ts";
import { tableRows } from "./table.ts";
import { wrap } from "./width.ts";

const severityColour = { critical: "red", warning: "yellow", info: "cyan" } as const;
const worstFirst = severities.toReversed();

/** `critical`, `resolved`, `silenced`: a word in a colour, never a colour alone. */
export function stateText(one: Finding): string {
  return one.state === "resolved" ? "resolved" : one.severity;
}

export function stateColour(one: Finding, { colours }: Screen): (text: string) => string {
  return one.state === "resolved" ? colours.green : colours[severityColour[one.severity]];
}

/** What is over comes last. */
function weight({ state, severity }: Finding): number {
  return state === "resolved" ? worstFirst.length : worstFirst.indexOf(severity);
}

/** Owners with the worst first, each with the worst of its findings first. */
export function byOwner(findings: readonly Finding[]): [team: string, findings: Finding[]][] {
  const groups = [...Map.groupBy(findings, ({ owner }) => owner.team)].map(([team, all]): [string, Finding[]] => [
    team,
    all.toSorted((a, b) => weight(a) - weight(b)),
  ]);
  return groups.sort(([, [a]], [, [b]]) => (a === undefined || b === undefined ? 0 : weight(a) - weight(b)));
}

/** Enough of a host to tell whose it is. */
const least = { WORKLOAD: 16, DESTINATION: 24 };
const heads = ["SEVERITY", "FINDING", "WORKLOAD", "DESTINATION", "COUNT", "AGE", "NAME"];

/** One line for each finding, those of an owner under its name. `now` (ms) tells how long ago they were seen first. */
export function findingTable(groups: ReturnType<typeof byOwner>, on: Screen, now: number): string {
  const all = groups.flatMap(([, findings]) => findings);
  // What has no room is told with each finding.
  const fit = {
    ...{ dots: on.dots, width: on.width === null ? null : on.width - 2 },
    ...{ whole: ["SEVERITY", "FINDING", "AGE"], extra: ["NAME"], leave: ["AGE", "FINDING", "COUNT"] },
    least,
  };
  const [head = "", ...lines] = tableRows([heads, ...all.map((one) => cells(one, now))], paint(all, on), fit);
  const indented = (text: string) => text.replaceAll(/^/gm, "  ");
  const sections = groups.map(([team, findings]) => {
    const rows = lines.splice(0, findings.length).map(indented);
    return [`${on.colours.bold(legible(team))}: ${countsText(findings)}`, ...rows].join("\n");
  });
  return [indented(head), ...sections].join("\n");
}

const paint =
  (all: readonly Finding[], on: Screen) =>
  (text: string, column: number, row: number): string => {
    const one = all[row - 1];
    if (one === undefined) return on.colours.bold(text);
    if (column === -1) return on.colours.dim(text);
    return column === 0 ? stateColour(one, on)(text) : text;
  };

export function cells(one: Finding, now: number): string[] {
  const { kind, source, count, firstSeen, names } = one;
  return [
    stateText(one),
    kind,
    kind === "blind" ? "-" : `${source.namespace}/${source.workload}`,
    destinationText(one),
    String(count),
    age(Math.max(0, now - firstSeen)),
    nameText(names),
  ];
}

/** `2 critical, 1 info`. */
export function countsText(findings: readonly Finding[]): string {
  const open = findings.filter(({ state }) => state === "open");
  const of = (severity: Severity) => open.filter((one) => one.severity === severity).length;
  const counts: (readonly [number, string])[] = [
    ...worstFirst.map((severity) => [of(severity), severity] as const),
    [findings.length - open.length, "resolved"],
  ];
  return counts.flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`])).join(", ");
}

function destinationText({ kind, destination, destinations }: Finding): string {
  if (kind === "blind") return "-";
  if (destinations !== null) return `${destinations} destinations`;
  return `${placeText(destination)} ${destination.protocol}`;
}

const nameText = ([best]: readonly Name[]) => (best === undefined ? "-" : `${best.name} (${best.trust})`);

/** Each finding's sentence with its id, when it was seen, how a spike went, and its manifest or why there is none. */
export function details(findings: readonly Finding[], on: Screen, now: number): string[] {
  const printed = new Map<string, string>();
  return findings.map((one) => {
    const { colours } = on;
    const [first] = one.suggestions;
    const before = first === undefined ? undefined : printed.get(first.yaml);
    if (first !== undefined) printed.set(first.yaml, one.id);
    const id = `[${one.id}]`;
    const lines = [
      painted(`- ${one.summary} ${id}`, id, colours.dim, on),
      painted(`  ${stateText(one)}: ${one.kind}, ${seen(one, now)}`, stateText(one), stateColour(one, on), on),
      ...(one.names.length === 0 ? [] : [wrap(`  names: ${one.names.slice(0, 3).map(named).join(", ")}`, on.width, 4)]),
      ...spikeLine(one, on).map((line) => wrap(line, on.width, 4)),
      ...(one.verdict === undefined
        ? []
        : [wrap(`  ${isSilenced(one) ? "silenced" : "verdict"}: ${decided(one.verdict)}`, on.width, 4)]),
      ...(one.noSuggestion === null
        ? []
        : [painted(`  no manifest: ${one.noSuggestion}`, "no manifest:", colours.yellow, on)]),
      ...(before === undefined ? [] : [`  manifest: that of [${before}]`]),
      ...(before !== undefined || first === undefined ? [] : [manifestText(first, on)]),
    ];
    return lines.join("\n");
  });
}

/** Wrapped first: escapes take no room. */
function painted(text: string, part: string, paint: (text: string) => string, { width }: Screen): string {
  return wrap(text, width, text.startsWith("-") ? 2 : 4).replace(part, () => paint(part));
}

const named = ({ name, trust }: Name) => `${name} (${trust})`;

function seen({ firstSeen, lastSeen }: Finding, now: number): string {
  const at = (time: number) => {
    const back = ago(time, now);
    return `${clock(time)}${back === "" ? "" : ` (${back})`}`;
  };
  return firstSeen === lastSeen ? `seen ${at(firstSeen)}` : `first seen ${at(firstSeen)}, last ${at(lastSeen)}`;
}

function spikeLine({ recent, expected, kind }: Finding, { chart }: Screen): string[] {
  if (expected === null || kind === "blind") return [];
  const how = course([recent], chart).trim();
  const usual = `about ${meanText(expected.mean)} expected (history: ${printable(expected.basis, 60).slice(1, -1)})`;
  return [`  ${how === "" ? "expected:" : `${how.charAt(0).toLowerCase()}${how.slice(1)},`} ${usual}`];
}

function decided({ verdict, by, until, reason }: Verdict): string {
  const parts = [by === null ? "" : ` by ${printable(by)}`, until === null ? "" : ` until ${clock(until)}`];
  return `${verdict}${parts.join("")}${reason === null ? "" : `: ${printable(reason)}`}`;
}

/** Behind four blanks, which YAML allows for a whole document: copied as it stands it is a manifest, its reasons are comments. */
function manifestText({ why, warnings, confidence, yaml }: Suggestion, { colours, width }: Screen): string {
  const comments = [...why, ...warnings.map((one) => `Mind: ${one}`)];
  const said = comments.flatMap((one) => wrap(one, width === null ? null : width - 6).split("\n"));
  const lines = [...said.map((one) => colours.dim(`# ${one}`)), ...yaml.trimEnd().split("\n")];
  return [`  manifest (confidence ${confidence}):`, ...lines.map((one) => `    ${one}`)].join("\n");
}
