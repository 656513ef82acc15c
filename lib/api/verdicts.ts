/** `POST /api/v1/verdicts`: a person's decision, told by a program. */
import type { Context } from "hono";
import * as z from "zod";
import { rulings, type Verdict } from "../model.ts";
import { verdictDocument } from "../report/document.ts";
import { verdictSchema } from "../report/scan-schema.ts";
import { subjectText } from "../report/verdicts.ts";
import { decideAll, latestEnd, longest, usualSnooze } from "../verdicts/decide.ts";
import { parseDuration } from "../words/duration.ts";
import { findingIdText } from "../words/finding-id.ts";
import { readBody } from "./body.ts";
import type { Env } from "./guard.ts";
import type { ApiParts } from "./parts.ts";
import { mistaken, problem } from "./problem.ts";

export const bodyShape = z.strictObject({
  id: z.string().regex(findingIdText, { error: "a finding's id: letters, digits and dashes, 128 at most" }),
  verdict: z.enum(rulings, { error: "one of expected, approved, denied and snoozed" }),
  until: z.iso
    .datetime({ offset: true, error: "a time such as 2026-12-01T00:00:00Z" })
    .transform((text) => Date.parse(text))
    .nullish(),
  for: z
    .string()
    .refine((text) => (parseDuration(text) ?? 0) > 0, { error: "a duration such as 30s, 15m or 7d" })
    .transform((text) => parseDuration(text))
    .nullish(),
  reason: z
    .string()
    .max(longest.reason, { error: `${longest.reason} characters at most` })
    .nullish(),
  by: z
    .string()
    .min(1)
    .max(longest.by, { error: `${longest.by} characters at most` })
    .nullish(),
});

export const answerShape = verdictSchema.extend({
  /** What it is about, in words. */
  on: z.string(),
  /** The reviewed file's, which wins. */
  overruled: verdictSchema.nullable(),
});

/** Keeps the verdict and answers with it; 404 where no finding with that id is known. */
export async function postVerdict(c: Context<Env>, { store, reviewed, now }: ApiParts): Promise<Response> {
  const read = await readBody(c, bodyShape);
  if ("refused" in read) return read.refused;
  const verdict = verdictOf(read.said, { at: now(), client: c.get("client") });
  const mistakes = endMistakes(read.said, verdict);
  if (mistakes.length > 0) return mistaken(c, "the body", mistakes);
  const [outcome] = await decideAll(await store(), reviewed(), [verdict]);
  if (outcome === undefined || outcome.subject === null) {
    const detail = `no finding ${verdict.id} is known here: copy the id from a message, from a scan or from the report`;
    return problem(c, { status: 404, detail });
  }
  const { subject, overruled } = outcome;
  const on = subjectText(subject);
  return c.json({ ...verdictDocument(verdict), on, overruled: overruled === null ? null : verdictDocument(overruled) });
}

type Body = z.infer<typeof bodyShape>;

function verdictOf(body: Body, { at, client }: { at: number; client: string }): Verdict {
  const { id, verdict, reason = null } = body;
  const lasts = body.for ?? (verdict === "snoozed" ? usualSnooze : null);
  const until = body.until ?? (lasts === null ? null : at + lasts);
  return { id, verdict, until, reason, by: body.by ?? client.slice(0, longest.by), at };
}

function endMistakes(body: Body, { until, at }: Verdict): string[] {
  if (body.until != null && body.for != null) return ["until: not beside for: one of them says when it ends"];
  if (until !== null && until > latestEnd) return ["for: ends after the year 9998"];
  return until !== null && at !== null && until <= at ? ["until: must be a time to come"] : [];
}
