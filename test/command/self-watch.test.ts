import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { lastSuccessIn } from "../../lib/self/merge.ts";
import { type Watcher, watcher } from "../self/watcher.ts";
import { ensureTools } from "../tools/ensure.ts";
import { type Pushgateway, startPushgateway } from "../tools/pushgateway.ts";
import { tempFolder } from "../tools/temp.ts";
import { type HeldPast, holdPast } from "./past.ts";
import { runScout } from "./run-scout.ts";

const minute = 60_000;
const end = Date.UTC(2026, 10, 20, 12);

describe("scan tells of itself", () => {
  const folder = tempFolder("self-watch");
  const textfile = join(folder.path, "metrics/egress-scout.prom");
  let held: HeldPast;
  let gateway: Pushgateway;
  let other: Watcher;

  beforeAll(async () => {
    await ensureTools(["prometheus-pushgateway"]);
    held = await holdPast(
      (mesh, timetable) => {
        const pod = mesh.pod({ namespace: "shop", workload: "web" });
        timetable.at(end - 20 * minute, () => pod.http({ host: "known.example.com", to: "198.51.100.1:80" }));
        timetable.at(end - 3 * minute, () => pod.http({ host: "new.example.com", to: "198.51.100.2:80" }));
      },
      { from: end - 40 * minute, to: end, everyMs: 15_000 },
    );
    gateway = await startPushgateway();
    other = await watcher();
  });
  afterAll(async () => {
    await Promise.all([held.stop(), gateway.stop(), other.close()]);
    folder.remove();
  });
  afterEach(() => {
    other.got.length = 0;
    other.next.length = 0;
  });

  const env = { PING_URL: "", FAIL_URL: "" };
  /** A cluster that is there and one that is away, a channel that takes nothing, and everybody who watches. */
  function write(clusters: Record<string, string>, more = ""): string {
    env.PING_URL = `${other.url}/ping/s3cret`;
    env.FAIL_URL = `${other.url}/ping/s3cret/fail`;
    const file = join(folder.path, "egress-scout.yaml");
    const list = Object.entries(clusters).map(([name, url]) => `{ name: ${name}, prometheus: { url: "${url}" } }`);
    writeFileSync(
      file,
      `clusters: [${list.join(", ")}]
metrics: { textfile: metrics/egress-scout.prom, pushgateway: { url: "${gateway.url}" } }
deadman: { url: { env: PING_URL }, fail: { env: FAIL_URL }, timeout: 2s }
state: sqlite:state.db
${more}`,
    );
    return file;
  }
  const scan = (file: string, back: number, ...more: string[]) => {
    const at = new Date(end - back).toISOString();
    return runScout(["scan", "--config", file, "--at", at, ...more], { env, cwd: folder.path });
  };
  const pings = () => other.got.map(({ method, url }) => `${method} ${url}`);
  const lines = (...parts: string[]) =>
    readFileSync(textfile, "utf8")
      .split("\n")
      .filter((line) => parts.every((part) => line.includes(part)));

  it("nothing in a dry run", async () => {
    const file = write({ prod: held.prometheus.url });
    expect(await scan(file, 0, "--dry-run")).toMatchObject({ code: 0 });
    expect(existsSync(textfile)).toBe(false);
    expect(pings()).toEqual([]);
    expect(await gateway.metrics()).not.toContain("egress_scout");
  });

  it("what each run saw, to a textfile, a Pushgateway and a heartbeat", async () => {
    const file = write({ prod: held.prometheus.url });
    expect(await scan(file, 10 * minute)).toMatchObject({ code: 0, stderr: "" });
    expect(pings()).toEqual(["GET /ping/s3cret"]);
    expect(await scan(file, 0)).toMatchObject({ code: 0, stderr: "" });
    expect(lines("egress_scout_findings", "new-destination", "info")).toEqual([
      expect.stringMatching(/^egress_scout_findings\{cluster="prod",kind="new-destination",severity="info"\} 1$/),
    ]);
    expect(lines("egress_scout_run_window_end_timestamp_seconds{")).toEqual([
      `egress_scout_run_window_end_timestamp_seconds{cluster="prod"} ${end / 1000}`,
    ]);
    expect(lines("egress_scout_run_known_sightings{")).toEqual(['egress_scout_run_known_sightings{cluster="prod"} 1']);
    // This Prometheus keeps no `up`: nobody can tell how old its data is.
    expect(lines("egress_scout_data_age_seconds{")).toEqual([]);
    expect(await gateway.metrics()).toContain(
      'egress_scout_run_known_sightings{cluster="prod",instance="",job="egress-scout"} 1',
    );
  });

  it("a failure of one cluster beside the success of another, and the last success of both", async () => {
    const before = lastSuccessIn(readFileSync(textfile, "utf8"), "prod");
    const file = write({ prod: "http://127.0.0.1:9", other: held.prometheus.url });
    expect(await scan(file, -minute)).toMatchObject({ code: 1 });
    expect(lines("egress_scout_run_failed{")).toEqual([
      'egress_scout_run_failed{cluster="other"} 0',
      'egress_scout_run_failed{cluster="prod",code="prometheus/unavailable"} 1',
    ]);
    const text = readFileSync(textfile, "utf8");
    expect(lastSuccessIn(text, "prod")).toBe(before);
    expect(lastSuccessIn(text, "other")).toBeGreaterThan(before ?? 0);
    const pushed = await gateway.metrics();
    expect(pushed).toMatch(/egress_scout_run_failed\{cluster="prod",code="prometheus\/unavailable",.*\} 1/);
    expect(pushed).toMatch(/egress_scout_run_last_success_timestamp_seconds\{cluster="prod",/);
    expect(pings()).toEqual(["GET /ping/s3cret/fail"]);
  });

  it("that a state it cannot open kept it from looking at all", async () => {
    const file = write({ prod: held.prometheus.url });
    expect(await scan(file, 0, "--state", `sqlite:${folder.path}`)).toMatchObject({ code: 1 });
    expect(lines("egress_scout_run_failed{", '"prod"')).toEqual([expect.stringContaining('code="store/')]);
    expect(pings()).toEqual(["GET /ping/s3cret/fail"]);
  });

  it("that nobody could be told: then no heartbeat says that all is well", async () => {
    const channels = `owners: [{ team: shop, channels: [siem] }]
channels: { siem: { webhook: { url: "http://127.0.0.1:9/" } } }
`;
    const file = write({ fresh: held.prometheus.url }, channels);
    await scan(file, 10 * minute);
    other.got.length = 0;
    expect(await scan(file, 0)).toMatchObject({ code: 1 });
    expect(lines('{cluster="fresh",channel="siem"}')).toEqual([
      'egress_scout_channel_failures{cluster="fresh",channel="siem"} 1',
    ]);
    expect(lines("undelivered", '"fresh"')).toEqual(['egress_scout_undelivered_letters{cluster="fresh"} 1']);
    expect(lines("run_failed{", '"fresh"')).toEqual(['egress_scout_run_failed{cluster="fresh"} 0']);
    expect(pings()).toEqual(["GET /ping/s3cret/fail"]);
  });

  it("and is not kept from its work by anybody who does not listen", async () => {
    const file = write({ prod: held.prometheus.url });
    const text = readFileSync(file, "utf8")
      .replace(gateway.url, "http://127.0.0.1:9")
      .replace("metrics/egress", "state.db/egress");
    writeFileSync(file, text);
    other.next = [500, 500];
    const { code, stderr } = await scan(file, -2 * minute);
    expect(code).toBe(0);
    expect(stderr).toContain("warn: the heartbeat was not taken: HTTP 500");
    expect(stderr).toContain("warn: the metrics file could not be written");
    expect(stderr).toContain("warn: the Pushgateway did not take the metrics: the connection failed");
    expect(stderr).not.toContain("s3cret");
  });

  it("says at once which secret of it is missing", async () => {
    const file = write({ prod: held.prometheus.url });
    const { code, stderr } = await runScout(["scan", "--config", file], { cwd: folder.path });
    expect(code).toBe(2);
    expect(stderr).toContain("deadman: the environment variable PING_URL is not set");
  });
});
