/** Series of counts → what Prometheus would have scraped of them, as OpenMetrics: blocked calls of one workload each, to one destination. */
import { createCounters, labelText } from "../../mesh/counters.ts";
import { addressLabels, catchAllHttp, catchAllTcp, type Labels } from "../../mesh/labels.ts";
import { jobKinds, targetLabels } from "../../mesh/serve.ts";
import { classNames } from "./classes.ts";
import type { Laid } from "./laid.ts";
import { type Random, randomOf } from "./random.ts";
import { type Counts, day, hour } from "./time.ts";

/** Monday 2026-01-05 00:00 UTC: the classes begin on a Monday. */
const monday = Date.UTC(2026, 0, 5);
const bucketSeconds = 300;
const scrapeSeconds = 60;
const scrapes = bucketSeconds / scrapeSeconds;

/** Milliseconds at which a bucket begins. */
export const timeOf = (bucket: number) => monday + bucket * bucketSeconds * 1000;
/** The last bucket that ended by then. */
export const bucketBefore = (time: number) => Math.floor((time - monday) / bucketSeconds / 1000) - 1;

/** The name of a series' workload, which nobody else has. */
export const workloadOf = ({ name, nth }: Laid) => `${name}-${nth}`;

/** Every second series is of TCP connections: what is counted as opened and closed is one call. */
const isTcp = ({ name, nth }: Laid) => (classNames.indexOf(name) + nth) % 2 === 1;

/** One pod's counter, and its samples: Unix seconds and value. */
interface Pod {
  name: string;
  ip: string;
  value: number;
  /** The value at the last scrape. */
  told: number;
  samples: string[];
}

/** A series as Prometheus has it: its pods, and what they tell that was counted in each bucket. */
export interface Scraped {
  one: Laid;
  pods: Pod[];
  counts: Counts;
}

/** All of them for `createBlocks`, a piece for each counter, and Prometheus' own `up` but where all are missing. */
export function* scrapedText(all: readonly Scraped[]): Generator<string> {
  for (const metric of ["istio_requests", "istio_tcp_connections_opened", "istio_tcp_connections_closed"]) {
    yield `# TYPE ${metric} counter\n`;
    for (const { one, pods } of all) {
      if (metric.startsWith("istio_tcp") !== isTcp(one)) continue;
      for (const pod of pods) {
        const series = `${metric}_total{${seriesText(one, pod)}}`;
        yield pod.samples.map((sample) => `${series} ${sample}\n`).join("");
      }
    }
  }
  yield "# TYPE up gauge\n";
  const present = (bucket: number) => all.some(({ counts }) => (counts[bucket] ?? null) !== null);
  const buckets = all[0]?.counts.keys() ?? [];
  for (const bucket of buckets) if (present(bucket)) yield ups(bucket);
  yield "# EOF\n";
}

function ups(bucket: number): string {
  const times = Array.from({ length: scrapes }, (_, scrape) => timeOf(bucket) / 1000 + scrape * scrapeSeconds);
  return times.map((time) => `up{instance="localhost:9090",job="prometheus"} 1 ${time}.000\n`).join("");
}

function seriesText(one: Laid, { name, ip }: Pod): string {
  const workload = workloadOf(one);
  const canonical = { app: workload, version: "v1", canonicalService: workload, canonicalRevision: "v1" };
  const peer = { workload, namespace: "bench", principal: "unknown", cluster: "Kubernetes", ...canonical };
  const call = { host: "blocked.example.com", protocol: "http", code: 502, grpc: "", flags: "-" } as const;
  const added = addressLabels("address", "198.51.100.7:443");
  const labels: Labels = isTcp(one)
    ? catchAllTcp(peer, "BlackHoleCluster", "UH", added)
    : catchAllHttp(peer, "BlackHoleCluster", call, added);
  const target = { id: 0, ip, namespace: "bench", pod: name, counters: createCounters(), alive: true };
  const { __metrics_path__, ...where } = targetLabels(target, jobKinds["kubernetes-pods"]);
  return `${labelText(labels)},${labelText(where)}`;
}

/**
 * Calls are spread over their bucket, and a scrape each minute at a second of the workload's own sees those before it, so that the last ones
 * show in the next bucket. A counter is there from its first call on. In `reset` the proxy restarts twice a day, and in `churn` one of two
 * pods is replaced every three hours: what was called since the last scrape is lost then, beside what the class itself leaves out.
 */
export function scrape(seed: number, one: Laid, index: number): Scraped {
  const random = randomOf(seed, index, 1);
  const offset = random.whole(scrapeSeconds);
  const all: Pod[] = [];
  const born = (): Pod => {
    const [name, ip] = [
      `${workloadOf(one)}-7dc8cb9d9b-${all.length}`,
      `10.${index}.${all.length >> 8}.${all.length & 255}`,
    ];
    const pod = { name, ip, value: 0, told: 0, samples: [] };
    all.push(pod);
    return pod;
  };
  const alive = one.name === "churn" ? [born(), born()] : [born()];
  let wasAway = true;
  const counts = one.laid.map((count, bucket) => {
    if (one.name === "churn" && random.next() < 1 / (3 * hour)) alive[random.whole(alive.length)] = born();
    const [first] = alive;
    if (one.name === "reset" && first !== undefined && random.next() < 2 / day) first.value = 0;
    const seen = count === null ? null : scrapeBucket(random, alive, { bucket, count, offset, wasAway });
    wasAway = count === null;
    return seen;
  });
  return { one, pods: all, counts };
}

interface Busy {
  bucket: number;
  count: number;
  offset: number;
  wasAway: boolean;
}

function scrapeBucket(random: Random, alive: readonly Pod[], { bucket, count, offset, wasAway }: Busy): number {
  let seen = 0;
  const calls = Array.from({ length: scrapes + 1 }, () => 0);
  for (let call = 0; call < count; call += 1) {
    // After a gap a count is mostly what was called in it.
    const second = wasAway ? 0 : random.next() * bucketSeconds;
    const scrape = Math.max(0, Math.ceil((second - offset) / scrapeSeconds));
    calls[scrape] = (calls[scrape] ?? 0) + 1;
  }
  for (const [scrape, made] of calls.entries()) {
    for (let call = 0; call < made; call += 1) {
      const pod = alive[random.whole(alive.length)];
      if (pod !== undefined) pod.value += 1;
    }
    if (scrape === scrapes) break;
    const time = timeOf(bucket) / 1000 + offset + scrape * scrapeSeconds;
    for (const pod of alive) {
      seen += pod.value - (pod.value < pod.told ? 0 : pod.told);
      pod.told = pod.value;
      if (pod.value > 0) pod.samples.push(`${pod.value} ${time}.000`);
    }
  }
  return seen;
}
