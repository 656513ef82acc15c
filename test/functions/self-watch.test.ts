import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, it } from "vitest";
import { type Watcher, watcher } from "../self/watcher.ts";
import { tempFolder } from "../tools/temp.ts";
import { lambda, said } from "./lambda.ts";

const folder = tempFolder("poll-self");
let other: Watcher;
beforeEach(async () => {
  other = await watcher();
});
afterEach(async () => {
  await other.close();
});
afterAll(() => folder.remove());

it("functions/poll tells a Pushgateway and a heartbeat that a run failed, and fails", async () => {
  const file = join(folder.path, "config.yaml");
  writeFileSync(
    file,
    `clusters: [{ name: prod, prometheus: { url: "http://127.0.0.1:9" } }]
metrics: { pushgateway: { url: "${other.url}" } }
deadman: { url: "${other.url}/ping/{cluster}", fail: "${other.url}/ping/{cluster}/fail" }
state: "memory:"
`,
  );
  const poll = await lambda("poll", { EGRESS_SCOUT_CONFIG: file });
  const { failed } = await poll.invoke({});
  await poll.stop();
  expect(failed?.message).toMatch(/^prometheus\/unavailable: /);
  expect(other.got.map(({ method, url }) => `${method} ${url}`)).toEqual([
    "POST /metrics/job/egress-scout/cluster/prod",
    "GET /ping/prod/fail",
  ]);
  expect(other.got[0]?.body).toContain('egress_scout_run_failed{cluster="prod",code="prometheus/unavailable"} 1');
});

it("functions/poll warns where one heartbeat stands for clusters that it does not run", async () => {
  const file = join(folder.path, "shared.yaml");
  const cluster = (name: string) => ({ name, prometheus: { url: "http://127.0.0.1:9" } });
  const clusters = [cluster("prod"), cluster("stage")];
  const warned = async (url: string, call: object) => {
    writeFileSync(file, JSON.stringify({ clusters, deadman: { url }, state: "memory:" }));
    const poll = await lambda("poll", { EGRESS_SCOUT_CONFIG: file });
    const { lines } = await poll.invoke(call);
    await poll.stop();
    return said(lines, "WARN").filter(({ message }) => String(message).includes("put {cluster} into deadman.url"));
  };
  expect(await warned(`${other.url}/ping`, { cluster: "prod" })).toHaveLength(1);
  expect(await warned(`${other.url}/ping`, {})).toEqual([]);
  expect(await warned(`${other.url}/ping/{cluster}`, { cluster: "prod" })).toEqual([]);
});
