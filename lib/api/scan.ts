/** `POST /api/v1/scan`, and `GET /api/v1/runs/{id}`: a run that somebody asks for, and what came of it. */
import type { Context } from "hono";
import * as z from "zod";
import type { AskedRun } from "../model.ts";
import { rfc3339 } from "../report/document.ts";
import { scanSchema } from "../report/scan-schema.ts";
import { parseTime } from "../words/duration.ts";
import { readBody } from "./body.ts";
import type { Env } from "./guard.ts";
import type { ApiParts } from "./parts.ts";
import { clusterOf } from "./plan-of.ts";
import { mistaken, problem } from "./problem.ts";
import { sinceText, startMistakes, startOf, text } from "./query.ts";

/** As the command's options of these names. */
export const scanBody = z.strictObject({
  cluster: text.nullish(),
  since: sinceText.nullish(),
  at: z
    .union([z.string().max(40), z.number()], { error: "RFC 3339 or Unix seconds" })
    .refine((one) => parseTime(String(one)) !== null, { error: "RFC 3339 or Unix seconds" })
    .transform((one) => parseTime(String(one)) ?? 0)
    .nullish(),
  dryRun: z.boolean().nullish(),
});

const time = z.iso.datetime();
export const startedShape = z.object({ id: z.string() });
export const runShape = z.object({
  id: z.string(),
  cluster: z.string(),
  state: z.enum(["queued", "running", "done", "failed"]),
  /** Who asked, and when. */
  by: z.string(),
  at: time,
  /** When the state changed last. */
  changed: time,
  /** The scan, once it is done. */
  scan: scanSchema.nullable(),
  /** Why it failed. */
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});

export async function postScan(c: Context<Env>, { clusters, scans, now }: ApiParts): Promise<Response> {
  const read = await readBody(c, scanBody);
  if ("refused" in read) return read.refused;
  const { since = null, at = null, dryRun } = read.said;
  const mistakes = timeMistakes(at, since, now());
  if (mistakes.length > 0) return mistaken(c, "the body", mistakes);
  const cluster = clusterOf(clusters, read.said.cluster ?? undefined);
  const run = await scans.ask({ cluster, since, at, dryRun: dryRun === true, by: c.get("client"), replyTo: null });
  if (run === null) {
    const detail = `a run of ${JSON.stringify(cluster)} goes on: wait for its end`;
    return problem(c, { status: 409, detail, headers: { "retry-after": "10" } });
  }
  return c.json({ id: run.id }, 202, { location: `/api/v1/runs/${run.id}` });
}

function timeMistakes(at: number | null, since: z.output<typeof scanBody>["since"], now: number): string[] {
  // A run in the future would leave nothing to do for all runs until then.
  if (at !== null && at > now) return ["at: must be no time in the future"];
  const end = at ?? now;
  if (since != null && startOf(since, end) > end) return ["since: must not be later than the run's end"];
  return startMistakes(since, end);
}

export const runId = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

export async function getRun(c: Context, { scans }: ApiParts): Promise<Response> {
  const id = c.req.param("id") ?? "";
  const run = runId.test(id) ? await scans.find(id) : null;
  return run === null
    ? problem(c, { status: 404, detail: "no such run is known here: they are kept for a week" })
    : c.json(runDocument(run));
}

function runDocument({ id, cluster, state, by, at, changed, document, fault }: AskedRun): z.infer<typeof runShape> {
  return {
    ...{ id, cluster, state, by, at: rfc3339(at), changed: rfc3339(changed) },
    scan: document === null ? null : JSON.parse(document),
    error: fault,
  };
}
