import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { exposition } from "../../lib/report/exposition.ts";
import { failedMetrics, ownMetricNames, ownMetrics } from "../../lib/report/self.ts";
import { finding } from "../notify/sample.ts";
import { ensureTools, toolPath } from "../tools/ensure.ts";
import { letter, to, told } from "./make.ts";

const sample = finding();
const span = { startedAt: to + 15_000, endedAt: to + 17_500 };
const run = told({
  findings: [sample, { ...sample, severity: "critical" }, sample],
  deliveries: [
    { letter: letter("slack", [sample]), ok: false },
    { letter: letter("slack", [sample]), ok: false },
    { letter: letter("sns", [sample]), ok: true },
  ],
  blind: ["no address label"],
  warnings: ["a", "b"],
  ...{ newest: to - 60_000, open: 4, undelivered: 2 },
});
const text = (list: Parameters<typeof exposition>[0]) => exposition(list).split("\n");

describe("report/self", () => {
  beforeAll(() => ensureTools(["promtool"]));

  it("tells when a run was, what it saw and how old the data was", () => {
    const lines = text(ownMetrics(run, span, ["slack", "sns", "siem"]));
    for (const line of [
      `egress_scout_run_last_success_timestamp_seconds{cluster="prod-eu"} ${span.endedAt / 1000}`,
      'egress_scout_run_failed{cluster="prod-eu"} 0',
      'egress_scout_run_duration_seconds{cluster="prod-eu"} 2.5',
      `egress_scout_run_window_end_timestamp_seconds{cluster="prod-eu"} ${to / 1000}`,
      'egress_scout_data_age_seconds{cluster="prod-eu"} 77.5',
      'egress_scout_run_series{cluster="prod-eu"} 2347',
      'egress_scout_run_queries{cluster="prod-eu"} 6',
      'egress_scout_run_observations{cluster="prod-eu"} 2346',
      'egress_scout_run_known_sightings{cluster="prod-eu"} 2340',
      `egress_scout_findings{cluster="prod-eu",kind="${sample.kind}",severity="${sample.severity}"} 2`,
      `egress_scout_findings{cluster="prod-eu",kind="${sample.kind}",severity="critical"} 1`,
      'egress_scout_findings{cluster="prod-eu",kind="blind",severity="info"} 0',
      'egress_scout_open_findings{cluster="prod-eu"} 4',
      'egress_scout_blind{cluster="prod-eu"} 1',
      'egress_scout_run_warnings{cluster="prod-eu"} 2',
      'egress_scout_undelivered_letters{cluster="prod-eu"} 2',
      'egress_scout_channel_failures{cluster="prod-eu",channel="slack"} 2',
      'egress_scout_channel_failures{cluster="prod-eu",channel="sns"} 0',
      'egress_scout_channel_failures{cluster="prod-eu",channel="siem"} 0',
    ])
      expect(lines).toContain(line);
  });

  it("leaves out the age of data where nobody can tell it", () => {
    const names = ownMetrics({ ...run, newest: null }, span, []).map(({ name }) => name);
    expect(names).not.toContain("egress_scout_data_age_seconds");
  });

  it("gives CloudWatch the names its alarms know, and no time of day", () => {
    const emf = ownMetrics(run, span, ["slack", "sns"]).flatMap((one) => (one.emf === null ? [] : [one.emf]));
    const of = (name: string) => emf.filter((one) => one.name === name);
    expect(of("SuccessfulRuns")).toEqual([{ name: "SuccessfulRuns", unit: "Count", value: 1 }]);
    expect(of("RunDuration")).toEqual([{ name: "RunDuration", unit: "Seconds", value: 2.5 }]);
    expect(of("DataAge")).toEqual([{ name: "DataAge", unit: "Seconds", value: 77.5 }]);
    expect(of("Undelivered")).toMatchObject([{ value: 2 }]);
    expect(of("ChannelFailures")).toMatchObject([{ value: 2 }, { value: 0 }]);
    expect(of("Findings").map(({ value }) => value)).toEqual([2, 1]);
    expect(emf.filter(({ value }) => value > 1_000_000_000)).toEqual([]);
  });

  it("of a run that failed tells that, and neither a success nor what it would have seen", () => {
    const failed = failedMetrics("prod-eu", "prometheus/unavailable", span);
    expect(text(failed)).toContain('egress_scout_run_failed{cluster="prod-eu",code="prometheus/unavailable"} 1');
    expect(failed.map(({ name }) => name).sort()).toEqual([
      "egress_scout_run_duration_seconds",
      "egress_scout_run_end_timestamp_seconds",
      "egress_scout_run_failed",
    ]);
    expect(failed.map(({ emf }) => emf?.name)).not.toContain("SuccessfulRuns");
  });

  it("has each name in its list, and promtool finds nothing wrong with any", () => {
    const all = [...ownMetrics(run, span, ["slack"]), ...failedMetrics("other", "internal", span)];
    expect([...new Set(all.map(({ name }) => name))].sort()).toEqual([...ownMetricNames].sort());
    expect(promtool(exposition(all))).toBe("");
  });

  it("escapes whatever a name may hold", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (channel) => {
        const shown = exposition(ownMetrics({ ...run, cluster: channel }, span, [channel]));
        const line = /^$|^# |^egress_scout_\w+\{(\w+="([^"\\]|\\["\\n])*",?)+\} \S+$/s;
        expect(shown.split("\n").filter((one) => !line.test(one))).toEqual([]);
        expect(shown.isWellFormed()).toBe(true);
      }),
    );
    const hostile = 'a"} 1\nevil_metric{x="\\';
    expect(promtool(exposition(ownMetrics({ ...run, cluster: hostile }, span, [hostile, "\ud800"])))).toBe("");
    expect(text(ownMetrics(run, span, [hostile])).filter((line) => line.startsWith("evil_metric"))).toEqual([]);
  });
});

const promtool = (input: string): string =>
  execFileSync(toolPath("promtool"), ["check", "metrics"], { input, encoding: "utf8", stdio: "pipe" });
