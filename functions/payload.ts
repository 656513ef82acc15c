/** What the functions are called with, checked. Pure. */
import * as z from "zod";
import { explained } from "../lib/config/parse.ts";
import { parseDuration, parseTime } from "../lib/duration.ts";
import { ScoutError } from "../lib/errors.ts";
import type { Call } from "../lib/wire.ts";

const time = z
  .union([z.string(), z.number()], { error: "RFC 3339 or Unix seconds" })
  .refine((text) => parseTime(String(text)) !== null, { error: "RFC 3339 or Unix seconds" })
  .transform((text) => parseTime(String(text)) ?? 0);
const since = z
  .string({ error: "a duration such as 15m, or a time" })
  .refine((text) => parseDuration(text) !== null || parseTime(text) !== null, {
    error: "a duration such as 15m, or a time",
  });

/** Of `poll`, directly or as a message's body (CONTRACT §4). A misspelt key must not make a dry run a real one. */
const order = z.strictObject({
  cluster: z.string().optional(),
  since: since.optional(),
  at: time.optional(),
  dryRun: z.boolean().optional(),
});
export type PollOrder = z.infer<typeof order>;

/** Of the HTTP API and Slack, by SQS alone: a run that somebody asked for, and where in Slack its end is waited for. */
const askedOrder = order.extend({ cluster: z.string(), id: z.string(), replyTo: z.string().max(3000).optional() });
export type AskedOrder = z.infer<typeof askedOrder>;

/** What somebody asked by `/egress`. */
const replyTo = z.string().max(3000);
const slackJob = z.strictObject({
  slack: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("search"), text: z.string(), replyTo }),
    z.strictObject({ kind: z.literal("plan"), namespace: z.string(), cluster: z.string(), replyTo }),
  ]),
});

export type Body =
  | { kind: "run"; order: PollOrder }
  | { kind: "asked"; order: AskedOrder }
  | { kind: "slack"; job: z.infer<typeof slackJob>["slack"] };

const messages = z.object({
  Records: z
    .array(z.looseObject({ eventSource: z.literal("aws:sqs"), messageId: z.string(), body: z.string() }))
    .min(1),
});
export type Message = z.infer<typeof messages>["Records"][number];

/** Of `schedule`, as EventBridge Scheduler fills it in. */
const tick = z.looseObject({ scheduledTime: time, executionId: z.string().optional() });

/** @throws ScoutError `usage` with every mistake */
export const readOrder = (value: unknown): PollOrder => checked(order, value ?? {});
/** @throws ScoutError `usage` with every mistake */
export const readTick = (value: unknown): z.infer<typeof tick> => checked(tick, value);
/** The messages of an invocation by SQS; null for any other. */
export const messagesIn = (value: unknown): Message[] | null => messages.safeParse(value).data?.Records ?? null;

/** A clock of another machine may be ahead of ours by so much, ms. */
const clockSkew = 5 * 60_000;

/** @throws ScoutError `usage` for a body that is no JSON, or none of ours */
export function readMessage(body: string, now: number): Body {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new ScoutError("usage", "the message's body is no JSON");
  }
  if (has(value, "slack")) return { kind: "slack", job: checked(slackJob, value).slack };
  if (has(value, "id")) return { kind: "asked", order: notLater(checked(askedOrder, value), now) };
  return { kind: "run", order: notLater(readOrder(value), now) };
}

const has = (value: unknown, key: string): boolean => typeof value === "object" && value !== null && key in value;

function notLater<T extends PollOrder>(asked: T, now: number): T {
  // A run in the future would leave nothing to do for all runs until then.
  if ((asked.at ?? 0) > now + clockSkew) throw new ScoutError("usage", "at: must be no time in the future");
  return asked;
}

function checked<T>(shape: z.ZodType<T>, value: unknown): T {
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
