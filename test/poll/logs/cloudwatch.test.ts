import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { LogLine } from "../../../lib/model.ts";
import { type CloudWatchSettings, cloudWatchLogs, usualFilter } from "../../../lib/poll/logs/cloudwatch.ts";
import { type Answering, answering, json } from "../answering.ts";

const credentials = { AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY: "secret-of-aws" };
const before = { ...process.env };
beforeAll(() => void Object.assign(process.env, credentials));
afterAll(() => void Object.assign(process.env, before));

let server: Answering;
afterEach(() => server.stop());

const window = { from: 1_000_000, to: 1_060_000 };

async function read(change: Partial<CloudWatchSettings> = {}): Promise<LogLine[]> {
  const settings = { groups: ["/mesh/proxies"], region: "eu-west-1", filter: usualFilter, timeout: 5000, most: 1000 };
  const all: LogLine[] = [];
  const logs = cloudWatchLogs({ ...settings, endpoint: server.url, ...change });
  for await (const batch of logs.read(window)) all.push(...batch);
  return all;
}

const event = (message: string, timestamp: number, logStreamName = "stream") => ({ message, timestamp, logStreamName });
const bodies = () => server.asked.map(({ body }) => JSON.parse(body));

describe("CloudWatch Logs", () => {
  it("gives the events of (from, to] of every group, page by page, empty pages included, with what the stream's name tells", async () => {
    const stream = `from-fluent-bit-kube.var.log.containers.web-0_shop_istio-proxy-${"ab".repeat(32)}.log`;
    const answers = [
      { events: [event("a\n", 1_000_001, stream)], nextToken: "1" },
      { events: [], nextToken: "2" },
      { events: [event("b", 1_060_000)] },
      { events: [event("c", 1_000_002)] },
    ];
    server = await answering((response, n) => json(answers[n])(response));
    expect(await read({ groups: ["/mesh/proxies", "arn:aws:logs:eu-west-1:123456789012:log-group:gw"] })).toEqual([
      { text: "a", time: 1_000_001, labels: { pod: "web-0", namespace: "shop", container: "istio-proxy" } },
      { text: "b", time: 1_060_000, labels: {} },
      { text: "c", time: 1_000_002, labels: {} },
    ]);
    const asked = bodies();
    const bounds = { startTime: 1_000_001, endTime: 1_060_000, filterPattern: usualFilter };
    expect(asked[0]).toMatchObject({ logGroupName: "/mesh/proxies", ...bounds });
    expect(asked.map((one) => one.nextToken)).toEqual([undefined, "1", "2", undefined]);
    expect(asked[3]).toMatchObject({ logGroupIdentifier: "arn:aws:logs:eu-west-1:123456789012:log-group:gw" });
    expect(server.asked[0]?.headers["x-amz-target"]).toBe("Logs_20140328.FilterLogEvents");
  });

  it("ends where it is given the same page for ever", async () => {
    server = await answering(json({ events: [event("a", 1_000_001)], nextToken: "same" }));
    expect(await read({ filter: "" })).toHaveLength(2);
    expect(bodies()[0]).not.toHaveProperty("filterPattern");
  });

  it("says that there were too many pages", async () => {
    server = await answering((response, n) =>
      json({ events: [event("a", 1_000_001)], nextToken: String(n) })(response),
    );
    await expect(read({ pages: 3 })).rejects.toMatchObject({
      code: "logs/refused",
      message: expect.stringContaining("3 pages of one group, and there are more"),
    });
    expect(server.asked).toHaveLength(3);
  });

  it("is read for so long and no longer", async () => {
    server = await answering((response, n) => json({ events: [], nextToken: String(n) })(response));
    await expect(read({ budget: 200 })).rejects.toMatchObject({
      code: "logs/refused",
      message: expect.stringContaining("0.2 s"),
    });
  });

  it("tries again when it is throttled", async () => {
    server = await answering((response, n) =>
      n === 0
        ? json({ __type: "ThrottlingException", message: "slow" }, 400)(response)
        : json({ events: [event("a", 1_000_001)] })(response),
    );
    expect(await read()).toHaveLength(1);
  });

  it.each([
    ["AccessDeniedException", "logs/refused"],
    ["ResourceNotFoundException", "logs/refused"],
    ["ServiceUnavailableException", "logs/unavailable"],
  ])("says that it is refused or away, without a credential: %s", async (type, code) => {
    server = await answering(json({ __type: type, message: "no" }, type.startsWith("Service") ? 503 : 400));
    const error = await read().catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringContaining(type) });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("secret-of-aws");
  });
});
