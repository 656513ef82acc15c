import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sqlite } from "../../lib/remember/sqlite.ts";
import { nothingNew } from "../../lib/remember/store.ts";
import { type Aws, awsReceiver } from "../receivers/aws.ts";
import { tempFolder } from "../tools/temp.ts";
import { type Instance, lambda, metrics, said } from "./lambda.ts";

const names = Array.from({ length: 23 }, (_, index) => `cluster-${index}`);
const tick = { scheduledTime: "2026-11-22T12:05:00.700Z", executionId: "d32c5kddcf5bb8c3" };
const at = "2026-11-22T12:04:45.000Z";
const body = (cluster: string) => JSON.stringify({ cluster, at });

describe("functions/schedule, as built", () => {
  const folder = tempFolder("schedule");
  const state = `sqlite:${join(folder.path, "state.db")}`;
  let aws: Aws;
  let schedule: Instance;

  beforeAll(() => {
    const clusters = names.map((name) => ({ name, prometheus: { url: "http://127.0.0.1:1" } }));
    writeFileSync(join(folder.path, "config.yaml"), JSON.stringify({ clusters }));
  });
  beforeEach(async () => {
    aws = await awsReceiver();
    schedule = await lambda("schedule", {
      ...aws.env,
      EGRESS_SCOUT_CONFIG: join(folder.path, "config.yaml"),
      EGRESS_SCOUT_STATE: state,
      EGRESS_SCOUT_QUEUE_URL: `${aws.url}/123456789012/runs`,
    });
    return async () => {
      await schedule.stop();
      await aws.stop();
    };
  });
  afterAll(() => folder.remove());

  it("sends a message for each cluster, ten in a call at most, the same for every try", async () => {
    expect(await schedule.invoke(tick)).toMatchObject({ result: { at, clusters: names }, failed: null });
    expect(aws.queue).toEqual(names.map(body));
    expect(aws.asked).toHaveLength(3);
    await schedule.invoke(tick, { later: 90_000 });
    expect(aws.queue.slice(names.length)).toEqual(names.map(body));
  });

  it("sends those again that SQS did not take, and these alone", async () => {
    aws.untaken.set(body("cluster-3"), 1).set(body("cluster-14"), 2);
    expect((await schedule.invoke(tick)).failed).toBeNull();
    expect([...aws.queue].sort()).toEqual(names.map(body).sort());
  });

  it("fails where some were not taken at all, after all others were", async () => {
    aws.untaken.set(body("cluster-3"), 99);
    const { failed } = await schedule.invoke(tick);
    expect(failed?.message).toMatch(
      /^queue\/unavailable: 1 of 23 messages did not get into the queue: InternalError; check/,
    );
    expect(aws.queue).toHaveLength(22);
  });

  it("waits out throttling, and says what is denied", async () => {
    aws.trouble("SendMessageBatch", "throttle", "fail");
    expect((await schedule.invoke(tick)).failed).toBeNull();
    expect(aws.queue).toHaveLength(23);
    aws.trouble("SendMessageBatch", "deny", "deny", "deny");
    const { failed } = await schedule.invoke(tick);
    expect(failed?.message).toMatch(/23 of 23 messages .*AccessDenied.*sqs:SendMessage/);
    expect(failed?.printed).not.toMatch(/SessionToken42|SecretKey42|cause/);
  });

  it("says what is wrong with its event", async () => {
    for (const event of [{}, { scheduledTime: "<aws.scheduler.scheduled-time>" }, null, { scheduledTime: {} }]) {
      const { failed } = await schedule.invoke(event);
      expect(failed?.message).toMatch(/^usage: (scheduledTime|the payload): /);
    }
    expect(aws.queue).toEqual([]);
  });

  it("tells how long ago the worst cluster was looked at, and that it cannot tell where the state is away", async () => {
    const first = await schedule.invoke(tick);
    expect(metrics(first.lines, "StalestRun")).toEqual([]);
    expect(metrics(first.lines, "ClustersWithoutRun")).toEqual([{ value: 23, of: {} }]);
    const store = await sqlite(join(folder.path, "state.db"));
    const progress = (end: number) => nothingNew({ end, learningSince: null, judgedUntil: null });
    const now = Date.now();
    await store.remember("cluster-1", progress(now - 60_000));
    await store.remember("cluster-2", progress(now - 3_600_000));
    await store.close();
    const { lines } = await schedule.invoke(tick);
    expect(metrics(lines, "ClustersWithoutRun")).toEqual([{ value: 21, of: {} }]);
    expect(metrics(lines, "StalestRun")).toEqual([{ value: expect.closeTo(3600, -2), of: {} }]);

    const away = await schedule.invoke(tick, { env: { EGRESS_SCOUT_STATE: `sqlite:${folder.path}` } });
    expect(away.failed).toBeNull();
    expect(said(away.lines, "ERROR")).toMatchObject([
      { code: expect.stringMatching(/^store\//), correlation_id: "request-3" },
    ]);
  });
});
