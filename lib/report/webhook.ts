/** A letter as what the webhook channel posts: CloudEvents 1.0, one JSON document each. Pure. */
import type { Letter } from "../model.ts";
import { findingDocument, rfc3339 } from "./document.ts";
import type { WebhookDocument } from "./webhook-schema.ts";

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
