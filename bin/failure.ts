/** Errors → lines on stderr and an exit code. */
import { asScoutError, ConfigError, type ErrorCode } from "../lib/errors.ts";
import { legible } from "../lib/words/printable.ts";

const wrongUse: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "usage",
  "config/invalid",
  "config/unreadable",
  "secret/missing",
]);

/** 2 for wrong usage or config, 130 for an interrupt, 1 for all else. */
export function exitCode(thrown: unknown): number {
  const { code } = asScoutError(thrown);
  return code === "interrupted" ? 130 : wrongUse.has(code) ? 2 : 1;
}

/** One line: code, what was met, what to do; a config's mistakes follow, a line each. Nothing in it is obeyed by a terminal. */
export function printError(thrown: unknown): void {
  process.stderr.write(`${errorText(thrown)}\n`);
}

export function errorText(thrown: unknown): string {
  const error = asScoutError(thrown);
  const mend = error.mend === "" ? "" : `; ${error.mend}`;
  const lines = [`egress-scout: ${error.code}: ${error.message}${mend}`];
  if (error instanceof ConfigError) lines.push(...error.mistakes.map((one) => `  ${one}`));
  return lines.map((line) => legible(line.replace(/[\r\n]+/g, " "), 4_000)).join("\n");
}
