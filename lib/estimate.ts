/** How many series a label would add, by what Prometheus can know of it today. No I/O of its own. */
import type { Counter, LabelNames } from "./model.ts";
import { isCount } from "./observe/is-count.ts";
import { type QuerySettings, selector } from "./poll/queries.ts";
import type { Telemetry } from "./poll/telemetry.ts";
import type { LabelCost } from "./report/telemetry.ts";

type Addition = LabelCost["label"];

/** The counters that get the label. */
const metrics: Record<Addition, readonly Counter[]> = {
  address: ["opened", "closed"],
  "http-address": ["requests"],
  sni: ["opened", "closed"],
};

/** Counts of one counter's series at one time. */
interface Count {
  series: number;
  labelled: number;
  /** The labelled ones, had they not the label. */
  merged: number;
  /** Calls that the series without the label have counted. */
  calls: number;
}

/** @throws ScoutError `prometheus/…` */
export async function estimate(
  telemetry: Telemetry,
  wanted: readonly Addition[],
  settings: QuerySettings,
  at: number,
): Promise<LabelCost[]> {
  const costs: LabelCost[] = [];
  for (const label of wanted) {
    const names = namesOf(label, settings.labels);
    const counts = await Promise.all(metrics[label].map((one) => countOf(telemetry, one, names, settings, at)));
    costs.push(costOf(label, counts));
  }
  return costs;
}

const namesOf = (label: Addition, { address, port, sni }: LabelNames): readonly string[] =>
  label === "sni" ? sni : [...address, ...port];

async function countOf(
  telemetry: Telemetry,
  counter: Counter,
  names: readonly string[],
  settings: QuerySettings,
  at: number,
): Promise<Count> {
  const all = selector(counter, settings);
  const some = names.map((name) => selector(counter, settings, `${name}!~"|unknown|-"`)).join(" or ");
  const none = selector(counter, settings, names.map((name) => `${name}=~"|unknown|-"`).join(","));
  const [series, labelled, merged, calls] = await Promise.all(
    [`count(${all})`, `count(${some})`, `count(count without (${names.join(",")}) (${some}))`, `sum(${none})`].map(
      async (promql) => {
        const value = (await telemetry.vector(promql, at))[0]?.value ?? 0;
        return isCount(value) ? Math.round(value) : 0;
      },
    ),
  );
  return { series: series ?? 0, labelled: labelled ?? 0, merged: merged ?? 0, calls: calls ?? 0 };
}

/**
 * A counter splits into one for each value that it meets: at least one, and at most as many as it has counted calls. What has the
 * label already is counted, not estimated, and what has it not is likely to split as that did.
 */
function costOf(label: Addition, counts: readonly Count[]): LabelCost {
  const sum = (of: (count: Count) => number) => counts.reduce((total, count) => total + of(count), 0);
  const [series, labelled, merged] = [sum((one) => one.series), sum((one) => one.labelled), sum((one) => one.merged)];
  const bare = series - labelled;
  const added = labelled - merged;
  const most = added + sum((one) => Math.max(0, one.calls - (one.series - one.labelled)));
  const likely = merged === 0 ? null : added + Math.round(bare * (labelled / merged - 1));
  return {
    label,
    series,
    labelled,
    least: added,
    likely,
    most: bare === 0 ? added : most,
    basis: basisOf(series, labelled),
  };
}

function basisOf(series: number, labelled: number): string {
  if (series === 0) return "there is no catch-all traffic of that kind now: nothing to estimate from";
  if (labelled === series) return "counted: all series have it already";
  if (labelled > 0)
    return "counted where the label is there; likely the rest splits as those did, at most by every call";
  return "bounds only, since no series has it yet: at least one value for each series there is, at most one for each call counted";
}
