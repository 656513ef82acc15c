/** A message as plain text: for e-mail through SNS, and for the terminal. Pure. */
import type { Finding, Message } from "../model.ts";
import { facts } from "./facts.ts";
import { footer, headline, notShown, title } from "./headline.ts";
import { elsewhere, firstSuggestion, wholeYaml } from "./manifest.ts";
import { oneLine } from "./one-line.ts";
import { takeWhole } from "./take-whole.ts";

/** Around a manifest: what is between these lines is ready for `kubectl apply -f`. */
export const manifestBegins = "----- begin manifest -----";
export const manifestEnds = "----- end manifest -----";

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
  const shown = takeWhole(
    message.findings,
    (finding, index) => forms(finding, message, index + 1),
    (piece) => [bytes(piece)],
    [room],
  );
  return `${head}${shown.join("")}${tail(message.findings.slice(shown.length))}\n`;
}

function bytes(text: string): number {
  return Buffer.byteLength(text, "utf8");
}

/** A finding with its manifest, and without. */
function forms(finding: Finding, message: Message, number: number): string[] {
  const about = `${number}. ${title(finding)}\n${indented(description(finding))}\n`;
  const suggestion = firstSuggestion(finding, message);
  if (suggestion === null) {
    const reason = finding.noSuggestion === null ? [] : [`No manifest: ${oneLine(finding.noSuggestion, 600)}`];
    return [`${about}${indented(reason)}\n`];
  }
  const reasons = [
    ...suggestion.why.slice(0, 5).map((why) => `Why: ${oneLine(why, 300)}`),
    ...suggestion.warnings.slice(0, 5).map((warning) => `Mind: ${oneLine(warning, 300)}`),
  ];
  const brief = `${about}${indented([...reasons, elsewhere(oneLine(finding.id, 80))])}\n`;
  const yaml = wholeYaml(suggestion);
  if (yaml === null) return [brief];
  const ready = `Ready to apply (confidence ${suggestion.confidence}): save it as FILE, then kubectl apply -f FILE`;
  return [`${about}${indented([ready, ...reasons])}${manifestBegins}\n${yaml}${manifestEnds}\n\n`, brief];
}

function description(finding: Finding): string[] {
  const lines = facts(finding, oneLine).flatMap(({ label, text }) =>
    text.split("\n").map((line, index) => `${(index === 0 ? label : "").padEnd(12)}${line}`),
  );
  return [oneLine(finding.summary, 600), ...lines];
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `   ${line}\n`).join("");
}
