/** What the functions are called with, checked. Pure. */
import * as z from "zod";
import { explained } from "../lib/config/parse.ts";
import { ScoutError } from "../lib/errors.ts";
import type { Call } from "../lib/wire.ts";
import { parseDuration, parseTime } from "../lib/words/duration.ts";

const time = z
  .union([z.string(), z.number()], { error: "RFC 3339 or Unix seconds" })
  .refine((text) => parseTime(String(text)) !== null, { error: "RFC 3339 or Unix seconds" })
  .transform((text) => parseTime(String(text)) ?? 0);
const since = z
  .string({ error: "a duration such as 15m, or a time" })
  .refine((text) => parseDuration(text) !== null || parseTime(text) !== null, {
    error: "a duration such as 15m, or a time",
  });

/** Of `poll`, directly or as a message's body. A misspelt key must not make a dry run a real one. */
export const order = z.strictObject({
  cluster: z.string().optional(),
  since: since.optional(),
  at: time.optional(),
  dryRun: z.boolean().optional(),
});
export type PollOrder = z.infer<typeof order>;

const messages = z.object({
  Records: z
    .array(z.looseObject({ eventSource: z.literal("aws:sqs"), messageId: z.string(), body: z.string() }))
    .min(1),
});
export type Message = z.infer<typeof messages>["Records"][number];

/** Of `schedule`, as EventBridge Scheduler fills it in. */
const tick = z.looseObject({ scheduledTime: time, executionId: z.string().optional() });

/** @throws ScoutError `usage` with every mistake */
export const readTick = (value: unknown): z.infer<typeof tick> => checked(tick, value);
/** The messages of an invocation by SQS; null for any other. */
export const messagesIn = (value: unknown): Message[] | null => messages.safeParse(value).data?.Records ?? null;

/** A clock of another machine may be ahead of ours by so much, ms. */
const clockSkew = 5 * 60_000;

/** @throws ScoutError `usage` for a body that is no JSON */
export function readJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new ScoutError("usage", "the message's body is no JSON");
  }
}

/** Of `schedule`, or by hand. @throws ScoutError `usage` with every mistake, or for a run in the future */
export const readOrder = (value: unknown, now: number): PollOrder => notLater(checked(order, value ?? {}), now);

/** A run in the future would leave nothing to do for all runs until then. @throws ScoutError `usage` */
export function notLater<T extends PollOrder>(asked: T, now: number): T {
  if ((asked.at ?? 0) > now + clockSkew) throw new ScoutError("usage", "at: must be no time in the future");
  return asked;
}

/** @throws ScoutError `usage` with every mistake */
export function checked<T>(shape: z.ZodType<T>, value: unknown): T {
  const parsed = shape.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  const said = explained(parsed.error).map((one) => one.replace("(the file)", "the payload"));
  throw new ScoutError("usage", said.join("; "));
}

/** The run that is asked for. */
export function callOf({ since, at, dryRun }: PollOrder): Call {
  const back = since === undefined ? null : parseDuration(since);
  const start = since === undefined || back !== null ? null : parseTime(since);
  return {
    at: at ?? null,
    since: back !== null ? { back } : start !== null ? { at: start } : null,
    ...{ learn: null, noLearn: false, dryRun: dryRun === true, dns: [], existing: [] },
  };
}
