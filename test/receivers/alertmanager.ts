/** Stands in for Alertmanager's API v2 where a real one cannot be made to misbehave: takes only alerts that it, and what is behind it, would take. */
import { z } from "zod";
import { type Got, listen, type Receiver } from "./receiver.ts";

export const alertmanagerSecrets = { username: "scout", password: "sEcr3t-passw0rd/42" };

const alerts = z.array(
  z.strictObject({
    labels: z.record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/), z.string().min(1).max(1024)),
    annotations: z.record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/), z.string().max(16_384)),
    startsAt: z.iso.datetime(),
    endsAt: z.iso.datetime(),
    generatorURL: z.url().optional(),
  }),
);
export type PostedAlert = z.infer<typeof alerts>[number];

export function alertmanagerReceiver(): Promise<Receiver> {
  return listen({
    faults: (got) => [...faults(got)],
    yes: () => ({ status: 200, body: "" }),
    invalid: (found) => ({ status: 400, body: JSON.stringify(found[0]) }),
    refuse: (echo) => ({ status: 401, body: `Unauthorized ${echo}` }),
    rateLimited: (retryAfter) => ({
      status: 429,
      headers: { "retry-after": retryAfter },
      body: "ingestion rate limit",
    }),
    serverError: (echo) => ({ status: 500, body: JSON.stringify(`store is broken ${echo}`) }),
  });
}

/** What a body posts. */
export const postedAlerts = (body: string): PostedAlert[] => alerts.parse(JSON.parse(body));

function* faults({ method, url, headers, body }: Got): Generator<string> {
  if (method !== "POST" || url !== "/api/v2/alerts") return yield `${method} ${url}`;
  if (!String(headers["content-type"]).startsWith("application/json")) return yield "not application/json";
  const { username, password } = alertmanagerSecrets;
  const pair = Buffer.from(`${username}:${password}`).toString("base64");
  if (headers.authorization !== `Basic ${pair}`) return yield "not the right user";
  const read = alerts.safeParse(JSON.parse(body));
  if (!read.success) return yield z.prettifyError(read.error);
  for (const alert of read.data) yield* alertFaults(alert);
}

function* alertFaults({ labels, annotations, startsAt, endsAt }: PostedAlert): Generator<string> {
  if (!/^Egress[A-Z][A-Za-z]+$/.test(labels.alertname ?? "")) yield "no alertname";
  if (Date.parse(endsAt) < Date.parse(startsAt)) yield "ends before it starts";
  for (const [name, value] of Object.entries(labels)) {
    if (/[\p{C}\p{Zl}\p{Zp}<>&`]/u.test(value) || !value.isWellFormed())
      yield `label ${name}: ${JSON.stringify(value)}`;
  }
  for (const [name, value] of Object.entries(annotations)) {
    if (name === "manifest" ? /[^\P{C}\n]/u.test(value) : /[^\x20-\x7e\n]|[<>&`]/.test(value))
      yield `annotation ${name}: ${JSON.stringify(value)}`;
  }
}
