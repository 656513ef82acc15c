import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sqlite } from "../../lib/remember/sqlite.ts";
import { type Aws, awsReceiver } from "../receivers/aws.ts";
import type { Receiver } from "../receivers/receiver.ts";
import { hookSecret, hookUrl, webhookReceiver } from "../receivers/webhook.ts";
import { type Instance, lambda, metrics, said } from "./lambda.ts";
import { message, minute, type SetUp, setUp } from "./set-up.ts";

const token = "prometheus-T0ken-42";
const arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:hook-AbCdEf";

describe("secrets that AWS keeps", () => {
  let held: SetUp;
  let aws: Aws;
  let hooks: Receiver[];
  let poll: Instance;
  let made = 0;
  let state = "";

  beforeAll(async () => {
    held = await setUp("secrets");
    held.gate.token = token;
  });
  beforeEach(async () => {
    made += 1;
    state = join(held.folder.path, `${made}.db`);
    aws = await awsReceiver();
    hooks = [await webhookReceiver(), await webhookReceiver()];
    const [one, other] = hooks.map((hook, index) => [`hook-${index}`, hookUrl(hook)] as const);
    const channels = {
      one: { webhook: { url: one?.[1], secret: { secretsManager: arn } } },
      other: { webhook: { url: { ssm: "/hooks/url" }, secret: { ssm: "/hooks/secret" } } },
    };
    aws.parameters
      .set("/prometheus/token", `${token}\n`)
      .set("/hooks/url", String(other?.[1]))
      .set("/hooks/secret", hookSecret);
    aws.secrets.set(arn, hookSecret);
    const path = held.write(`${made}.yaml`, {
      clusters: [{ name: "prod", prometheus: { url: held.gate.url, auth: { bearer: { ssm: "/prometheus/token" } } } }],
      owners: [{ team: "shop", channels: ["one", "other"] }],
      channels,
    });
    poll = await lambda("poll", { ...aws.env, EGRESS_SCOUT_CONFIG: path, EGRESS_SCOUT_STATE: `sqlite:${state}` });
    return async () => {
      await poll.stop();
      await aws.stop();
      await Promise.all(hooks.map((hook) => hook.close()));
    };
  });
  afterAll(() => held.stop());

  const run = async (back: number, options: Parameters<Instance["invoke"]>[1] = {}) => {
    const at = new Date(held.end - back * minute).toISOString();
    const told = await poll.invoke({ Records: [message({ cluster: "prod", at })] }, options);
    for (const secret of [token, hookSecret, "T0kenInThePath42", "SecretKey42", "SessionToken42"])
      expect(told.written + (told.failed?.printed ?? "")).not.toContain(secret);
    return told;
  };
  const failures = (told: Awaited<ReturnType<typeof run>>) =>
    (told.result as { batchItemFailures: unknown[] }).batchItemFailures.length;
  const taken = () => hooks.map((hook) => hook.taken.length);

  it("are looked up side by side, once each, and again after five minutes", async () => {
    expect(failures(await run(30))).toBe(0);
    expect([...aws.asked].sort()).toEqual(
      [
        "GetParameter /hooks/secret",
        "GetParameter /hooks/url",
        "GetParameter /prometheus/token",
        `GetSecretValue ${arn}`,
      ].sort(),
    );
    expect(failures(await run(10, { later: 4 * minute }))).toBe(0);
    expect(taken()).toEqual([1, 1]);
    expect(aws.asked).toHaveLength(4);
    expect(failures(await run(0, { later: 6 * minute }))).toBe(0);
    expect(taken()).toEqual([2, 2]);
    expect(aws.asked).toHaveLength(8);
    expect(hooks.flatMap(({ faults }) => faults)).toEqual([]);
  });

  it.each([
    [
      "missing",
      "channel/refused",
      (held: Aws): void => void held.parameters.delete("/hooks/secret"),
      "there is none of that name",
    ],
    ["empty", "channel/refused", (held: Aws): void => void held.parameters.set("/hooks/secret", ""), "it is empty"],
  ] as const)(
    "of a channel that is %s keeps no other channel from being told; its letter waits",
    async (_, code, spoil, why) => {
      spoil(aws);
      await run(30);
      const told = await run(10);
      expect(failures(told)).toBe(0);
      expect(taken()).toEqual([1, 0]);
      expect(said(told.lines, "ERROR")).toMatchObject([
        { channel: "other", code, error: expect.stringMatching(new RegExp(`ssm: /hooks/secret: ${why}`)), messages: 1 },
      ]);
      expect(metrics(told.lines, "ChannelFailures")).toContainEqual({
        value: 1,
        of: { cluster: "prod", channel: "other" },
      });
      expect(metrics(told.lines, "SuccessfulRuns")).toEqual([{ value: 1, of: { cluster: "prod" } }]);
      const store = await sqlite(state);
      expect(await store.letters("prod")).toMatchObject([{ channel: "other" }]);
      await store.close();
      aws.parameters.set("/hooks/secret", hookSecret);
      await run(0);
      expect(hooks[1]?.taken.length).toBe(2);
    },
  );

  it.each([
    ["deny", "channel/refused", "secretsmanager:GetSecretValue"],
    ["fail", "channel/unavailable", "try again later"],
    ["expired", "channel/refused", "renew"],
  ] as const)("that AWS does not give (%s) is that channel's trouble alone", async (trouble, code, mend) => {
    await run(30);
    aws.trouble("GetSecretValue", trouble, trouble, trouble);
    const told = await run(10, { later: 6 * minute });
    expect(failures(told)).toBe(0);
    expect(taken()).toEqual([0, 1]);
    expect(said(told.lines, "ERROR")).toMatchObject([{ channel: "one", code, mend: expect.stringContaining(mend) }]);
  });

  it("of Prometheus that is missing or cannot be had fails the run, and says which", async () => {
    aws.parameters.delete("/prometheus/token");
    const missing = await run(30);
    expect(failures(missing)).toBe(1);
    expect(said(missing.lines, "ERROR")[0]).toMatchObject({
      code: "config/invalid",
      mistakes: expect.stringMatching(
        /^clusters\.prod\.prometheus: ssm: \/prometheus\/token: there is none of that name/,
      ),
    });
    aws.parameters.set("/prometheus/token", token);
    aws.trouble("GetParameter", "throttle", "throttle", "throttle");
    const away = await run(30);
    expect(failures(away)).toBe(1);
    expect(said(away.lines, "ERROR")[0]).toMatchObject({
      code: "secret/unavailable",
      error: "clusters.prod.prometheus: ssm: /prometheus/token: AWS has too much to do (ThrottlingException)",
    });
    expect(failures(await run(30))).toBe(0);
  });

  it("that holds bytes is none", async () => {
    aws.secrets.set(arn, null);
    await run(30);
    expect(said((await run(10)).lines, "ERROR")).toMatchObject([
      { channel: "one", error: expect.stringContaining("it holds bytes, and no text") },
    ]);
  });
});
