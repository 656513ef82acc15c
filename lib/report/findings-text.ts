/** Findings for a person at a terminal: a table by owner. Pure. */

import { type Finding, type Name, type Severity, severities } from "../model.ts";
import { placeText } from "../words/address.ts";
import { age } from "../words/duration.ts";
import { legible } from "../words/printable.ts";
import type { Screen } from "./screen.ts";
import { tableRows } from "./table.ts";

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
export const least = { WORKLOAD: 16, DESTINATION: 24 };
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
