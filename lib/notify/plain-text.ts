/** A message as plain text: for e-mail through SNS, and for the terminal. Pure. */
import type { Finding, Message, Suggestion } from "../model.ts";
import { type Group, groups } from "./group.ts";
import { groupFacts, groupSummary, groupTitle } from "./group-facts.ts";
import { footer, headline, notShown } from "./headline.ts";
import { elsewhere, offers, reasonsForNone, shortest, wholeYaml } from "./manifest.ts";
import { oneLine } from "./one-line.ts";
import { takeWhole } from "./take-whole.ts";

/** Around a manifest: what is between these lines is ready for `kubectl apply -f`. */
export const manifestBegins = "----- begin manifest -----";
export const manifestEnds = "----- end manifest -----";

/** So many manifests of one cause are shown. */
const mostManifests = 20;

/**
 * The message as text of at most `most` bytes of UTF-8, 1,024 or more, ending in a newline. Findings that do not fit are left
 * out whole, from the end, and counted in a line; a manifest that does not fit gives way to a line that says where it is.
 * ASCII but for what a manifest holds. Throws nothing.
 */
export function plainText(message: Message, most = Number.POSITIVE_INFINITY): string {
  const head = `${headline(message, oneLine)}\n\n`;
  const tail = (left: readonly Finding[]) =>
    [notShown(left), footer(message)].filter((line) => line !== null).join("\n");
  const room = most - bytes(head) - bytes(`${tail(message.findings)}\n`);
  const all = groups(message.findings);
  const shown = takeWhole(
    all,
    (group, index) => forms(group, message, index + 1),
    (piece) => [bytes(piece)],
    [room],
  );
  const left = all.slice(shown.length).flatMap(({ findings }) => findings);
  return `${head}${shown.join("")}${tail(left)}\n`;
}

function bytes(text: string): number {
  return Buffer.byteLength(text, "utf8");
}

/** A group with all of its manifests, with fewer of them, and without. */
function forms(group: Group, message: Message, number: number): string[] {
  const { findings } = group;
  const about = `${number}. ${groupTitle(group)}\n${indented(description(group))}\n`;
  const all = offers(findings, message);
  const none = reasonsForNone(findings)
    .slice(0, 3)
    .map(([why, count]) => noManifest(why, count, findings.length));
  if (all.length === 0) return [`${about}${indented(none)}\n`];
  const ready = all.filter(({ suggestion }) => wholeYaml(suggestion) !== null).slice(0, mostManifests);
  return [...Array(ready.length + 1).keys()].reverse().map((count) => {
    const shown = shortest(ready, count);
    const left = all.filter((one) => !shown.includes(one));
    const where = elsewhere(left, all, (id) => oneLine(id, 80));
    const why = count === 0 ? reasons(all[0]?.suggestion) : [];
    const remarks = [...why, ...(where === null ? [] : [where]), ...none];
    return `${about}${shown.map(({ suggestion }) => applicable(suggestion)).join("")}${indented(remarks)}\n`;
  });
}

/** Reasons, and the YAML between its two lines. */
function applicable(suggestion: Suggestion): string {
  const ready = `Ready to apply (confidence ${suggestion.confidence}): save it as FILE, then kubectl apply -f FILE`;
  return `${indented([ready, ...reasons(suggestion)])}${manifestBegins}\n${wholeYaml(suggestion)}${manifestEnds}\n`;
}

function reasons(suggestion: Suggestion | undefined): string[] {
  const { why = [], warnings = [] } = suggestion ?? {};
  return [
    ...why.slice(0, 5).map((one) => `Why: ${oneLine(one, 300)}`),
    ...warnings.slice(0, 5).map((one) => `Mind: ${oneLine(one, 300)}`),
  ];
}

function noManifest(why: string, count: number, ofAll: number): string {
  return `No manifest${ofAll === 1 ? "" : ` for ${count}`}: ${oneLine(why, 600)}`;
}

function description(group: Group): string[] {
  const lines = groupFacts(group, oneLine).flatMap(({ label, text }) =>
    text.split("\n").map((line, index) => `${(index === 0 ? label : "").padEnd(12)}${line}`),
  );
  return [oneLine(groupSummary(group, oneLine), 600), ...lines];
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `   ${line}\n`).join("");
}
