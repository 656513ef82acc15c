import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { handler } from "../../functions/poll.ts";
import { type Watcher, watcher } from "../self/watcher.ts";
import { tempFolder } from "../tools/temp.ts";

const folder = tempFolder("poll-self");
let other: Watcher;
beforeEach(async () => {
  other = await watcher();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await other.close();
  folder.remove();
});

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
  vi.stubEnv("EGRESS_SCOUT_CONFIG", file);
  await expect((async () => handler({}, {} as never, () => {}))()).rejects.toMatchObject({
    code: "prometheus/unavailable",
  });
  expect(other.got.map(({ method, url }) => `${method} ${url}`)).toEqual([
    "POST /metrics/job/egress-scout/cluster/prod",
    "GET /ping/prod/fail",
  ]);
  expect(other.got[0]?.body).toContain('egress_scout_run_failed{cluster="prod",code="prometheus/unavailable"} 1');
});
