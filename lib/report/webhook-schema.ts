/** What the webhook channel posts, as a schema: CloudEvents 1.0. */
import * as z from "zod";
import { findingSchema } from "./scan-schema.ts";

/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md, with `data` as docs/channels.md has it. */
export const webhookSchema = z.object({
  specversion: z.literal("1.0"),
  /** The letter's: the same for the same message, however often it is sent. A long letter's later parts end in `/2`, `/3`, … */
  id: z.string(),
  source: z.string(),
  type: z.literal("io.egress-scout.findings.v1"),
  time: z.iso.datetime(),
  datacontenttype: z.literal("application/json"),
  data: z.object({
    owner: z.object({ team: z.string(), from: z.string() }),
    /** `notified` is this channel, with the reason it is told for. */
    findings: z.array(findingSchema),
    /** Only where there is something to say of the message itself: why it comes here. */
    note: z.string().optional(),
  }),
});

export type WebhookDocument = z.infer<typeof webhookSchema>;
