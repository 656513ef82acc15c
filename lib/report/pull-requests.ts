/** What became of pull requests → its part of a plan's document, and text. Pure. */
import type { ScoutError } from "../errors.ts";
import { legible } from "../words/printable.ts";

/** What of it is told. */
export interface PullRequestTold {
  team: string;
  state: string;
  branch: string;
  number: number | null;
  url: string | null;
  files: readonly string[];
  why: string | null;
  warnings: readonly string[];
  error: Pick<ScoutError, "code" | "message" | "mend"> | null;
}

export const pullRequestDocument = (told: readonly PullRequestTold[]) =>
  told.map(({ error, files, warnings, ...one }) => ({
    ...one,
    files: [...files],
    warnings: [...warnings],
    error: error === null ? null : { code: error.code, message: error.message, mend: error.mend },
  }));

/** Lines for a person; in a dry run nothing of it was done. */
export function pullRequestText(told: readonly PullRequestTold[], isDry: boolean): string {
  const head = isDry ? "Pull requests, had this not been a dry run:" : "Pull requests:";
  const lines = told.flatMap(({ team, state, url, why, warnings }) => [
    `  ${legible(team)}: ${[state, url === null ? null : legible(url), why === null ? null : `(${why})`].filter((one) => one !== null).join(" ")}`,
    ...warnings.map((one) => `    warning: ${one}`),
  ]);
  return told.length === 0 ? "Pull requests: none.\n" : `${[head, ...lines].join("\n")}\n`;
}
