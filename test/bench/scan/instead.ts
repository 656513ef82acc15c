/**
 * (c) What people use instead, on the same Prometheus: its own alert rules that ask the same, and a poller that fetches every series as it
 * is. The rules look back a few minutes to tell what is new; real ones would need days, and take that much longer.
 */

import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { identityLabels, selector } from "../../../lib/poll/queries.ts";
import { formatDuration } from "../../../lib/words/duration.ts";
import { tookMemory } from "../process.ts";
import { median, type Row, rowOf } from "../row.ts";
import { end, minute } from "./fleet.ts";
import { hold } from "./held.ts";
import { questions, range, settings } from "./questions.ts";

export interface InsteadSize {
  flows: number;
  pods: number;
  rounds: number;
}

const at = end / 1000;
/** As far back as the fleet's past reaches. */
const before = 10 * minute;

/** What `scan` tells as new-destination and new-blocked, as blocked-spike, and as blind. */
export function rules(): { groups: { name: string; interval: string; rules: { alert: string; expr: string }[] }[] } {
  const by = identityLabels(settings.labels).join(",");
  const alerts = (["requests", "opened", "closed"] as const).flatMap((counter) => {
    const all = selector(counter, settings);
    const blocked = selector(counter, settings, 'destination_service_name="BlackHoleCluster"');
    const grown = (offset: string) => `sum by (${by}) (increase(${blocked}[5m] ${offset}))`;
    return [
      {
        alert: `New_${counter}`,
        expr: `group by (${by}) (last_over_time(${all}[${formatDuration(range)}] @ ${at})) unless group by (${by}) (last_over_time(${all}[${formatDuration(before)}] @ ${at} offset ${formatDuration(range)}))`,
      },
      {
        alert: `Blocked_${counter}`,
        expr: `${grown(`@ ${at}`)} > 5 and ${grown(`@ ${at}`)} > 3 * ${grown(`@ ${at} offset 1h`)}`,
      },
    ];
  });
  const blind = { alert: "Blind", expr: `absent(last_over_time(up{job="envoy"}[2m] @ ${at}))` };
  return { groups: [{ name: "egress", interval: "1s", rules: [...alerts, blind] }] };
}

export async function benchInstead({ flows, pods, rounds }: InsteadSize): Promise<{ rows: Row[]; details: object }> {
  const held = await hold({ flows, pods, tls: "none", fresh: 10 }, rules());
  try {
    const { url } = held.prometheus;
    const ruleSeconds = median(await evaluations(url, rounds));
    const ours = await asked(url, questions());
    const theirs = await asked(
      url,
      rules().groups.flatMap((group) => group.rules.map(({ expr }) => expr)),
    );
    const scans = Array.from({ length: rounds }, () => tookMemory(held.scan("new")));
    const poller = fileURLToPath(new URL("poller.ts", import.meta.url));
    const polls = Array.from({ length: rounds }, () =>
      tookMemory([poller, url, `${at}`, selector("requests", settings)]),
    );
    const of = (runs: typeof scans) => ({
      ms: median(runs.map(({ ms }) => ms)),
      peakMB: median(runs.map(({ peakMB }) => peakMB)),
    });
    const [scan, poll] = [of(scans), of(polls)];
    const bytes = Number(/^(\d+) bytes, (\d+) pairs$/m.exec(polls[0]?.stdout ?? "")?.[1]);
    const [asRules, asPoller] = ["Prometheus' own alert rules that ask the same", "a poller that fetches each series"];
    const name = `${flows} flows in ${flows * pods} series`;
    const rows = [
      rowOf("c", {
        figure: `${name}: Prometheus' time for a run`,
        unit: "ms",
        ours: ours.ms,
        baseline: ruleSeconds * 1000,
        against: asRules,
      }),
      rowOf("c", {
        figure: `${name}: samples that it reads`,
        unit: "count",
        ours: ours.samples,
        baseline: theirs.samples,
        against: asRules,
      }),
      rowOf("c", {
        figure: `${name}: bytes fetched`,
        unit: "count",
        ours: ours.bytes,
        baseline: bytes,
        against: asPoller,
      }),
      rowOf("c", {
        figure: `${name}: from start to end`,
        unit: "ms",
        ours: scan.ms,
        baseline: poll.ms,
        against: asPoller,
      }),
      rowOf("c", {
        figure: `${name}: most memory`,
        unit: "MB",
        ours: scan.peakMB,
        baseline: poll.peakMB,
        against: asPoller,
      }),
    ];
    return { rows, details: { rules: rules(), ruleSeconds, ours, theirs, scan, poll, bytes } };
  } finally {
    await held.stop();
  }
}

const ruleGroups = z.object({
  data: z.object({
    groups: z.array(
      z.object({
        evaluationTime: z.number(),
        lastEvaluation: z.string(),
        rules: z.array(z.object({ health: z.string() })),
      }),
    ),
  }),
});

/** Seconds of so many evaluations of the group, as Prometheus itself tells them (`prometheus_rule_group_last_duration_seconds`). */
async function evaluations(url: string, wanted: number): Promise<number[]> {
  const seconds = new Map<string, number>();
  while (seconds.size <= wanted) {
    const { data } = ruleGroups.parse(await (await fetch(`${url}/api/v1/rules`)).json());
    for (const { evaluationTime, lastEvaluation, rules: own } of data.groups) {
      if (own.some(({ health }) => health === "err")) throw new Error("a rule cannot be evaluated");
      if (evaluationTime > 0) seconds.set(lastEvaluation, evaluationTime);
    }
    await wait(200);
  }
  // The first reads from the disk.
  return [...seconds.values()].slice(1);
}

const statistics = z.object({
  data: z.object({ stats: z.object({ samples: z.object({ totalQueryableSamples: z.number() }) }) }),
});

/** The questions one after the other: how long each took, what it read, and what it answered. */
async function asked(url: string, queries: readonly string[]): Promise<{ ms: number; samples: number; bytes: number }> {
  const sums = { ms: 0, samples: 0, bytes: 0 };
  for (const query of queries) {
    const ask = (stats: object) => {
      const body = new URLSearchParams({ query, time: `${at}`, ...stats });
      return fetch(`${url}/api/v1/query`, { method: "POST", body, headers: { "accept-encoding": "identity" } });
    };
    const started = performance.now();
    sums.bytes += (await (await ask({})).arrayBuffer()).byteLength;
    sums.ms += performance.now() - started;
    sums.samples += statistics.parse(
      await (await ask({ stats: "all" })).json(),
    ).data.stats.samples.totalQueryableSamples;
  }
  return sums;
}
