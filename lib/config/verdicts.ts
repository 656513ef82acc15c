/** ADAPTER: the reviewed verdicts (`verdicts: FILE` of the config). */
import { readFileSync } from "node:fs";
import * as z from "zod";
import { ConfigError, ScoutError } from "../errors.ts";
import { explained, readYaml } from "./parse.ts";

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
  const parsed = file.safeParse(readYaml(read(path), path), { reportInput: true });
  if (parsed.success) return parsed.data.verdicts;
  throw new ConfigError(path, explained(parsed.error));
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown error";
    throw new ScoutError("config/unreadable", `${path} cannot be read (${code})`, { cause: thrown });
  }
}
