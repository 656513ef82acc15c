import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sqlite } from "../../lib/remember/sqlite.ts";
import { hookSecret, hookUrl, webhookReceiver } from "../receivers/webhook.ts";
import { type Instance, lambda, metrics, said } from "./lambda.ts";
import { message, minute, type SetUp, setUp } from "./set-up.ts";

describe("functions/poll, as built, by SQS and by hand", () => {
  let held: SetUp;
  let poll: Instance;
  let made = 0;
  let state = "";

  beforeAll(async () => {
    held = await setUp("poll");
    const prometheus = { url: held.gate.url };
    held.write("config.yaml", { clusters: ["prod", "stage"].map((name) => ({ name, prometheus })) });
  });
  beforeEach(async () => {
    made += 1;
    state = join(held.folder.path, `${made}.db`);
    held.gate.shut = false;
    poll = await lambda("poll", {
      EGRESS_SCOUT_CONFIG: join(held.folder.path, "config.yaml"),
      EGRESS_SCOUT_STATE: `sqlite:${state}`,
    });
    return () => poll.stop();
  });
  afterAll(() => held.stop());

  const at = (back: number) => new Date(held.end - back * minute).toISOString();
  const ran = (back: number, cluster = "prod") => message({ cluster, at: at(back) });
  const remembered = async <T>(work: (store: Awaited<ReturnType<typeof sqlite>>) => Promise<T>) => {
    const store = await sqlite(state);
    return await work(store).finally(() => store.close());
  };

  it("does a run for each message: it learns, then finds, and says so in its log and metrics", async () => {
    const first = await poll.invoke({ Records: [ran(30), ran(30, "stage")] });
    expect(first).toMatchObject({ result: { batchItemFailures: [] }, failed: null });
    const next = ran(0);
    const { result, lines } = await poll.invoke({ Records: [next] });
    expect(result).toEqual({ batchItemFailures: [] });
    expect(metrics(lines, "SuccessfulRuns")).toEqual([{ value: 1, of: { cluster: "prod" } }]);
    expect(metrics(lines, "Findings")).toEqual([
      { value: 2, of: { cluster: "prod" } },
      { value: 2, of: { cluster: "prod", kind: "new-destination", severity: expect.any(String) } },
    ]);
    for (const name of ["RunDuration", "Series", "Undelivered", "FailedRuns"])
      expect(metrics(lines, name), name).toMatchObject([{ value: expect.any(Number), of: { cluster: "prod" } }]);
    const done = lines.find((line) => line.message === "the run is done");
    expect(done).toMatchObject({
      correlation_id: next.messageId,
      cluster: "prod",
      function_request_id: "request-2",
      findings: 2,
      to: at(0),
    });
    expect(await remembered((store) => store.progress("prod"))).toMatchObject({ end: held.end });
    expect(await remembered((store) => store.progress("stage"))).toMatchObject({ end: held.end - 30 * minute });
  });

  it("does a message's work once: one that comes again or late costs no question", async () => {
    await poll.invoke({ Records: [ran(30)] });
    await poll.invoke({ Records: [ran(0)] });
    const asked = held.gate.asked.length;
    const { result, lines } = await poll.invoke({ Records: [ran(0), ran(10), ran(30)] });
    expect(result).toEqual({ batchItemFailures: [] });
    expect(held.gate.asked).toHaveLength(asked);
    expect(lines.filter((line) => line.message === "the window is covered already: nothing to do")).toHaveLength(3);
    expect(metrics(lines, "SuccessfulRuns")).toEqual([]);
  });

  it("covers the gap when a message was lost", async () => {
    await poll.invoke({ Records: [ran(30)] });
    await poll.invoke({ Records: [ran(1)] });
    expect((await remembered((store) => store.recall("prod"))).size).toBe(3);
  });

  it("gives back what is no message of ours, and does the others", async () => {
    const poison = [
      message("no JSON"),
      message({ cluster: "nope", at: at(0) }),
      message({ cluster: "prod", At: at(0) }),
      message({ cluster: "prod", at: new Date(Date.now() + 60 * minute).toISOString() }),
    ];
    const { result, lines, failed } = await poll.invoke({ Records: [...poison, ran(0)] });
    expect(failed).toBeNull();
    expect(result).toEqual({ batchItemFailures: poison.map(({ messageId }) => ({ itemIdentifier: messageId })) });
    const errors = said(lines, "ERROR").map(({ correlation_id, code, error }) => [correlation_id, code, error]);
    expect(errors).toEqual([
      [poison[0]?.messageId, "usage", "the message's body is no JSON"],
      [poison[1]?.messageId, "usage", 'the config has no cluster "nope"'],
      [poison[2]?.messageId, "usage", "At: no such key"],
      [poison[3]?.messageId, "usage", "at: must be no time in the future"],
    ]);
    expect(await remembered((store) => store.progress("prod"))).toMatchObject({ end: held.end });
    const all = await poll.invoke({ Records: poison });
    expect(all).toMatchObject({ failed: null, result: { batchItemFailures: { length: 4 } } });
  });

  it("says of each cluster that its run failed where the state cannot even be opened", async () => {
    const env = { EGRESS_SCOUT_STATE: `sqlite:${join(held.folder.path, "nowhere", "state.db")}` };
    const { result, lines } = await poll.invoke({ Records: [ran(0)] }, { env });
    expect(result).toMatchObject({ batchItemFailures: { length: 1 } });
    expect(metrics(lines, "FailedRuns")).toContainEqual({ value: 1, of: { cluster: "prod" } });
  });

  it("leaves a scheduled message to the next one while another run of the cluster is at work, and gives back one that somebody sent", async () => {
    const store = await sqlite(state);
    const lease = await store.lease("prod", 1000);
    const busy = await poll.invoke({ Records: [ran(0)] }, { time: 5000 });
    expect(busy).toMatchObject({ result: { batchItemFailures: [] }, failed: null });
    expect(said(busy.lines, "ERROR")).toEqual([]);
    expect(said(busy.lines, "INFO")).toMatchObject([
      { message: expect.stringMatching(/another run/), cluster: "prod" },
    ]);
    expect(metrics(busy.lines, "FailedRuns")).toEqual([]);
    const own = await poll.invoke({ Records: [message({ cluster: "prod" })] }, { time: 5000 });
    expect(own.result).toMatchObject({ batchItemFailures: { length: 1 } });
    expect(said(own.lines, "ERROR")[0]).toMatchObject({ code: "store/busy", cluster: "prod" });
    expect(metrics(own.lines, "FailedRuns")).toContainEqual({ value: 1, of: { cluster: "prod", code: "store/busy" } });
    await lease.release();
    await store.close();
    expect(await poll.invoke({ Records: [ran(0)] })).toMatchObject({ result: { batchItemFailures: [] } });
    expect(await remembered((one) => one.progress("prod"))).toMatchObject({ end: held.end });
  });

  it("ends before Lambda ends it: the lease is given back, the log says why, and nothing of the window is remembered", async () => {
    held.gate.shut = true;
    const late = await poll.invoke({ Records: [ran(0)] }, { time: 2500 });
    expect(late.result).toMatchObject({ batchItemFailures: { length: 1 } });
    expect(said(late.lines, "ERROR")[0]).toMatchObject({
      code: "interrupted",
      error: expect.stringContaining("within the function's time"),
    });
    expect(metrics(late.lines, "FailedRuns")).toContainEqual({ value: 1, of: { cluster: "prod" } });
    expect(await remembered((store) => store.progress("prod"))).toBeNull();
    held.gate.shut = false;
    const again = await poll.invoke({ Records: [ran(0)] }, { time: 60_000 });
    expect(again).toMatchObject({ result: { batchItemFailures: [] }, failed: null });
  });

  it("sends for as long as there is time: what a channel that hangs did not take stays due, and the run is remembered", async () => {
    const hook = await webhookReceiver();
    const config = held.write("hook.yaml", {
      clusters: [{ name: "prod", prometheus: { url: held.gate.url } }],
      owners: [{ team: "shop", channels: ["hook"] }],
      channels: { hook: { webhook: { url: hookUrl(hook), secret: { env: "HOOK_SECRET" }, timeout: "60s" } } },
    });
    const env = { EGRESS_SCOUT_CONFIG: config, HOOK_SECRET: hookSecret };
    await poll.invoke({ Records: [ran(30)] }, { env });
    hook.behave("hang");
    const { result, lines } = await poll.invoke({ Records: [ran(10)] }, { time: 4000 });
    expect(result).toEqual({ batchItemFailures: [] });
    expect(said(lines, "ERROR")).toMatchObject([{ channel: "hook", code: "channel/unavailable", messages: 1 }]);
    expect(metrics(lines, "Undelivered")).toEqual([{ value: 1, of: { cluster: "prod" } }]);
    expect(await remembered((store) => store.progress("prod"))).toMatchObject({ end: held.end - 10 * minute });
    await poll.invoke({ Records: [ran(0)] });
    expect(hook.taken).toHaveLength(2);
    await hook.close();
  });

  it("gives the document of the one cluster, or a list of all; one that fails does not stop the others", async () => {
    expect(await poll.invoke({ cluster: "prod", at: at(30) })).toMatchObject({
      result: { schema: "egress-scout/scan@1" },
    });
    const dry = await poll.invoke({ cluster: "prod", at: at(0), dryRun: true });
    expect(dry.result).toMatchObject({ run: { mode: "watch" }, findings: { length: 2 }, wouldSend: [] });
    expect(dry.lines.filter((line) => "_aws" in line)).toEqual([]);
    expect(await poll.invoke({ cluster: "prod", since: "10m", at: at(0) })).toMatchObject({
      result: { findings: { length: 1 } },
    });
    expect(await poll.invoke(null)).toMatchObject({
      result: [{ run: { cluster: "prod" } }, { run: { cluster: "stage" } }],
    });
    const store = await sqlite(state);
    const lease = await store.lease("prod", 1000);
    const { failed, lines } = await poll.invoke({ at: at(0) }, { time: 8000 });
    expect(failed?.message).toMatch(/^store\/busy: 1 of 2 clusters failed: prod: store\/busy/);
    expect(metrics(lines, "SuccessfulRuns")).toContainEqual({ value: 1, of: { cluster: "stage" } });
    await lease.release();
    await store.close();
  });

  it("says every mistake of a payload at once", async () => {
    const { failed } = await poll.invoke({ since: "yesterday", at: "noon", dryrun: true });
    expect(failed?.message).toBe(
      "usage: since: must be a duration such as 15m, or a time; at: must be RFC 3339 or Unix seconds; dryrun: no such key",
    );
  });

  it("refuses a run in the future, by hand as well: the schedule's runs would have nothing to do until then", async () => {
    await poll.invoke({ Records: [ran(30)] });
    const { failed } = await poll.invoke({ cluster: "prod", at: (Date.now() + 60 * minute) / 1000 });
    expect(failed?.message).toBe("usage: at: must be no time in the future");
    expect(await remembered((store) => store.progress("prod"))).toMatchObject({ end: held.end - 30 * minute });
  });
});
