import { describe, expect, it } from "vitest";
import { checkDuplicates, checkInterval } from "../../lib/doctor/scrapes.ts";
import type { Labels, Samples } from "../../lib/model.ts";
import { fakeTelemetry } from "../poll/fake-telemetry.ts";

const settings = { labels: { address: ["a"], port: ["p"], sni: ["s"] }, matchers: 'x="y",' };

/** Answers by what the question begins with; the last one stands for all others. */
function telemetryOf(answers: [begins: string, rows: { labels: Labels; value: number }[]][], samples: Samples[] = []) {
  const asked: string[] = [];
  const answer = (promql: string) => {
    asked.push(promql);
    return answers.find(([begins]) => promql.startsWith(begins))?.[1] ?? [];
  };
  const telemetry = {
    ...fakeTelemetry(),
    vector: async (promql: string) => answer(promql),
    samples: async (promql: string) => {
      asked.push(promql);
      return samples;
    },
  };
  return { asked, telemetry };
}
const one = (value: number, labels: Labels = {}) => [{ labels, value }];

describe("what others named is printed as text and nothing more", () => {
  const job = "\u001b[31m<job>\n\"'|";

  it("of jobs that scrape twice", async () => {
    const { telemetry, asked } = telemetryOf([
      ["count(group", one(2)],
      ["count(count", one(1)],
      ["count by", [...one(2, { job }), ...one(2, { job: "z\u202e" })]],
    ]);
    const said = await checkDuplicates(telemetry, settings, ["replica", "no name", "a)"], 0);
    expect(said).toMatchObject({ status: "warn", found: expect.stringContaining("1 of 2 proxies") });
    expect(`${said.found}${said.mend}`).toMatch(/^[\x20-\x7e]*$/);
    expect(said.found).not.toContain("<job>");
    expect(said.mend).toContain('job!="JOB"');
    for (const promql of asked) expect(promql).not.toMatch(/no name|,a\)/);
  });

  it("of a series that is asked for again, in PromQL too", async () => {
    const labels = { job, "not.a.name": "x", pod: 'a"} or vector(1) or up{a="' };
    const samples = [{ labels, values: [0, 30_000, 60_100, 90_000].map((time) => [time, 1] as const) }];
    const { telemetry, asked } = telemetryOf([["topk", one(4, labels)]], samples);
    const said = await checkInterval(telemetry, settings, 0);
    expect(said).toMatchObject({ status: "ok", found: expect.stringMatching(/every 30s$/) });
    expect(said.found).toMatch(/^[\x20-\x7e]*$/);
    const again = asked.find((promql) => promql.includes("pod=~")) ?? "";
    expect(again).not.toContain("not.a.name");
    expect(again).toContain('pod=~"a\\"');
  });
});

describe("nothing to judge by", () => {
  it("no series, one sample", async () => {
    expect(await checkDuplicates(telemetryOf([]).telemetry, settings, [], 0)).toMatchObject({ status: "skip" });
    const samples = [{ labels: {}, values: [[0, 1] as const] }];
    expect(await checkInterval(telemetryOf([["topk", one(1)]], samples).telemetry, settings, 0)).toMatchObject({
      status: "skip",
    });
  });
});
