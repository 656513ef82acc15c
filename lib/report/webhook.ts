/** A letter as what the webhook channel posts: CloudEvents 1.0, one JSON document each. Pure. */
import * as z from "zod";
import type { Letter } from "../model.ts";
import { findingDocument, rfc3339 } from "./document.ts";
import { findingSchema } from "./scan-schema.ts";

/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md, with `data` as CONTRACT.md §2 has it. */
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

/** Many receivers take 1 MB and no more (nginx, Splunk's HEC): so many bytes of findings in one document. */
const mostBytes = 900_000;

/**
 * The documents that tell a letter, in order: one, or several where it is too long for one; findings are never cut, and are in the
 * letter's order. A finding that alone is longer has a document of its own.
 */
export function webhookDocuments(letter: Letter): WebhookDocument[] {
  const { message } = letter;
  const findings = message.findings.map((one) => findingDocument(one, [{ letter, ok: true }]));
  const parts: (typeof findings)[] = [];
  let room = 0;
  for (const finding of findings) {
    const size = Buffer.byteLength(JSON.stringify(finding), "utf8") + 1;
    const part = parts.at(-1);
    if (part === undefined || size > room) parts.push([finding]);
    else part.push(finding);
    room = (part === undefined || size > room ? mostBytes : room) - size;
  }
  const owner = { team: message.team, from: message.findings[0]?.owner.from ?? "" };
  return (parts.length === 0 ? [[]] : parts).map((part, index) => ({
    specversion: "1.0",
    id: index === 0 ? letter.id : `${letter.id}/${index + 1}`,
    source: `egress-scout/${encodeURIComponent(message.cluster.toWellFormed())}`,
    type: "io.egress-scout.findings.v1",
    time: rfc3339(message.at),
    datacontenttype: "application/json",
    data: { owner, findings: part, ...(message.note === undefined ? {} : { note: message.note }) },
  }));
}
