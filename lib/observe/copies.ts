/** One counter seen twice (two scrape jobs, a pair of Prometheus servers) → seen once. Pure. */

import type { LabelNames, Labels, Samples } from "../model.ts";
import { isOwnLabel, podOf } from "../words/istio-labels.ts";

type Sample = Samples["values"][number];

/**
 * Leaves one series for each counter of each proxy: Istio's own labels, the host of the scraped instance and the pod (an address
 * has several pods in turn) say which is which, while job, replica and port tell copies apart. Of several copies the one with the
 * most samples stays, and the others fill its holes, so that a server that was down for a while does not make the count short. A job
 * that writes no pod beside one that does tells nothing of its own.
 */
export function withoutCopies(series: readonly Samples[], names: LabelNames): Samples[] {
  const groups = new Map<string, { counter: string; pod: string; copies: Samples[] }>();
  const named = new Set<string>();
  for (const samples of series) {
    const counter = counterOf(samples.labels, names);
    const pod = podOf(samples.labels);
    if (pod !== "") named.add(counter);
    const key = JSON.stringify([counter, pod]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { counter, pod, copies: [samples] });
    else group.copies.push(samples);
  }
  return [...groups.values()]
    .filter(({ counter, pod }) => pod !== "" || !named.has(counter))
    .map(({ copies }) => copies.sort(byWorth).reduce(filled));
}

function counterOf(labels: Labels, names: LabelNames): string {
  const told = Object.entries(labels).filter(([name]) => isOwnLabel(name, names));
  const host = labels.instance?.replace(/:\d+$/, "") ?? "";
  return JSON.stringify([host, ...told.sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** More samples; else the last word; else by labels, so that the choice does not depend on the server's order. */
function byWorth(one: Samples, other: Samples): number {
  const last = (samples: Samples) => samples.values.at(-1)?.[1] ?? 0;
  return (
    other.values.length - one.values.length ||
    last(other) - last(one) ||
    (JSON.stringify(one.labels) > JSON.stringify(other.labels) ? -1 : 1)
  );
}

/** Two servers' clocks and scrapes are so far apart at most, ms: closer samples may come in the wrong order, which would be a reset. */
const slack = 5000;

/** The samples, and in their holes those of the copy. */
function filled(own: Samples, copy: Samples): Samples {
  const holes = holesOf(own.values);
  const more = copy.values.filter(([time]) => holes.some(([from, to]) => time > from + slack && time < to - slack));
  if (more.length === 0) return own;
  return { labels: own.labels, values: [...own.values, ...more].sort(([a], [b]) => a - b) };
}

/** Before the first sample, after the last, and wherever two are over twice as far apart as usual. */
function holesOf(values: readonly Sample[]): [from: number, to: number][] {
  const times = values.map(([time]) => time);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const usual = gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
  const inner = gaps.flatMap((gap, index): [number, number][] =>
    gap > 2 * usual ? [[times[index] ?? 0, times[index + 1] ?? 0]] : [],
  );
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  return [[Number.NEGATIVE_INFINITY, first], ...inner, [last, Number.POSITIVE_INFINITY]];
}
