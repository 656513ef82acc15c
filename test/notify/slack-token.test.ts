import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScoutError } from "../../lib/errors.ts";
import type { Message } from "../../lib/model.ts";
import { slackToken } from "../../lib/notify/slack-token.ts";
import { channelContract } from "../contract/channel.ts";
import { slackManifests } from "../receivers/slack.ts";
import { type SlackApi, slackApi, slackBotToken, slackChannel } from "../receivers/slack-api.ts";
import { receiptBook } from "./receipt-book.ts";
import { at, finding, many, message, yamlOf } from "./sample.ts";

const name = "the-channel";
const hour = 60 * 60_000;
const settings = { name, token: slackBotToken, place: slackChannel.name };

channelContract("slack by token", async ({ timeout }) => {
  const receiver = await slackApi();
  return {
    channel: slackToken({ ...settings, apiUrl: receiver.apiUrl, timeout, wait: async () => {} }),
    receiver,
    secrets: [slackBotToken],
    manifests: slackManifests,
    text: (body) => JSON.stringify(JSON.parse(body)),
    tries: 2,
  };
});

describe("slack by token", () => {
  let slack: SlackApi;
  let waits: number[];
  beforeEach(async () => {
    slack = await slackApi();
    waits = [];
  });
  afterEach(async () => {
    expect(slack.faults).toEqual([]);
    await slack.close();
  });

  const open = (change: Partial<Parameters<typeof slackToken>[0]> = {}) =>
    slackToken({ ...settings, apiUrl: slack.apiUrl, wait: async (ms) => void waits.push(ms), ...change });
  const failure = async (sent: Promise<void>): Promise<ScoutError> => {
    const thrown = await sent.catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ScoutError);
    return thrown as ScoutError;
  };
  const elsewhere = { ...finding().destination, host: null, sni: null, address: "203.0.113.9" };
  const summary = "payments/checkout reached 203.0.113.9.";
  const two = [finding({ id: "f-1" }), finding({ id: "f-2", summary, destination: elsewhere, names: [] })];
  const calls = () => slack.got.map(({ url }) => url.replace(/^\/(api\/)?/, ""));
  const shown = (index: number) => JSON.stringify(slack.messages[index]?.post);
  const later = (change: Partial<Message>, ids = ["f-1"]) =>
    message(
      two.filter(({ id }) => ids.includes(id)),
      { id: `msg-${change.reason}`, at: at + hour, ...change },
    );

  it("posts first findings as one message, without a thread", async () => {
    await open().send(message(two), receiptBook().receipts());
    expect(calls()).toEqual(["chat.postMessage"]);
    expect(slack.messages).toMatchObject([{ thread: null, broadcast: false, updates: 0 }]);
  });

  it("changes the message where it stands when a finding is over, and says so in its thread alone", async () => {
    const { receipts } = receiptBook();
    await open().send(message(two), receipts());
    await open().send(later({ reason: "resolved" }), receipts());
    expect(slack.messages).toMatchObject([
      { thread: null, updates: 1 },
      { thread: slack.messages[0]?.ts, broadcast: false, updates: 0 },
    ]);
    expect(shown(0)).toContain("Resolved (2026-11-22 11:15 UTC): payments/checkout reached api.stripe.com");
    expect(shown(0)).toContain("payments/checkout reached 203.0.113.9.");
    expect(shown(0)).not.toContain("Resolved: 2");
    expect(slackManifests(JSON.stringify(slack.messages[0]?.post))).toHaveLength(1);
    await open().send(later({ reason: "resolved", id: "msg-3", at: at + 2 * hour }, ["f-2"]), receipts());
    expect(slack.messages[0]?.updates).toBe(2);
    expect(shown(0)).toContain("Resolved: 2 new destinations");
    expect(shown(0)).toContain("Resolved (2026-11-22 11:15 UTC)");
    expect(shown(0)).toContain("Resolved (2026-11-22 12:15 UTC)");
  });

  it.each(["changed", "repeat"] as const)("tells what is %s in the thread and in the channel", async (reason) => {
    const { receipts } = receiptBook();
    await open().send(message(two), receipts());
    const own = later({ reason });
    await open().send({ ...own, findings: own.findings.map((one) => ({ ...one, severity: "critical" })) }, receipts());
    expect(slack.messages).toMatchObject([{ updates: 1 }, { thread: slack.messages[0]?.ts, broadcast: true }]);
    expect(shown(0)).toContain("(critical)");
    expect(shown(0)).toContain("(warning)");
  });

  it("tells findings of several messages in each one's thread, and what stands in none in a message of its own", async () => {
    const { receipts } = receiptBook();
    await open().send(message([two[0]!], { id: "msg-a" }), receipts());
    await open().send(message([two[1]!], { id: "msg-b" }), receipts());
    const all = [...two, finding({ id: "f-3" })];
    await open().send(message(all, { id: "msg-c", reason: "repeat", at: at + hour }), receipts());
    const [a, b] = slack.messages;
    expect(slack.messages.map(({ thread }) => thread)).toEqual([null, null, a?.ts, b?.ts, null]);
  });

  it("the same findings again, later, are a new message: the old one is over", async () => {
    const { receipts } = receiptBook();
    await open().send(message(two), receipts());
    await open().send(later({ reason: "resolved" }, ["f-1", "f-2"]), receipts());
    await open().send(message(two, { at: at + 2 * hour }), receipts());
    expect(slack.messages.map(({ thread }) => thread === null)).toEqual([true, false, true]);
    await open().send(later({ reason: "resolved", at: at + 3 * hour }), receipts());
    expect(slack.messages[3]?.thread).toBe(slack.messages[2]?.ts);
  });

  it("a digest is a message of its own, and moves nothing", async () => {
    const { receipts } = receiptBook();
    await open().send(message(two), receipts());
    await open().send(later({ reason: "digest" }, ["f-1", "f-2"]), receipts());
    await open().send(later({ reason: "resolved", at: at + 2 * hour }), receipts());
    const [first] = slack.messages;
    expect(slack.messages).toMatchObject([
      { thread: null, updates: 1 },
      { thread: null, updates: 0 },
      { thread: first?.ts, updates: 0 },
    ]);
  });

  it("a message that a person took away gets a new one", async () => {
    const { receipts } = receiptBook();
    await open().send(message(two), receipts());
    slack.remove(slack.messages[0]?.ts ?? "");
    await open().send(later({ reason: "repeat" }), receipts());
    expect(slack.messages).toMatchObject([{ thread: null }]);
    await open().send(later({ reason: "resolved", at: at + 2 * hour }), receipts());
    expect(slack.messages).toMatchObject([{ thread: null, updates: 1 }, { thread: slack.messages[0]?.ts }]);
  });

  it("receipts that are damaged cost the thread, and no message", async () => {
    const { book, receipts } = receiptBook();
    await open().send(message(two), receipts());
    for (const bad of ["{", "null", "[]", '{"channel":1}', '{"channel":"C","ts":"1","message":7,"isAttached":false}']) {
      for (const key of [...book.keys()]) book.set(key, bad);
      const before = slack.messages.length;
      await open().send(later({ reason: "repeat", at: at + hour + before }), receipts());
      expect(slack.messages.slice(before)).toMatchObject([{ thread: null }]);
    }
  });

  it("a message too long to keep is told of in its thread, and not changed", async () => {
    const { receipts } = receiptBook();
    const all = many(300);
    await open().send(message(all), receipts());
    await open().send(message(all.slice(0, 1), { id: "msg-2", reason: "resolved", at: at + hour }), receipts());
    expect(slack.messages).toMatchObject([{ updates: 0 }, { thread: slack.messages[0]?.ts }]);
  });

  describe("files", () => {
    const [suggestion] = finding().suggestions;
    const long = (id: string, lines = 400) =>
      finding({ id, suggestions: [{ ...suggestion!, yaml: yamlOf(`${id}.example.com`, lines) }] });

    it("a manifest that is too long to show is a file in the thread, whole", async () => {
      await open().send(message([long("f-1"), finding()]), receiptBook().receipts());
      expect(slack.files).toEqual([
        {
          name: "manifests-msg-0011223344556677.yaml",
          thread: slack.messages[0]?.ts,
          text: `---\n# finding f-1\n${yamlOf("f-1.example.com", 400)}`,
        },
      ]);
      expect(calls()).toEqual([
        "chat.postMessage",
        "files.getUploadURLExternal",
        "upload/F1",
        "files.completeUploadExternal",
      ]);
    });

    it("a file of a great many is cut by whole manifests, and says so", async () => {
      const all = Array.from({ length: 150 }, (_, index) => long(`f-${index}`));
      await open().send(message(all));
      const [{ text } = { text: "" }] = slack.files;
      expect(text.length).toBeLessThanOrEqual(1_000_100);
      const documents = text.split(/^---\n/m).slice(1);
      const left = Number(/^# (\d+) more/m.exec(text)?.[1]);
      expect(documents.length + left).toBe(150);
      expect(documents[0]).toBe(`# finding f-0\n${yamlOf("f-0.example.com", 400)}`);
      expect(text).not.toContain("undefined");
    });

    it.each(["files.getUploadURLExternal", "files.completeUploadExternal"])(
      "one that %s refuses costs itself alone: the thread says where the manifests are",
      async (method) => {
        const { receipts } = receiptBook();
        slack.refuse(method, "missing_scope");
        await open().send(message([long("f-1")]), receipts());
        expect(slack.files).toEqual([]);
        expect(slack.messages).toMatchObject([{ thread: null }, { thread: slack.messages[0]?.ts, broadcast: false }]);
        expect(shown(1)).toContain("Slack did not take the file");
        await open().send(message([long("f-1")]), receipts());
        expect(slack.messages).toHaveLength(2);
      },
    );

    it("one that cannot be sent now leaves the letter due; the next try sends the file, and not the message again", async () => {
      const { receipts } = receiptBook();
      slack.refuse("files.getUploadURLExternal", "service_unavailable");
      expect((await failure(open().send(message([long("f-1")]), receipts()))).code).toBe("channel/unavailable");
      slack.refuse("files.getUploadURLExternal", null);
      await open().send(message([long("f-1")]), receipts());
      expect([slack.messages.length, slack.files.length]).toEqual([1, 1]);
    });
  });

  // Update, reply, update, reply, post, place for the file, file, completion.
  it.each([0, 1, 2, 3, 4, 5, 6, 7])("cut off at call %i it goes on from there: nothing is said twice", async (cut) => {
    const { receipts } = receiptBook();
    await open().send(message([two[0]!], { id: "msg-a" }), receipts());
    await open().send(message([two[1]!], { id: "msg-b" }), receipts());
    const [suggestion] = finding().suggestions;
    const long = finding({ id: "f-3", suggestions: [{ ...suggestion!, yaml: yamlOf("long.example.com", 400) }] });
    const all = message([...two, long], { id: "msg-c", reason: "repeat", at: at + hour });
    slack.behave(...Array.from({ length: cut }, () => "ok" as const), "reset");
    expect((await failure(open().send(all, receipts()))).code).toBe("channel/unavailable");
    expect(slack.got).toHaveLength(2 + cut + 1);
    await open().send(all, receipts());
    const [a, b] = slack.messages;
    expect(slack.messages.map(({ thread }) => thread)).toEqual([null, null, a?.ts, b?.ts, null]);
    expect(slack.files).toHaveLength(1);
    await open().send(all, receipts());
    expect([slack.messages.length, slack.files.length]).toEqual([5, 1]);
  });

  it("leaves a second between messages", async () => {
    const { receipts } = receiptBook();
    const channel = open();
    await channel.send(message(two), receipts());
    expect(waits).toEqual([]);
    await channel.send(later({ reason: "repeat" }), receipts());
    expect(waits).toEqual([1000, 1000]);
  });

  it("waits as long as Slack says, where that is short, and tries once more", async () => {
    slack.retryAfter = "3";
    slack.behave("rate-limited");
    await open().send(message(two));
    expect(waits).toEqual([3000]);
    expect(slack.messages).toHaveLength(1);
  });

  it("leaves an hour's pause to the runs that come", async () => {
    slack.retryAfter = "3600";
    slack.behave("rate-limited");
    const error = await failure(open().send(message(two)));
    expect(error).toMatchObject({ code: "channel/rate-limited" });
    expect(error.message).toContain("to be tried again in 3600 s");
    expect(waits).toEqual([]);
  });

  it.each([
    ["channel_not_found", "channel/refused", "/invite"],
    ["not_in_channel", "channel/refused", "/invite"],
    ["is_archived", "channel/refused", "archived"],
    ["invalid_auth", "channel/refused", "bot token"],
    ["token_revoked", "channel/refused", "bot token"],
    ["account_inactive", "channel/refused", "bot token"],
    ["missing_scope", "channel/refused", "chat:write"],
    ["restricted_action_read_only_channel", "channel/refused", "workspace"],
    ["msg_too_long", "channel/refused", "fault of egress-scout"],
    ["msg_blocks_too_long", "channel/refused", "fault of egress-scout"],
    ["never_heard_of", "channel/refused", "docs.slack.dev"],
    ["ratelimited", "channel/rate-limited", "next run"],
    ["internal_error", "channel/unavailable", "next run"],
  ])("takes ok:false, %s for %s", async (reason, code, mend) => {
    slack.refuse("chat.postMessage", reason);
    const error = await failure(open().send(message(two)));
    expect(error.code).toBe(code);
    expect(error.mend).toContain(mend);
    if (code !== "channel/rate-limited") expect(error.message).toContain(`chat.postMessage: ${reason}`);
  });

  it.each(["", "{}", "null", '{"ok":"yes"}', '{"ok":true}', "<html></html>"])(
    "takes %j for no yes, though the status is 200",
    async (body) => {
      slack.behave({ status: 200, body });
      expect((await failure(open().send(message(two)))).code).toBe("channel/refused");
    },
  );

  it.each([
    [{ apiUrl: "nonsense" }, "slack.apiUrl is no http(s) URL"],
    [{ token: "" }, "the token is empty or holds what no token does"],
    [{ token: "xoxb-1\nx: y" }, "the token is empty or holds what no token does"],
  ])("refuses %j when sending", async (change, said) => {
    expect((await failure(open(change).send(message(two)))).message).toBe(`channel the-channel: ${said}`);
    expect(slack.got).toEqual([]);
  });

  it("takes an apiUrl without its last slash", async () => {
    await open({ apiUrl: slack.apiUrl.slice(0, -1) }).send(message(two));
    expect(slack.messages).toHaveLength(1);
  });
});
