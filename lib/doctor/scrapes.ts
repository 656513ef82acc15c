/** How often and how many times over are the sidecars scraped? */

import type { Samples } from "../model.ts";
import { oneOf, type QuerySettings, samplesQuery, selector } from "../poll/queries.ts";
import type { Telemetry } from "../poll/telemetry.ts";
import { formatDuration } from "../words/duration.ts";
import { grouped } from "../words/grouped.ts";
import { printable } from "../words/printable.ts";
import { listed, ok, type Said, skip, some, warn } from "./check.ts";

const hour = 3_600_000;
/** How often runs are made where nobody says otherwise (docs, infra/), ms. */
const pollInterval = 5 * 60_000;
const mostJobs = 5;

/** By host of the scraped instance: job, port and replica tell copies of one proxy's counters apart (lib/observe/copies.ts). */
export async function checkDuplicates(
  telemetry: Telemetry,
  settings: QuerySettings,
  replicaLabels: readonly string[],
  at: number,
): Promise<Said> {
  const series = (["opened", "requests"] as const)
    .map((counter) => selector(counter, settings, 'instance=~".+:[0-9]+"'))
    .join(" or ");
  const host = `label_replace(${series}, "es_host", "$1", "instance", "(.+):[0-9]+")`;
  const replicas = replicaLabels.filter(isName);
  const copies = `group by (${["es_host", "job", "instance", ...replicas].join(",")}) (${host})`;
  const [all, twice, jobs] = await Promise.all([
    telemetry.vector(`count(group by (es_host) (${copies}))`, at),
    telemetry.vector(`count(count by (es_host) (${copies}) > 1)`, at),
    telemetry.vector(`count by (${["job", ...replicas].join(",")}) (${copies})`, at),
  ]);
  const proxies = all[0]?.value ?? 0;
  if (proxies === 0) return skip("no catch-all series now", "There is nothing to judge by.");
  const doubled = twice[0]?.value ?? 0;
  if (doubled === 0) {
    return ok(`each of ${some(proxies, "proxy", "proxies")} is scraped once`, "Nothing is stored twice.");
  }
  const names = jobs.map(({ labels, value }) => `${shown(Object.values(labels).join("/"))} (${value})`).sort();
  const found = `${grouped(doubled)} of ${some(proxies, "proxy", "proxies")} are scraped more than once: ${listed(names)}`;
  const distinct = [...new Set(jobs.map(({ labels }) => labels.job ?? ""))].sort();
  // The other usual job, of merged metrics, has the application's own as well.
  const spare = distinct.find((job) => job.includes("envoy")) ?? distinct.at(-1);
  const mend =
    distinct.length > 1
      ? `drop one of the jobs, or leave it out by prometheus.matchers: 'job!="${safe(spare)}"'`
      : "scrape one of the ports alone; of a pair of Prometheus servers, ask through what deduplicates (Thanos, Mimir) or one of them";
  return warn(
    found,
    "Counts stay right: copies are recognised. Prometheus stores and runs read everything twice.",
    mend,
  );
}

/** Prometheus 3 takes any text for a label's name; unquoted, PromQL takes these. */
const isName = (name: string): boolean => /^[a-zA-Z_]\w*$/.test(name);

/** A job's name comes from whoever configured Prometheus, and is printed. */
const shown = (job: string): string => (job === "" ? "(no job)" : printable(job, 60).slice(1, -1));

/** A job's name, as far as it can stand in an example. */
const safe = (job: string | undefined): string => (/^[\w./-]+$/.test(job ?? "") ? (job ?? "") : "JOB");

export async function checkInterval(telemetry: Telemetry, settings: QuerySettings, at: number): Promise<Said> {
  const intervals = new Map<string, number>();
  for (const counter of ["opened", "requests"] as const) {
    const fullest = `topk by (job) (1, count_over_time(${selector(counter, settings)}[1h]))`;
    const rows = (await telemetry.vector(fullest, at)).slice(0, mostJobs);
    for (const { labels } of rows) {
      const job = labels.job ?? "";
      const exact = Object.entries(labels).flatMap(([name, value]) => (isName(name) ? [oneOf(name, [value])] : []));
      const [samples] = await telemetry.samples(samplesQuery(counter, settings, hour, exact.join(",")), at);
      const interval = usualGap(samples);
      if (interval !== null) intervals.set(job, Math.min(interval, intervals.get(job) ?? interval));
    }
  }
  if (intervals.size === 0) {
    return skip("no catch-all series with two samples in the last hour", "There is nothing to judge by.");
  }
  const worst = Math.max(...intervals.values());
  const each = [...intervals].map(([job, ms]) => `${shown(job)} every ${formatDuration(ms)}`);
  const found = listed(each.sort());
  if (worst * 2 <= pollInterval) {
    return ok(found, `Each run, one in ${formatDuration(pollInterval)}, finds two samples or more.`);
  }
  return warn(
    found,
    `Runs come every ${formatDuration(pollInterval)} where nobody says otherwise, and find less than two samples each: what is new is told one scrape late, and what a pod counts after its last scrape is lost.`,
    "scrape every 15s to 60s, or run less often",
  );
}

/** The median distance of samples, to a second, ms; null where there are not two. */
function usualGap(samples: Samples | undefined): number | null {
  const times = (samples?.values ?? []).map(([time]) => time);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  const median = gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)];
  return median === undefined ? null : Math.max(1000, Math.round(median / 1000) * 1000);
}
