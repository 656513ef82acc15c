/** A past of which chance decides, the same each time: calls of all kinds, pods that come, go and restart, and when it is scanned. */
import * as fc from "fast-check";
import { history, type Past, type Span, type Timetable } from "../mesh/history.ts";
import type { ScrapeOptions } from "../mesh/serve.ts";
import { type Found, minute, second } from "./exact.ts";
import { createTown, length, type Step, step, type Town } from "./exact-town.ts";
import { createWitness, news } from "./exact-witness.ts";

export interface Layout {
  name: string;
  seed: number;
  /** Between scrapes, ms. */
  everyMs: number;
  options: ScrapeOptions;
}

export interface Story extends Layout {
  past: Past;
  /** The end of what is learned first, and those of the scans after it. */
  learned: number;
  times: readonly number[];
  truth: readonly Found[];
}

/** Seconds from scan to scan; some end at a scrape. */
const distance = fc.oneof(
  fc.integer({ min: 60, max: 1100 }),
  fc.integer({ min: 4, max: 70 }).map((n) => n * 15),
);

/** One story for each layout, each on a day of its own. */
export function tell(layouts: readonly Layout[]): Story[] {
  return layouts.map((layout, day) => tellOne(layout, Date.UTC(2025, 10, 20 + day, 6)));
}

function tellOne(layout: Layout, from: number): Story {
  const { seed, everyMs, options } = layout;
  // Sampled, and not asserted as a property: hundreds of steps, shrunk or not, are no counterexample that a person can read.
  const sample = <T>(one: fc.Arbitrary<T>, many: number) => fc.sample(one, { seed, numRuns: many });
  const [steps, distances] = [sample(step, 800), sample(distance, 3)];
  const learned = from + 20 * minute;
  const times = distances.map((_, n) => learned + distances.slice(0, n + 1).reduce((sum, one) => sum + one) * second);
  const witness = createWitness();
  const span = { from, to: from + length, everyMs };
  const past = history(
    (mesh, timetable) => {
      const town = createTown(mesh, witness);
      for (const one of steps) schedule(timetable, town, one, span);
      timetable.every(span, (n) => witness.scrapes(from + n * everyMs));
    },
    span,
    options,
  );
  const truth = times.map((to, n): Found => {
    const since = times[n - 1] ?? learned;
    return { window: [since, to], found: news(witness.glimpses, since, to) };
  });
  return { ...layout, past, learned, times, truth };
}

function schedule(timetable: Timetable, town: Town, one: Step, { from, everyMs }: Span): void {
  const at = from + (one.onScrape ? Math.ceil(one.at / everyMs) * everyMs : one.at);
  timetable.at(at, () => town.does(one));
  // The pod that a "brief" step made is the youngest of its workload, unless others came meanwhile: any will do.
  if (one.does === "brief") timetable.at(at + 20 * second, () => town.stopsYoungest(one.workload));
}
