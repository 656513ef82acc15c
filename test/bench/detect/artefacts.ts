/**
 * What scraping does to calls, as models: reality may be milder or harsher.
 * In each: a generator, and the calls that were made in each bucket. Out: what is counted.
 */
import type { Random } from "./random.ts";
import { type Counts, day, each, hour } from "./time.ts";

/** Prometheus is away for three hours every two days; what was called meanwhile shows in the first bucket after. */
export function gapped(random: Random, calls: readonly number[]): Counts {
  const first = random.whole(2 * day - 3 * hour);
  let backlog = 0;
  return calls.map((count, bucket) => {
    const away = (bucket - first + 2 * day) % (2 * day) < 3 * hour && bucket >= first;
    const seen = away ? null : count + backlog;
    backlog = away ? backlog + count : 0;
    return seen;
  });
}

/** The counter starts anew twice a day on average, and what was called between the last scrape and the restart is lost. */
export function reset(random: Random, calls: readonly number[]): Counts {
  return calls.map((count) => (random.next() < 2 / day ? kept(random, count, random.next()) : count));
}

/** How many of so many calls are kept where each one is with this chance. */
function kept(random: Random, calls: number, chance: number): number {
  let sum = 0;
  for (let i = 0; i < calls; i += 1) if (random.next() < chance) sum += 1;
  return sum;
}

/**
 * Two to four pods of one call a bucket each. A pod lives six hours on average; its successor's first calls are not counted, since its
 * counter is first seen with them in it. Once a day a pod is added or taken away, and a roll-out replaces all at once.
 */
export function churned(random: Random): Counts {
  let pods = 2 + random.whole(3);
  return each((bucket) => {
    const rolled = random.next() < 1 / day;
    if (random.next() < 1 / day) pods = Math.min(4, Math.max(2, pods + (random.next() < 0.5 ? 1 : -1)));
    let count = 0;
    for (let pod = 0; pod < pods; pod += 1) {
      const made = random.poisson(1);
      const replaced = rolled || random.next() < 1 / (6 * hour);
      count += replaced && bucket > 0 ? kept(random, made, random.next()) : made;
    }
    return count;
  });
}

/**
 * An HA pair scrapes one counter at two moments, and the larger answer is taken, as a query with `max without (replica)` does. One of the
 * two is away for two hours every day.
 */
export function doubled(random: Random, calls: readonly number[]): Counts {
  const late = calls.map((count) => kept(random, count, 0.4));
  const away = random.whole(day - 2 * hour);
  return calls.map((count, bucket) => {
    // The second replica counts what was late in the bucket with the next one.
    const other = count - (late[bucket] ?? 0) + (late[bucket - 1] ?? 0);
    const alone = (bucket - away + day) % day < 2 * hour;
    return alone ? other : Math.max(count, other);
  });
}
