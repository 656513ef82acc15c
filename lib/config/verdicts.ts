/** ADAPTER: the reviewed verdicts (`verdicts: FILE` of the config). */
import { readFileSync } from "node:fs";
import * as z from "zod";
import { ConfigError, ScoutError } from "../errors.ts";
import type { Verdict } from "../model.ts";
import { explained, readYaml } from "./parse.ts";

const time = z.iso
  .datetime({ offset: true, error: "a time such as 2026-12-01T00:00:00Z" })
  .nullable()
  .default(null)
  .transform((text) => (text === null ? null : Date.parse(text)));

const verdict = z.strictObject({
  /** A finding's id. */
  id: z.string().min(1),
  verdict: z.enum(["expected", "approved", "denied", "snoozed"], {
    error: "one of expected, approved, denied and snoozed",
  }),
  until: time,
  reason: z.string().nullable().default(null),
  by: z.string().nullable().default(null),
  at: time,
});

/** What `verdict list --format json` prints may be kept as it is. */
const file = z.strictObject({ schema: z.string().optional(), verdicts: z.array(verdict).default([]) });

/**
 * The verdicts in a file, one for each finding.
 * @throws ScoutError `config/unreadable`; ConfigError with every mistake
 */
export function readVerdicts(path: string): Verdict[] {
  const parsed = file.safeParse(readYaml(read(path), path), { reportInput: true });
  const mistakes = parsed.success ? twice(parsed.data.verdicts) : explained(parsed.error);
  if (parsed.success && mistakes.length === 0) return parsed.data.verdicts;
  throw new ConfigError(path, mistakes);
}

/** Which of two would hold? Nobody should have to guess. */
function twice(verdicts: readonly Verdict[]): string[] {
  const first = new Map<string, number>();
  return verdicts.flatMap(({ id }, index) => {
    const before = first.get(id);
    if (before === undefined) first.set(id, index);
    return before === undefined ? [] : [`verdicts[${index}].id: must be another than that of verdicts[${before}]`];
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown error";
    throw new ScoutError("config/unreadable", `${path} cannot be read (${code})`, { cause: thrown });
  }
}
