/** The kinds of series that the detectors are scored on, from the words of the detector design (§5) and its issue. */
import { churned, doubled, gapped, reset } from "./artefacts.ts";
import type { Random } from "./random.ts";
import { type Counts, day, each, fortnight, hour, week } from "./time.ts";

/** The `nth` series of a class. */
type Make = (random: Random, nth: number) => Counts;

/** 0.2 calls at night, up to 5.2 at noon: of the shapes tried the one under which others' rules score most as in the design's table. */
const byDay = (bucket: number) => 0.2 + 5 * Math.max(0, -Math.cos((2 * Math.PI * bucket) / day));
const byWeek = (bucket: number) => byDay(bucket) * (bucket % week < 5 * day ? 1.1 : 0.3);

/** Variance over mean of the two above. */
const spread = 3;

const rare = (random: Random) => each(() => random.poisson(0.01));
const steady = (random: Random) => each(() => random.poisson(5));
const daily = (random: Random) => each((bucket) => random.overdispersed(byDay(bucket), spread));

/** About 20 calls in one bucket every `period` buckets, at a time of its own. */
function cron(period: number): Make {
  return (random, nth) => each((bucket) => (bucket % period === (24 + 37 * nth) % period ? random.poisson(20) : 0));
}

/** Retry storms of four buckets on average; one bucket of a hundred is in one, as in `bursty`. */
function clustered(random: Random): Counts {
  let storm = false;
  return each(() => {
    storm = random.next() < (storm ? 0.75 : 0.0025);
    return storm ? random.geometric(5) : 0;
  });
}

/** Bursts in one bucket of a hundred, of heavy-tailed size: half of them above 3, one in a hundred above 40. */
function lognorm(random: Random): Counts {
  return each(() => (random.next() < 0.01 ? Math.max(1, Math.round(3 * Math.exp(1.1 * random.normal()))) : 0));
}

/** Half an hour of 20 calls a bucket every night, and next to nothing else. */
function nightjob(random: Random): Counts {
  return each((bucket) => random.poisson(bucket % day >= 18 && bucket % day < 24 ? 20 : 0.01));
}

/** When `shift` and `shift20` change for good: in the first days that are scored. */
export const shiftAt = fortnight + 2 * day + 5 * hour;
const steps = [
  { before: 0, after: 1 },
  { before: 0.01, after: 3 },
  { before: 1, after: 6 },
];

function shift(...levels: { before: number; after: number }[]): Make {
  return (random, nth) => {
    const { before, after } = levels[nth % levels.length] ?? { before: 0, after: 0 };
    return each((bucket) => random.poisson(bucket < shiftAt ? before : after));
  };
}

/** What artefacts are laid over: each series takes the next one. */
function base(random: Random, nth: number): number[] {
  return [steady, daily, rare][nth % 3]?.(random) ?? [];
}

/** By name, in the order of the design's table. */
export const classes = {
  zero: () => each(() => 0),
  rare,
  bursty: (random) => each(() => (random.next() < 0.01 ? random.geometric(5) : 0)),
  steady5: steady,
  high200: (random) => each(() => random.poisson(200)),
  daily,
  dayweek: (random) => each((bucket) => random.overdispersed(byWeek(bucket), spread)),
  cron: cron(day),
  hcron: cron(hour),
  wcron: cron(week),
  shift: shift(...steps),
  gap: (random, nth) => gapped(random, base(random, nth)),
  reset: (random, nth) => reset(random, base(random, nth)),
  churn: churned,
  clustered,
  lognorm,
  nightjob,
  shift20: shift({ before: 5, after: 20 }),
  ha: (random, nth) => doubled(random, base(random, nth)),
} satisfies Record<string, Make>;

export type ClassName = keyof typeof classes;
export const classNames = Object.keys(classes) as ClassName[];

/** The ones the issue sets targets for. The rest are harder, or the wish without a target. */
export const asked: readonly ClassName[] = classNames.slice(0, 14);
