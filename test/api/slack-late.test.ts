/** Slack's buttons and `/egress` where the store is slow, and where Slack delivers twice. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SlackJob } from "../../lib/api/parts.ts";
import { answerTo } from "../../lib/api/slack/carry-out.ts";
import { slackReplies } from "../../lib/notify/slack-reply.ts";
import type { Store } from "../../lib/remember/store.ts";
import { type Pressed, pressForm, signed, signingSecret } from "../command/serve-scout.ts";
import { finding } from "../notify/sample.ts";
import { type SlackApi, slackApi } from "../receivers/slack-api.ts";
import { made, now, remembered } from "./make.ts";

const { id } = finding();
let slack: SlackApi;
let store: Store;
beforeEach(async () => {
  [slack, store] = [await slackApi(), await remembered("memory:")];
});
afterEach(async () => {
  await store.close();
  await slack.close();
});

/** An API whose store answers when it is let, and what it puts off. */
function slow() {
  const gate = Promise.withResolvers<void>();
  const jobs: SlackJob[] = [];
  const held: Store = {
    ...store,
    verdicts: async () => {
      await gate.promise;
      return await store.verdicts();
    },
  };
  const own = made(held, {
    scans: {
      ask: async () => {
        await gate.promise;
        return null;
      },
      find: async () => null,
    },
    slack: {
      ...{ signingSecret, allow: ["U012AB3CD"], channels: [], replies: slackReplies(slack.apiUrl) },
      later: async (job) => void jobs.push(job),
    },
  });
  return { ...own, jobs, release: gate.resolve };
}
type App = ReturnType<typeof made>["app"];
const send = (app: App, path: string, body: string, headers: Record<string, string> = {}, at = now) =>
  app.request(path, { method: "POST", body, headers: { ...signed(body, at), ...headers } });
const press = (app: App, pressed: Pressed, ...more: [headers?: Record<string, string>, at?: number]) =>
  send(app, "/slack/actions", pressForm({ responseUrl: slack.responseUrl, ...pressed }), ...more);

describe("with a slow store", () => {
  it("a press is answered in time, and decided once: by the job, and not by what was given up", async () => {
    const { app, jobs, release } = slow();
    const response = await press(app, { action: "deny", value: id });
    expect([response.status, await response.text()]).toEqual([200, ""]);
    expect(jobs).toEqual([
      {
        kind: "press",
        press: { action: "deny", by: "slack:ada (U012AB3CD)", ids: [id], at: now },
        replyTo: slack.responseUrl,
      },
    ]);
    release();
    // What was given up goes on as far as it ever will: nothing in it waits for more than this process.
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect([...(await store.verdicts()).values()]).toEqual([]);
    const [job] = jobs;
    if (job === undefined) throw new Error("nothing was put off");
    const room = { store: async () => store, reviewed: () => [], now: () => now, channels: [] };
    const said = await answerTo(job, { ...room, clusters: [], plans: { plan: async () => null } });
    expect(said.text).toContain("denied, without end");
    expect([...(await store.verdicts()).values()]).toMatchObject([{ id, verdict: "denied", at: now }]);
  });

  it("a press without a way back is told that nothing is decided", async () => {
    const { app, jobs } = slow();
    const response = await press(app, { action: "deny", value: id, responseUrl: "https://evil.example/" });
    expect(await response.text()).toContain("nothing is decided: press again");
    expect(jobs).toEqual([]);
  });

  it("who may not decide hears so at once", async () => {
    const { app, jobs } = slow();
    await press(app, { action: "deny", value: id, user: { id: "U0EVE" } });
    expect(slack.replies[0]?.text).toContain("Nothing is decided");
    expect(jobs).toEqual([]);
  });

  it("/egress scan is answered in time, and what became of it is told", async () => {
    const { app, release } = slow();
    const form = { command: "/egress", text: "scan", user_id: "U012AB3CD", response_url: slack.responseUrl };
    const response = await send(app, "/slack/commands", new URLSearchParams(form).toString());
    expect(await response.text()).toContain("That takes a while");
    expect(slack.replies).toEqual([]);
    release();
    await expect.poll(() => slack.replies[0]?.text).toContain("goes on already");
  });
});

describe("what Slack delivers again", () => {
  const payload = (action: string, time: number) => ({
    ...{ type: "block_actions", user: { id: "U012AB3CD" }, response_url: slack.responseUrl },
    actions: [{ action_id: action, value: id, action_ts: (time / 1000).toFixed(6) }],
  });
  const again = { "x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout" };

  it("is the same verdict, of the time when the button was pressed", async () => {
    const { app } = made(store);
    const one = { value: id, payload: payload("snooze-7d", now - 1234) };
    await press(app, one);
    const first = [...(await store.verdicts()).values()];
    expect(first).toMatchObject([{ verdict: "snoozed", at: now - 1234 }]);
    expect((await press(app, one, again, now + 60_000)).status).toBe(200);
    expect([...(await store.verdicts()).values()]).toEqual(first);
  });

  it("takes nothing back that was decided in between", async () => {
    const { app } = made(store);
    const one = { value: id, payload: payload("deny", now - 5_000) };
    await press(app, one);
    await press(app, { value: id, payload: payload("expected", now - 2_000) });
    await press(app, one, again, now);
    expect([...(await store.verdicts()).values()]).toMatchObject([{ verdict: "expected", at: now - 2_000 }]);
  });

  it.each([
    ["later than the signature", now + 60_000],
    ["days before it", now - 3 * 86_400_000],
  ])("a press that says it was %s counts from the signature", async (_, time) => {
    const { app } = made(store);
    await press(app, { value: id, payload: payload("deny", time) });
    expect([...(await store.verdicts()).values()]).toMatchObject([{ at: now }]);
  });
});
