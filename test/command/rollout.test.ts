/** One rollout that calls hundreds of new places: what its owner gets of it in Slack. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ScanDocument } from "../../lib/report/scan-schema.ts";
import type { Receiver } from "../receivers/receiver.ts";
import { slackReceiver, slackUrl } from "../receivers/slack.ts";
import { type HeldPast, holdPast } from "./past.ts";
import { scanJson } from "./run-scout.ts";

const minute = 60_000;
const end = Date.UTC(2026, 10, 20, 12);
const workloads = 10;

let held: HeldPast;
let slack: Receiver;
let result: ScanDocument;

beforeAll(async () => {
  held = await holdPast(
    (mesh, timetable) => {
      for (let n = 0; n < workloads; n++) {
        const [few, more] = ["few", "more"].map((name) => mesh.pod({ namespace: name, workload: `w${n}` }));
        timetable.at(end - 30 * minute, () => few?.http({ host: "known.example.com", to: "198.51.100.1:80" }));
        timetable.at(end - 3 * minute, () => {
          for (let to = 0; to < 15; to++) few?.http({ host: `api.site${to}.com`, to: `198.51.100.${to}:80` });
          for (let to = 0; to < 30; to++) more?.http({ host: `api.site${to}.com`, to: `198.51.100.${to}:80` });
        });
      }
    },
    { from: end - 60 * minute, to: end, everyMs: 15_000 },
  );
  slack = await slackReceiver();
  writeFileSync(
    join(held.dir, "egress-scout.yaml"),
    `clusters: [{ name: prod-eu, prometheus: { url: "${held.prometheus.url}" } }]
owners: [{ team: platform, channels: [slack] }]
channels: { slack: { slack: { webhook: { env: SLACK } } } }
state: sqlite:state.db
`,
  );
  const scan = (at: number) =>
    scanJson(["--config", join(held.dir, "egress-scout.yaml"), "--dns", "127.0.0.1:9", "--at", `${at / 1000}`], {
      env: { SLACK: slackUrl(slack) },
    });
  await scan(end - 10 * minute);
  result = await scan(end);
}, 60_000);
afterAll(async () => {
  await slack.close();
  await held.stop();
});

it("is counted exactly, though questions for some pairs are answered with others, too", () => {
  const pairs = result.findings.filter(({ kind }) => kind === "new-destination");
  expect(pairs.filter(({ count }) => count !== 1)).toEqual([]);
  const bursts = result.findings.filter(({ kind }) => kind === "fan-out");
  expect(bursts.map(({ count }) => count)).toEqual(bursts.map(() => 30));
});

it("is two entries for 450 pairs, which Slack takes and no finding is left out of", () => {
  expect(result.findings).toHaveLength(15 * workloads + workloads);
  expect(slack.faults).toEqual([]);
  expect(slack.taken).toHaveLength(1);
  const { text, blocks } = JSON.parse(slack.taken[0] ?? "");
  expect(text.split("\n").map((line: string) => line.replace(/The first: .*/, "..."))).toEqual([
    "160 findings for `platform` in `prod-eu`",
    "- Bursts of new destinations (critical): `10 workloads touched 300 new destinations within one run: 300 requests. ...",
    "- New destinations (info): `10 workloads reached 15 destinations for the first time, within one run: 150 requests, let through.`",
  ]);
  expect(blocks.at(-1).elements).toHaveLength(1);
});
