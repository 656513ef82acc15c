/** ADAPTER: the reviewed verdicts (`verdicts: FILE` of the config). */
import { realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import * as z from "zod";
import { ConfigError, ScoutError } from "../errors.ts";
import { rulings, type Verdict } from "../model.ts";
import { findingIdText } from "../words/finding-id.ts";
import { explained } from "./parse.ts";
import { readText } from "./read-text.ts";
import { withVerdict } from "./verdicts-edit.ts";
import { readYaml } from "./yaml.ts";

const time = z.iso
  .datetime({ offset: true, error: "a time such as 2026-12-01T00:00:00Z" })
  .nullable()
  .default(null)
  .transform((text) => (text === null ? null : Date.parse(text)));

const verdict = z
  .strictObject({
    /** A finding's id. */
    id: z.string().regex(findingIdText, { error: "a finding's id: letters, digits and dashes, 128 at most" }),
    verdict: z.enum(rulings, {
      error: "one of expected, approved, denied and snoozed",
    }),
    until: time,
    reason: z.string().nullable().default(null),
    by: z.string().nullable().default(null),
    at: time,
    /** Whose runs say its end; where it is left out, those that know the finding. */
    cluster: z.string().min(1).nullish(),
  })
  .transform(({ cluster, ...rest }): Verdict => (cluster ? { ...rest, cluster } : rest));

/** What `verdict list --format json` prints may be kept as it is. */
const file = z.strictObject({ schema: z.string().optional(), verdicts: z.array(verdict).nullish() });

/**
 * The verdicts in a file, one for each finding.
 * @throws ScoutError `config/unreadable`; ConfigError with every mistake
 */
export function readVerdicts(path: string): Verdict[] {
  const parsed = file.safeParse(readYaml(readText(path), path), { reportInput: true });
  const verdicts = parsed.data?.verdicts ?? [];
  const mistakes = [...explained(parsed.error), ...twice(verdicts)];
  if (mistakes.length === 0) return verdicts;
  throw new ConfigError(path, mistakes);
}

/**
 * Puts a verdict into the file, which changes whole or not at all.
 * @throws ScoutError `config/unreadable`, `usage`; ConfigError where it cannot be understood
 */
export function writeVerdict(path: string, verdict: Verdict): void {
  readVerdicts(path);
  const text = withVerdict(readText(path), verdict);
  const real = realpathSync(path);
  const beside = `${real}.${process.pid}`;
  try {
    writeFileSync(beside, text, { mode: statSync(real).mode });
    readVerdicts(beside);
    renameSync(beside, real);
  } catch (thrown) {
    rmSync(beside, { force: true });
    if (thrown instanceof ScoutError) throw thrown;
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown error";
    throw new ScoutError("usage", `${path} cannot be written (${code})`, { cause: thrown });
  }
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
