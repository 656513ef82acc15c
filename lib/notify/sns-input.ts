/** A message as the input of SNS' Publish. Pure. */
import type { MessageAttributeValue, PublishCommandInput } from "@aws-sdk/client-sns";
import type { Finding, Message } from "../model.ts";
import { headline, worst } from "./headline.ts";
import { oneLine } from "./one-line.ts";
import { plainText } from "./plain-text.ts";
import { takeWhole } from "./take-whole.ts";

/** 256 KiB for body and attributes together (SNS API reference, Publish). */
const mostBytes = 262_144;
/** One attribute may take that much of it: a filter has no use for a list of thousands. */
const mostAttributeBytes = 32_768;
/** SNS takes fewer than 100 characters (API reference, Publish, Subject). */
const subjectLength = 99;
const valueLength = 256;

/**
 * What to publish. The body is plain text, cut by whole findings to what SNS takes; the attributes are kind, severity, cluster,
 * namespace and team, for filter policies: `String` where the findings agree, `String.Array` (a JSON list, of which a filter may
 * match any) where they do not, and none where the value is empty. A FIFO topic gets the team as group, so that its messages
 * keep their order, and the message's id against doubles (SNS knows it again for 5 minutes). Throws nothing.
 */
export function publishInput(topicArn: string, message: Message): PublishCommandInput {
  const attributes = attributesOf(message);
  const subject = subjectOf(message);
  const taken = [
    subject,
    ...Object.entries(attributes).flatMap(([name, { DataType, StringValue }]) => [name, DataType, StringValue]),
  ];
  const room = mostBytes - Buffer.byteLength(taken.join(""), "utf8");
  const fifo = { MessageGroupId: groupOf(message.team), MessageDeduplicationId: message.id };
  return {
    TopicArn: topicArn,
    Subject: subject,
    Message: plainText(message, room),
    MessageAttributes: attributes,
    ...(topicArn.endsWith(".fifo") ? fifo : {}),
  };
}

/** ASCII, one line, begins with a letter. */
function subjectOf(message: Message): string {
  return oneLine(`Egress ${worst(message.findings)}: ${headline(message, oneLine)}`, subjectLength).trim();
}

function attributesOf(message: Message): Record<string, MessageAttributeValue> {
  const values: [string, (finding: Finding) => string][] = [
    ["kind", (finding) => finding.kind],
    ["severity", (finding) => finding.severity],
    ["cluster", (finding) => finding.source.cluster],
    ["namespace", (finding) => finding.source.namespace],
    ["team", (finding) => finding.owner.team],
  ];
  return Object.fromEntries(
    values.flatMap(([name, of]) => {
      const attribute = attributeOf(message.findings.map(of));
      return attribute === null ? [] : [[name, attribute]];
    }),
  );
}

function attributeOf(values: readonly string[]): MessageAttributeValue | null {
  const all = [...new Set(values.map((value) => oneLine(value, valueLength)))].filter((value) => value !== "").sort();
  const some = takeWhole(
    all,
    (value) => [value],
    (value) => [JSON.stringify(value).length + 1],
    [mostAttributeBytes - 1],
  );
  const [only, ...others] = some;
  if (only === undefined) return null;
  if (others.length === 0) return { DataType: "String", StringValue: only };
  return { DataType: "String.Array", StringValue: JSON.stringify(some) };
}

/** A group id is 1 to 128 letters, digits and punctuation, no spaces (API reference, Publish, MessageGroupId). */
function groupOf(team: string): string {
  return oneLine(team, 128).replaceAll(" ", "_") || "no-team";
}
