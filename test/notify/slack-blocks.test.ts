import { describe, expect, it } from "vitest";
import { characters, slackPost } from "../../lib/notify/slack-blocks.ts";
import { finding, hostile, many, message, yamlOf } from "./sample.ts";

describe("slackPost", () => {
  it("reads so", () => {
    const { text, blocks } = slackPost(message([finding()]));
    expect(text).toBe(
      "1 new destination for `payments` in `prod-eu`\n- New destination (warning): `payments/checkout reached api.stripe.com:443 for the first time.`",
    );
    expect(blocks).toMatchObject([
      { type: "header", text: { type: "plain_text", text: "1 new destination for payments in prod-eu" } },
      {
        type: "section",
        text: {
          type: "plain_text",
          text: "New destination (warning)\npayments/checkout reached api.stripe.com:443 for the first time.",
        },
        fields: [
          { text: "*Who*\n`payments/checkout` in cluster `prod-eu`" },
          { text: "*Where to*\n`api.stripe.com`, at `3.18.12.63` and 1 more, port 443, TLS, let through" },
          { text: "*How sure*\n`api.stripe.com`: confirmed, DNS agrees with the address (SNI)" },
          { text: "*How often*\n12 connections" },
          { text: "*Since*\n2026-11-22 10:04 UTC, last 2026-11-22 10:12 UTC" },
          { text: "*Finding*\n`f-4be1c09a77d2`" },
        ],
      },
      {
        type: "section",
        text: { type: "mrkdwn", text: `*Ready to apply* (confidence high)\n\`\`\`\n${yamlOf("api.stripe.com")}\`\`\`` },
      },
      { type: "context", elements: [{ text: "Mind: covers port 443 only" }] },
      {
        type: "actions",
        elements: [
          { action_id: "acknowledge", text: { text: "Acknowledge" }, value: "f-4be1c09a77d2" },
          { action_id: "snooze-7d", text: { text: "Snooze 7d" }, value: "f-4be1c09a77d2" },
          { action_id: "expected", text: { text: "Expected" }, value: "f-4be1c09a77d2" },
          { action_id: "deny", text: { text: "Deny" }, value: "f-4be1c09a77d2", style: "danger" },
          { action_id: "show-manifest", text: { text: "Show manifest" }, value: "f-4be1c09a77d2" },
        ],
      },
      { type: "context", elements: [{ text: "egress-scout, 2026-11-22 10:15 UTC, msg-0011223344556677" }] },
    ]);
  });

  it("makes good use of its 10,000 characters", () => {
    const { blocks } = slackPost(message(many(500)));
    expect(characters(blocks)).toBeLessThanOrEqual(10_000);
    expect(characters(blocks)).toBeGreaterThan(8_500);
  });

  it("counts what it leaves out by severity", () => {
    const { blocks } = slackPost(message(many(500).reverse()));
    expect(JSON.stringify(blocks.at(-1))).toMatch(/\d+ more findings are not shown here \(3 critical, \d+ warning\)/);
  });

  it("keeps to 50 blocks when findings are short", () => {
    const short = many(80).map((one) => ({ ...one, summary: "s", suggestions: [], noSuggestion: null, names: [] }));
    const { blocks } = slackPost(message(short));
    expect(blocks.length).toBeLessThanOrEqual(50);
  });

  it("shows a whole manifest up to 3,000 characters of section, escapes counted", () => {
    const shows = (yaml: string) => {
      const [suggestion] = finding().suggestions;
      const { blocks } = slackPost(message([finding({ suggestions: [{ ...suggestion!, yaml }] })]));
      return JSON.stringify(blocks).includes("Ready to apply");
    };
    const around = "*Ready to apply* (confidence high)\n```\n```".length;
    expect(shows(`${"y".repeat(3000 - around - 1)}\n`)).toBe(true);
    expect(shows(`${"y".repeat(3000 - around)}\n`)).toBe(false);
    expect(shows(`${"&".repeat(700)}\n`)).toBe(false);
  });

  it("keeps the end of a long host name in sight, which says whose it is", () => {
    const host = `api.stripe.com.${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}.evil.example`;
    const post = slackPost(message([finding({ destination: { ...finding().destination, host } })]));
    expect(JSON.stringify(post.blocks)).toContain(`\`${host}\``);
  });

  it("escapes what would be a mention, a link or the end of code", () => {
    const post = JSON.stringify(slackPost(message([hostile("`<!channel>` <https://evil.example|ok> &", 0)])));
    expect(post).not.toMatch(/[<>]|&(?!(amp|lt|gt);)/);
    expect(post).toContain("\\\\u0060\\\\u003c!channel\\\\u003e\\\\u0060");
  });
});
