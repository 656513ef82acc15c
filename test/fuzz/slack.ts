/** What comes from Slack: nothing unsigned is listened to, and whatever is signed is answered within Slack's limits. */
import fc from "fast-check";
import { expect } from "vitest";
import { made, now, remembered } from "../api/make.ts";
import { pressForm, signed, signingSecret } from "../command/serve-scout.ts";
import { postProblems } from "../receivers/slack.ts";
import { deepJson, mutated, repeated } from "./mutate.ts";
import { expectPrintable, property } from "./property.ts";
import { hostileText } from "./texts.ts";
import { mutatedTree } from "./trees.ts";

const id = "f-4be1c09a77d2";
const actions = ["acknowledge", "snooze-7d", "expected", "deny", "show-manifest"];

const payload = {
  type: "block_actions",
  user: { id: "U012AB3CD", username: "ada", name: "ada", team_id: "T0" },
  api_app_id: "A0",
  container: { type: "message", message_ts: "1700000000.000001", channel_id: "C0PAYMENTS", is_ephemeral: false },
  channel: { id: "C0PAYMENTS", name: "payments" },
  message: { type: "message", text: "…", blocks: [] },
  actions: [{ type: "button", action_id: "acknowledge", block_id: "b1", value: id, action_ts: "1700000000.000002" }],
};
const press = fc.oneof(
  {
    weight: 1,
    arbitrary: deepJson.map((deep) =>
      new URLSearchParams({
        payload: `{"type":"block_actions","user":{"id":"U012AB3CD","name":${deep}},"actions":[{"action_id":"deny","value":${deep}}]}`,
      }).toString(),
    ),
  },
  {
    weight: 5,
    arbitrary: mutatedTree(
      fc.constantFrom(...actions.map((one) => ({ ...payload, actions: [{ ...payload.actions[0], action_id: one }] }))),
    ).map((one) => pressForm({ value: id, payload: one })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(...actions), fc.oneof(fc.constant(id), hostileText), hostileText)
      .map(([action, value, username]) => pressForm({ action, value, user: { id: "U012AB3CD", username } })),
  },
  { weight: 2, arbitrary: mutated(fc.constantFrom(...actions).map((action) => pressForm({ action, value: id }))) },
  { weight: 1, arbitrary: repeated(fc.constantFrom("payload=", "payload=%7B", "%", "&", "payload=%5B")) },
);

const word = fc.oneof(
  fc.constantFrom("search", "scan", "plan", "help", "payments", "prod-eu", "api.stripe.com"),
  hostileText,
);
const text = fc.array(word, { maxLength: 4 }).map((all) => all.join(" "));
const fields = fc.record({
  command: fc.constant("/egress"),
  user_id: fc.constantFrom("U012AB3CD", "U0NOBODY"),
  user_name: hostileText,
  text,
  response_url: fc.constantFrom(
    "https://hooks.slack.com/commands/T0/1/x",
    "https://evil.example/",
    "http://169.254.169.254/",
  ),
});
const command = fc.oneof(
  { weight: 5, arbitrary: fields.map((one) => new URLSearchParams(one).toString()) },
  { weight: 3, arbitrary: mutated(fields.map((one) => new URLSearchParams(one).toString())) },
  { weight: 1, arbitrary: repeated(fc.constantFrom("text=", "&", "%", "command=%2Fegress&")) },
);
const asked = fc.oneof(
  press.map((body) => ["/slack/actions", body] as const),
  command.map((body) => ["/slack/commands", body] as const),
);

/** An API whose store starts anew; replies go nowhere. */
async function fresh() {
  const store = await remembered("memory:");
  const replies = { takes: (url: string) => url.startsWith("https://hooks.slack.com/"), send: async () => {} };
  const slack = { signingSecret, allow: ["U012AB3CD"], channels: ["slack"], replies, later: async () => {} };
  return { store, ...made(store, { slack }) };
}

async function expectAnswered([path, body]: readonly [string, string]): Promise<void> {
  const { app, logged } = await fresh();
  const answer = await app.request(path, { method: "POST", body, headers: signed(body, now) });
  const said = await answer.text();
  expect(answer.status, said.slice(0, 300)).toBeLessThan(500);
  for (const one of [said, ...logged]) expect(one.includes(signingSecret)).toBe(false);
  for (const one of logged) expectPrintable(one);
  if (said === "") return;
  const value: { blocks?: unknown; text?: unknown; detail?: string } = JSON.parse(said);
  if (answer.status !== 200) {
    expectPrintable(value.detail ?? "");
    return;
  }
  // What an ephemeral answer has besides a post, and the marks that only a post has.
  // Who may decide is a mention of ours.
  const { response_type: _, replace_original: __, ...post } = JSON.parse(said.replaceAll("<@U012AB3CD>", "U012AB3CD"));
  const unexpected = postProblems({ ...post, unfurl_links: false, unfurl_media: false }).filter(
    (one) => !/outside code|bold/.test(one),
  );
  expect(unexpected).toEqual([]);
}

const wrong = fc.record({
  signature: fc.oneof(
    hostileText.map((one) => one.replace(/[^\x20-\x7e]/g, "").trim()),
    fc.constantFrom("", "v0=", `v0=${"0".repeat(64)}`, "v1=abc"),
  ),
  shift: fc.constantFrom(0, -301_000, 301_000, -86_400_000),
  how: fc.constantFrom("signature", "time", "body", "secret", "none"),
});

async function expectRefused([[path, body], { signature, shift, how }]: [
  readonly [string, string],
  { signature: string; shift: number; how: string },
]): Promise<void> {
  const { app, store } = await fresh();
  const before = await store.verdicts();
  const good = signed(
    body,
    how === "time" ? now + (shift || 600_000) : now,
    how === "secret" ? `${signingSecret}x` : signingSecret,
  );
  const headers = how === "none" ? {} : how === "signature" ? { ...good, "x-slack-signature": signature } : good;
  const answer = await app.request(path, { method: "POST", body: how === "body" ? `${body}&` : body, headers });
  expect(answer.status).toBe(401);
  expect(await store.verdicts()).toEqual(before);
}

export const properties = [
  property("Slack: whatever is signed is answered, below 500, within Slack's limits", 50, asked, expectAnswered),
  property(
    "Slack: what is not signed, or wrongly, or late, decides nothing",
    50,
    fc.tuple(asked, wrong),
    expectRefused,
  ),
];
