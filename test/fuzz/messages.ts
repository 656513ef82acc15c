/** Messages of any findings: within the limits of Slack, SNS, webhooks and Alertmanager, and what is left out is counted. */
import fc from "fast-check";
import { expect } from "vitest";
import type { Finding } from "../../lib/model.ts";
import { findingKinds, severities } from "../../lib/model.ts";
import { alertOf, alertShape } from "../../lib/notify/alerts.ts";
import { compose } from "../../lib/notify/compose.ts";
import { slackPost } from "../../lib/notify/slack-blocks.ts";
import { publishInput } from "../../lib/notify/sns-input.ts";
import { webhookDocuments } from "../../lib/report/webhook.ts";
import { webhookSchema } from "../../lib/report/webhook-schema.ts";
import { at, finding, hostile, many, message } from "../notify/sample.ts";
import { postProblems } from "../receivers/slack.ts";
import { letter } from "../report/make.ts";
import { mutated, repeated } from "./mutate.ts";
import { expectPrintable, property } from "./property.ts";
import { hostileText } from "./texts.ts";

const words = fc.oneof(
  { weight: 6, arbitrary: hostileText },
  { weight: 2, arbitrary: mutated(fc.constant("payments/checkout reached api.stripe.com:443")) },
  { weight: 1, arbitrary: repeated(fc.constantFrom("a", "`", "\u202e", "<", "&", "\n", "é", "\ud800")) },
);

const findings: fc.Arbitrary<Finding[]> = fc
  .tuple(
    fc.array(fc.tuple(words, fc.nat({ max: 5 }), fc.constantFrom(...findingKinds), fc.constantFrom(...severities)), {
      maxLength: 6,
    }),
    fc.constantFrom(0, 0, 0, 1, 20, 300),
  )
  .map(([odd, plain]) => {
    const hostiles = odd.map(([text, index, kind, severity], place) => ({
      ...hostile(text, index),
      kind,
      severity,
      id: `h-${place}`,
      key: `h-${place}`,
    }));
    const all = [...hostiles, ...many(plain)];
    return all.length === 0 ? [finding()] : all;
  });

/** `12 more findings are not shown here`, 0 where it does not say so. */
const leftOut = (text: string): number => Number(/(\d+) more findings? (?:is|are) not shown here/.exec(text)?.[1] ?? 0);

function expectSns(all: Finding[], team: string): void {
  for (const topic of ["arn:aws:sns:eu-west-1:123456789012:egress", "arn:aws:sns:eu-west-1:123456789012:egress.fifo"]) {
    const { Subject = "", Message = "", MessageAttributes = {}, ...fifo } = publishInput(topic, message(all, { team }));
    const attributes = Object.entries(MessageAttributes).map(
      ([name, { DataType = "", StringValue = "" }]) => [name, DataType, StringValue] as const,
    );
    const size = Buffer.byteLength(Message) + attributes.reduce((sum, one) => sum + Buffer.byteLength(one.join("")), 0);
    expect(size).toBeLessThanOrEqual(262_144);
    expect(Subject).toMatch(/^[A-Za-z][\x20-\x7e]{0,98}$/);
    expectPrintable(Message, true);
    expect(attributes.length).toBeLessThanOrEqual(10);
    for (const [, type, text] of attributes) {
      const values: unknown[] = type === "String.Array" ? JSON.parse(text) : [text];
      for (const one of values) expect(one).toMatch(/^[\x20-\x7e]{1,256}$/);
    }
    if (topic.endsWith(".fifo"))
      for (const one of [fifo.MessageGroupId, fifo.MessageDeduplicationId]) expect(one).toMatch(/^[!-~]{1,128}$/);
    expect(leftOut(Message)).toBeLessThan(all.length + 1);
  }
}

function expectWebhook(all: Finding[]): void {
  const documents = webhookDocuments(letter("siem", all));
  for (const one of documents) webhookSchema.parse(JSON.parse(JSON.stringify(one)));
  expect(documents.flatMap(({ data }) => data.findings.map(({ id }) => id))).toEqual(all.map(({ id }) => id));
  expect(new Set(documents.map(({ id }) => id)).size).toBe(documents.length);
  for (const one of documents)
    if (one.data.findings.length > 1)
      expect(Buffer.byteLength(JSON.stringify(one.data.findings))).toBeLessThan(1_000_000);
}

export const properties = [
  property(
    "messages: Slack's limits, whatever is told, and what is left out is counted",
    20,
    fc.tuple(findings, words),
    ([all, team]) => {
      const post = slackPost(message(all, { team }));
      expect(postProblems(post)).toEqual([]);
      expect(leftOut(JSON.stringify(post.blocks.at(-1)))).toBeLessThan(all.length + 1);
    },
  ),
  property("messages: SNS' limits, whatever is told", 20, fc.tuple(findings, words), ([all, team]) =>
    expectSns(all, team),
  ),
  property("messages: webhooks and alerts tell every finding, once", 20, findings, (all) => {
    expectWebhook(all);
    const alerts = all.map((one) => alertOf(one, message(all), { now: at, firing: 60_000 }, null));
    expect(new Set(alerts.map(({ labels }) => JSON.stringify(labels))).size).toBe(all.length);
    for (const one of alerts) {
      alertShape.parse(one);
      expect(Date.parse(one.startsAt)).toBeLessThanOrEqual(Date.parse(one.endsAt));
      for (const text of Object.values({ ...one.labels, ...one.annotations })) expectPrintable(text, true);
    }
  }),
  property("messages: every finding is in one message of its owner", 20, findings, (all) => {
    const messages = compose(all, "prod-eu", at, "first");
    expect(messages.flatMap((one) => one.findings.map(({ id }) => id)).sort()).toEqual(all.map(({ id }) => id).sort());
    expect(new Set(messages.map(({ id }) => id)).size).toBe(messages.length);
    const again = compose([...all].reverse(), "prod-eu", at, "first");
    expect(again.map(({ id }) => id).sort()).toEqual(messages.map(({ id }) => id).sort());
  }),
];
