import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failedMetrics, ownMetrics } from "../../lib/report/self.ts";
import { push } from "../../lib/self/pushgateway.ts";
import { told } from "../report/make.ts";
import { ensureTools } from "../tools/ensure.ts";
import { type Pushgateway, startPushgateway } from "../tools/pushgateway.ts";
import { type Watcher, watcher } from "./watcher.ts";

const span = { startedAt: 1_700_000_000_000, endedAt: 1_700_000_001_000 };
const later = { startedAt: 1_700_000_300_000, endedAt: 1_700_000_301_000 };
const usual = { job: "egress-scout", headers: {}, basic: null, timeout: 5_000 };
const success = (cluster: string, change: Parameters<typeof told>[0] = {}) =>
  ownMetrics(told({ cluster, newest: span.endedAt, ...change }), span, ["slack"]);

describe("a real Pushgateway", () => {
  let gateway: Pushgateway;
  beforeAll(async () => {
    await ensureTools(["prometheus-pushgateway"]);
    gateway = await startPushgateway();
  });
  afterAll(() => gateway.stop());
  const lines = async (name: string) =>
    (await gateway.metrics()).split("\n").filter((line) => line.startsWith(`egress_scout_${name}{`));

  it("keeps the last success when a run fails, and forgets the failure with the next success", async () => {
    const to = { ...usual, url: gateway.url };
    const last = 'egress_scout_run_last_success_timestamp_seconds{cluster="prod",instance="",job="egress-scout"}';
    expect(await push(to, success("prod"), "prod", true)).toBeNull();
    expect(await push(to, failedMetrics("prod", "prometheus/unavailable", later), "prod", false)).toBeNull();
    expect(await lines("run_last_success_timestamp_seconds")).toEqual([`${last} 1.700000001e+09`]);
    expect(await lines("run_failed")).toEqual([
      'egress_scout_run_failed{cluster="prod",code="prometheus/unavailable",instance="",job="egress-scout"} 1',
    ]);
    expect(await lines("data_age_seconds")).toHaveLength(1);
    expect(await push(to, success("prod", { newest: null }), "prod", true)).toBeNull();
    expect(await lines("run_failed")).toEqual([
      'egress_scout_run_failed{cluster="prod",instance="",job="egress-scout"} 0',
    ]);
    expect(await lines("data_age_seconds")).toEqual([]);
  });

  it("keeps clusters apart, whatever they are called", async () => {
    const to = { ...usual, url: `${gateway.url}/` };
    const names = ["eu/prod", "..", 'a"\n\\', "größe"];
    for (const name of names) expect(await push(to, success(name), name, true)).toBeNull();
    const shown = await lines("run_series");
    for (const name of names) {
      const escaped = name.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
      expect(shown.filter((line) => line.includes(`cluster="${escaped}"`))).toHaveLength(1);
    }
  });
});

describe("a Pushgateway that is not well", () => {
  let other: Watcher;
  beforeAll(async () => {
    other = await watcher();
  });
  afterAll(() => other.close());

  it("is asked once more where it was at fault, and what came of it is told without its URL", async () => {
    const to = { ...usual, url: other.url, basic: { username: "scout", password: "pässword" }, timeout: 200 };
    const attempt = () => push(to, success("prod"), "prod", true, 1);
    other.next = [503];
    expect(await attempt()).toBeNull();
    expect(other.got.map(({ method, url }) => `${method} ${url}`)).toEqual(
      Array.from({ length: 2 }, () => "PUT /metrics/job/egress-scout/cluster/prod"),
    );
    expect(other.got[0]?.headers.authorization).toBe(`Basic ${Buffer.from("scout:pässword").toString("base64")}`);
    other.next = [503, 503];
    expect(await attempt()).toBe("HTTP 503");
    other.next = ["hang", "hang"];
    expect(await attempt()).toBe("no whole answer within 0.2 s");
    other.next = [400];
    expect(await attempt()).toBe("HTTP 400");
    other.next = [{ status: 302, location: "/elsewhere" }];
    expect(await attempt()).toBe("HTTP 302 (a redirect, which is not followed)");
    expect(other.got.filter(({ url }) => url === "/elsewhere")).toEqual([]);
  });
});
