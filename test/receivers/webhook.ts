/** Stands in for a SIEM that takes CloudEvents and checks their signature. */
import { createHmac } from "node:crypto";
import { z } from "zod";
import { type WebhookDocument, webhookSchema } from "../../lib/report/webhook-schema.ts";
import { type Got, listen, type Receiver } from "./receiver.ts";

export const hookSecret = "whsec_S1gningSecret42";
const hookPath = "/in/T0kenInThePath42";
export const hookUrl = (receiver: Receiver): string => `${receiver.url}${hookPath}`;
export const hookSecrets = [hookSecret, hookPath, "T0kenInThePath42"];

export function webhookReceiver(): Promise<Receiver> {
  return listen({
    faults: (got) => [...faults(got)],
    yes: () => ({ status: 202, body: "thanks" }),
    invalid: (found) => ({ status: 400, body: String(found[0]) }),
    refuse: (echo) => ({ status: 403, body: `signature ${hookSecret} does not match ${echo}` }),
    rateLimited: (retryAfter) => ({ status: 429, headers: { "retry-after": retryAfter }, body: "" }),
    serverError: (echo) => ({ status: 502, body: `bad gateway ${echo}` }),
  });
}

export const posted = (body: string): WebhookDocument => webhookSchema.parse(JSON.parse(body));

function* faults({ method, url, headers, body }: Got): Generator<string> {
  if (method !== "POST" || url !== hookPath) return yield `${method} ${url}`;
  if (headers["content-type"] !== "application/cloudevents+json; charset=utf-8") yield `${headers["content-type"]}`;
  const [, time = "", hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers["x-egress-scout-signature"])) ?? [];
  const right = createHmac("sha256", hookSecret).update(`${time}.${body}`).digest("hex");
  if (hex !== right) yield "a wrong signature";
  const read = webhookSchema.strict().safeParse(JSON.parse(body));
  if (!read.success) return yield z.prettifyError(read.error);
  if (!/^egress-scout\/[!-~]*$/.test(read.data.source)) yield `source ${read.data.source}`;
  if (Buffer.byteLength(body) > 1_000_000 && read.data.data.findings.length > 1) yield `${body.length} bytes`;
}
