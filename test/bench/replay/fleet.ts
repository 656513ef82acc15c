/**
 * How long `replay` takes over a week of many sources: `node test/bench/replay/fleet.ts [SOURCES]` (500). Each has a blocked destination that
 * it calls now and then, in a real Prometheus that scraped every minute; beside it, how long the bare range queries of that week take.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runScout } from "../../command/run-scout.ts";
import { ensureTools } from "../../tools/ensure.ts";
import { createBlocks, startPrometheus } from "../../tools/prometheus.ts";
import { tempFolder } from "../../tools/temp.ts";
import { randomOf } from "../detect/random.ts";

const [monday, minute, day] = [Date.UTC(2026, 0, 5), 60_000, 86_400_000];
/** One is learned, the others are replayed. */
const learned = 1;

function* past(sources: number, days: number): Generator<string> {
  yield "# TYPE istio_requests counter\n";
  for (let source = 0; source < sources; source++) {
    const random = randomOf(1, source);
    // From a call in a minute to one in half a day.
    const chance = 1 / (1 + random.whole(700));
    const told = `reporter="source",source_workload="w${source}",source_workload_namespace="ns${source % 40}",destination_service="blocked.example.com",destination_service_name="BlackHoleCluster",request_protocol="http",response_code="502",response_flags="-"`;
    const series = `istio_requests_total{${told},pod="w${source}-0",job="envoy"}`;
    const lines: string[] = [];
    for (let at = 0, value = 0; at <= days * day; at += minute) {
      if (random.next() < chance) value += 1 + random.whole(3);
      lines.push(`${series} ${value} ${(monday + at) / 1000}\n`);
    }
    yield lines.join("");
  }
  yield "# TYPE up gauge\n";
  for (let at = 0; at <= days * day; at += minute) yield `up{job="prometheus"} 1 ${(monday + at) / 1000}\n`;
  yield "# EOF\n";
}

export interface FleetReplay {
  sources: number;
  days: number;
  runs: number;
  findings: number;
  seconds: number;
  /** Against the range queries alone, with nothing made of them. */
  timesQuery: number;
  querySeconds: number;
}

export async function benchFleet(sources: number, replayed = 7): Promise<FleetReplay> {
  const days = learned + replayed;
  await ensureTools(["prometheus", "promtool"]);
  const folder = tempFolder("fleet");
  const dir = join(folder.path, "prometheus");
  try {
    await createBlocks(past(sources, days), dir);
    const prometheus = await startPrometheus({ dir });
    try {
      const time = (at: number) => new Date(monday + at).toISOString();
      const config = join(folder.path, "egress-scout.yaml");
      writeFileSync(config, JSON.stringify({ clusters: [{ name: "bench", prometheus: { url: prometheus.url } }] }));
      const bareStarted = performance.now();
      for (let from = 0; from < replayed; from++) {
        const query = "sum by (source_workload, source_workload_namespace) (istio_requests_total)";
        const span = { query, start: time((from + 1) * day), end: time((from + 2) * day - 5 * minute), step: "300" };
        const answer = await fetch(`${prometheus.url}/api/v1/query_range?${new URLSearchParams(span)}`);
        await answer.json();
      }
      const bare = (performance.now() - bareStarted) / 1000;
      const started = performance.now();
      const span = ["--from", time(day), "--to", time(days * day), "--learn", "1d", "--step", "5m"];
      const ended = await runScout(["replay", "--config", config, "--dns", "127.0.0.1:1", ...span, "--format", "json"]);
      const seconds = (performance.now() - started) / 1000;
      if (ended.code !== 0) throw new Error(`replay: exit ${ended.code}: ${ended.stderr}`);
      const { runs, findings } = JSON.parse(ended.stdout);
      return {
        sources,
        days: replayed,
        runs,
        findings: findings.length,
        seconds,
        querySeconds: bare,
        timesQuery: seconds / bare,
      };
    } finally {
      await prometheus.stop();
    }
  } finally {
    folder.remove();
  }
}

export function printFleet({ sources, days, runs, findings, seconds, timesQuery }: FleetReplay): void {
  console.log(
    `\nreplay: ${days} days of ${sources} sources, ${runs} runs, ${findings} findings: ${seconds.toFixed(1)} s; ${timesQuery.toFixed(1)} times the bare queries`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  console.log(JSON.stringify(await benchFleet(Number(process.argv[2] ?? 500))));
}
