/** Findings one by one for a person at a terminal, each with its evidence and its manifest. Pure. */

import { type Finding, isSilenced, type Name, type Suggestion, type Verdict } from "../model.ts";
import { course, meanText } from "../words/chart.ts";
import { ago, clock } from "../words/duration.ts";
import { printable, quoted } from "../words/printable.ts";
import { stateColour, stateText } from "./findings-text.ts";
import type { Screen } from "./screen.ts";
import { wrap } from "./width.ts";

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
  const parts = [by === null ? "" : ` by ${quoted(by)}`, until === null ? "" : ` until ${clock(until)}`];
  return `${verdict}${parts.join("")}${reason === null ? "" : `: ${quoted(reason, 500)}`}`;
}

/** Behind four blanks, which YAML allows for a whole document: copied as it stands it is a manifest, its reasons are comments. */
function manifestText({ why, warnings, confidence, yaml }: Suggestion, { colours, width }: Screen): string {
  const comments = [...why, ...warnings.map((one) => `Mind: ${one}`)];
  const said = comments.flatMap((one) => wrap(one, width === null ? null : width - 6).split("\n"));
  const lines = [...said.map((one) => colours.dim(`# ${one}`)), ...yaml.trimEnd().split("\n")];
  return [`  manifest (confidence ${confidence}):`, ...lines.map((one) => `    ${one}`)].join("\n");
}
