/** ADAPTER: the reviewed verdicts (`verdicts: FILE` of the config). */
import * as z from "zod";
import { ConfigError } from "../errors.ts";
import { explained, readYaml } from "./parse.ts";
import { readText } from "./read-text.ts";

const verdict = z.strictObject({
  /** A finding's id. */
  id: z.string().min(1),
  verdict: z.enum(["expected", "approved", "denied", "snoozed"], {
    error: "one of expected, approved, denied and snoozed",
  }),
  until: z.iso.datetime({ offset: true, error: "a time such as 2026-12-01T00:00:00Z" }).nullable().optional(),
  reason: z.string().nullable().optional(),
  by: z.string().nullable().optional(),
  at: z.iso.datetime({ offset: true, error: "a time such as 2026-12-01T00:00:00Z" }).nullable().optional(),
});

/** What `verdict list --format json` prints may be kept as it is. */
const file = z.strictObject({ schema: z.string().optional(), verdicts: z.array(verdict).default([]) });

export type ReviewedVerdict = z.infer<typeof verdict>;

/**
 * The verdicts in a file.
 * @throws ScoutError `config/unreadable`; ConfigError with every mistake
 */
export function readVerdicts(path: string): ReviewedVerdict[] {
  const parsed = file.safeParse(readYaml(readText(path), path), { reportInput: true });
  if (parsed.success) return parsed.data.verdicts;
  throw new ConfigError(path, explained(parsed.error));
}
