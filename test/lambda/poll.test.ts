/** The poll function from its package, as Lambda runs it, under both Node.js runtimes: a real Prometheus, DynamoDB and SNS stand-ins. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type HeldPast, holdPast } from "../command/past.ts";
import type { Receiver } from "../receivers/receiver.ts";
import { snsCredentials, snsFields, snsReceiver } from "../receivers/sns.ts";
import { type Dynamodb, startDynamodb } from "../tools/dynamodb.ts";
import { type FunctionSettings, type LambdaFunction, type Runtime, runtimes, startFunction } from "../tools/lambda.ts";
import { tempFolder } from "../tools/temp.ts";
import { type Door, startDoor } from "./door.ts";
import { packagedFiles, processEnv, unpack } from "./packaged.ts";

const minute = 60_000;
const end = Date.UTC(2026, 10, 20, 12);
const at = (minutesBefore: number): string => new Date(end - minutesBefore * minute).toISOString();

describe.each(Object.keys(runtimes) as Runtime[])("poll under %s", (runtime) => {
  const folder = tempFolder("lambda");
  let held: HeldPast;
  let dynamodb: Dynamodb;
  let topic: Receiver;
  let made = 0;

  beforeAll(async () => {
    held = await holdPast(
      (mesh, timetable) => {
        const pod = mesh.pod({ namespace: "shop", workload: "web" });
        timetable.at(end - 20 * minute, () => pod.http({ host: "known.example.com", to: "198.51.100.1:80" }));
        timetable.at(end - 8 * minute, () => pod.http({ host: "new.example.com", to: "198.51.100.2:80" }));
        timetable.at(end - 3 * minute, () => pod.http({ host: "newer.example.com", to: "198.51.100.3:80" }));
      },
      { from: end - 40 * minute, to: end, everyMs: 15_000 },
    );
    dynamodb = await startDynamodb();
    topic = await snsReceiver();
  });
  afterAll(async () => {
    await Promise.all([held.stop(), dynamodb.stop(), topic.close()]);
    folder.remove();
  });

  interface Made {
    poll: LambdaFunction;
    door: Door;
    tableDoor: Door;
    config: string;
    root: string;
    text: string;
  }

  /** The function in a folder of its own, with a table of its own and a door before Prometheus. */
  async function make(settings: Partial<FunctionSettings> = {}): Promise<Made> {
    const place = join(folder.path, String(++made));
    const packaged = unpack("poll", place);
    const [door, tableDoor] = [await startDoor(held.prometheus.url), await startDoor(dynamodb.url)];
    const config = join(place, "config.yaml");
    const text = `clusters: [{ name: prod, prometheus: { url: "${door.url}" } }]
owners: [{ team: platform, channels: [topic] }]
channels: { topic: { sns: { topicArn: "arn:aws:sns:eu-west-1:000000000000:egress" } } }
enrich: { dns: { servers: ["127.0.0.1:1"], budget: 1s } }
`;
    writeFileSync(config, text);
    const poll = await startFunction({
      ...packaged,
      runtime,
      ...settings,
      env: {
        ...processEnv,
        EGRESS_SCOUT_CONFIG: config,
        EGRESS_SCOUT_STATE: `dynamodb:${await dynamodb.table()}`,
        AWS_ENDPOINT_URL_DYNAMODB: tableDoor.url,
        AWS_ENDPOINT_URL_SNS: topic.url,
        AWS_ACCESS_KEY_ID: snsCredentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: snsCredentials.secretAccessKey,
        AWS_SESSION_TOKEN: snsCredentials.sessionToken,
        ...settings.env,
      },
    });
    onTestFinished(async () => {
      await poll.stop();
      await Promise.all([door.stop(), tableDoor.stop()]);
    });
    return { poll, door, tableDoor, config, root: place, text };
  }

  const found = (...hosts: string[]) => ({
    ended: "answer",
    value: { findings: hosts.map((host) => ({ destination: { host } })) },
  });
  const sqs = (...bodies: string[]) => ({
    Records: bodies.map((body, index) => ({ eventSource: "aws:sqs", messageId: `m${index}`, body })),
  });
  const failing = (...messages: string[]) => ({
    ended: "answer",
    value: { batchItemFailures: messages.map((itemIdentifier) => ({ itemIdentifier })) },
  });

  it("learns, then finds and tells, in one process that reads its config once", async () => {
    const { poll, config } = await make();
    expect(await poll.invoke({ at: at(10) })).toMatchObject({ ended: "answer", value: { run: { mode: "learn" } } });
    writeFileSync(config, "clusters: no list");
    const told = topic.taken.length;
    expect(await poll.invoke({ at: at(5) })).toMatchObject(found("new.example.com"));
    expect(topic.taken.slice(told).map((body) => snsFields(body).Message)).toEqual([
      expect.stringContaining("new.example.com"),
    ]);
    expect(topic.faults).toEqual([]);
    expect(await poll.invoke({ at: at(0) })).toMatchObject(found("newer.example.com"));
    expect(poll.starts()).toBe(1);
  });

  it("takes messages twice, in the wrong order and beside broken ones, and sends only the broken ones back", async () => {
    const { poll } = await make();
    const order = (minutes: number) => JSON.stringify({ cluster: "prod", at: at(minutes) });
    expect(await poll.invoke(sqs(order(10)))).toEqual(failing());
    const told = topic.taken.length;
    const messages = sqs(order(5), "{", order(5), order(8), '{"cluster":"nope"}');
    expect(await poll.invoke(messages)).toEqual(failing("m1", "m4"));
    expect(await poll.invoke(messages)).toEqual(failing("m1", "m4"));
    expect(topic.taken.length).toBe(told + 1);
    expect(await poll.invoke({ at: at(0) })).toMatchObject(found("newer.example.com"));
    expect(poll.starts()).toBe(1);
  });

  it("goes on after it was frozen for longer than its connections last", async () => {
    const { poll, door, tableDoor } = await make();
    for (const minutes of [10, 5]) {
      await poll.invoke({ at: at(minutes) });
      await Promise.all([door.closeIdle(), tableDoor.closeIdle()]);
    }
    expect(await poll.invoke({ at: at(0) })).toMatchObject(found("newer.example.com"));
    expect(poll.starts()).toBe(1);
  });

  it("ends by itself before its time is up, loses nothing, and goes on in the same process", async () => {
    const { poll, door } = await make({ timeoutMs: 4_000 });
    await poll.invoke({ at: at(10) });
    door.hangs = true;
    expect(await poll.invoke({ at: at(5) })).toMatchObject({
      ended: "error",
      errorType: "ScoutError",
      errorMessage: expect.stringMatching(/^(interrupted|prometheus\/timeout): /),
    });
    door.hangs = false;
    expect(await poll.invoke({ at: at(0) })).toMatchObject({
      value: {
        findings: expect.arrayContaining(
          ["new.example.com", "newer.example.com"].map((host) =>
            expect.objectContaining({ destination: expect.objectContaining({ host }) }),
          ),
        ),
      },
    });
    expect(poll.starts()).toBe(1);
  });

  it("loses nothing where its process is killed in the middle", async () => {
    const { poll, door } = await make({
      env: { EGRESS_SCOUT_STATE: `sqlite:${join(folder.path, `killed-${runtime}.db`)}` },
    });
    await poll.invoke({ at: at(10) });
    door.hangs = true;
    const asked = door.nextRequest();
    const cut = poll.invoke({ at: at(5) });
    await asked;
    process.kill(poll.pid(), "SIGKILL");
    expect(await cut).toEqual({ ended: "exit", code: null });
    door.hangs = false;
    expect(await poll.invoke({ at: at(5) })).toMatchObject(found("new.example.com"));
    expect(poll.starts()).toBe(2);
  });

  it("says in one line what is wrong with its config, and works once it is mended", async () => {
    const { poll, config, text } = await make();
    writeFileSync(config, "clusters: [{ name: prod }]\nowner: []\n");
    const wrong = await poll.invoke();
    expect(wrong).toMatchObject({
      ended: "error",
      errorType: "ScoutError",
      errorMessage: expect.stringMatching(/^config\/invalid: .*clusters\[0\]\.prometheus.*owner: no such key/),
    });
    rmSync(config);
    expect(await poll.invoke()).toMatchObject({ errorMessage: expect.stringMatching(/^config\/unreadable: .*ENOENT/) });
    writeFileSync(config, text);
    expect(await poll.invoke({ at: at(10) })).toMatchObject({ ended: "answer" });
    expect(poll.starts()).toBe(1);
  });

  it("says what it met where the handler fails, without the secrets on the way", async () => {
    const { poll, config, text } = await make({ env: { PASSWORD: "hunter2" } });
    const prometheus =
      '{ url: "http://127.0.0.1:1", auth: { basic: { username: scout, password: { env: PASSWORD } } } }';
    writeFileSync(config, text.replace(/prometheus: \{[^}]*\}/, `prometheus: ${prometheus}`));
    const failed = await poll.invoke({ at: at(10) });
    expect(failed).toMatchObject({
      ended: "error",
      errorType: "ScoutError",
      errorMessage: expect.stringMatching(/^prometheus\/unavailable: /),
    });
    expect(JSON.stringify(failed) + poll.logs()).not.toContain("hunter2");
    for (const line of poll.logs().trimEnd().split("\n")) expect(() => JSON.parse(line)).not.toThrow();
  });

  it("does not start without one of its files, and starts again once it is there", async () => {
    const { poll, root } = await make();
    const start = readFileSync(join(root, "dist/functions/poll/index.mjs"), "utf8");
    const [, needed = ""] = /(?:from|import) ?"[.]\/(chunk-\w+[.]mjs)"/.exec(start) ?? [];
    const [lost = ""] = packagedFiles("poll").filter((file) => file.endsWith(needed));
    rmSync(join(root, lost));
    expect(await poll.invoke()).toMatchObject({ ended: "init error", errorType: "Error" });
    unpack("poll", root);
    expect(await poll.invoke({ at: at(10) })).toMatchObject({ ended: "answer" });
    expect(poll.starts()).toBe(2);
  });
});
