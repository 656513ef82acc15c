/**
 * The most memory that the poll function's process has where much is known: `node test/bench/lambda/memory.ts [SIGHTINGS] [PODS]` (20000, 5).
 * Each sighting is a source and destination that so many pods count, in a real Prometheus; what is known is in DynamoDB (dynalite).
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { processEnv, unpack } from "../../lambda/packaged.ts";
import { startDynamodb } from "../../tools/dynamodb.ts";
import { ensureTools } from "../../tools/ensure.ts";
import { type Invocation, startFunction } from "../../tools/lambda.ts";
import { createBlocks, startPrometheus } from "../../tools/prometheus.ts";
import { tempFolder } from "../../tools/temp.ts";

const minute = 60_000;
const end = Date.UTC(2026, 10, 20, 12);
/** Minutes before the end. */
const scrapes = [32, 22, 12, 2];

export interface LambdaMemory {
  sightings: number;
  series: number;
  /** Of the run that learned them all, and of the next one, which found them known; MB (10^6 bytes) and seconds. */
  learnMB: number;
  learnSeconds: number;
  quietMB: number;
  quietSeconds: number;
}

function* past(sightings: number, pods: number): Generator<string> {
  yield "# TYPE istio_requests counter\n";
  yield* flows(sightings, pods, 0, (n) => [
    "istio_requests_total",
    `destination_service="api${n}.example${n % 400}.com",request_protocol="http",response_code="200"`,
  ]);
  yield "# TYPE istio_tcp_connections_opened counter\n";
  yield* flows(sightings, pods, 1, (n) => [
    "istio_tcp_connections_opened_total",
    `destination_address="198.51.${n % 250}.${n % 199}:443",requested_server_name="h${n}.example${n % 400}.net",request_protocol="tcp"`,
  ]);
  yield "# TYPE up gauge\n";
  for (let before = 60; before >= 0; before--) yield `up{job="envoy"} 1 ${(end - before * minute) / 1000}\n`;
  yield "# EOF\n";
}

/** Every second one, TCP or HTTP. */
function* flows(sightings: number, pods: number, from: number, told: (n: number) => [metric: string, labels: string]) {
  for (let n = from; n < sightings; n += 2) {
    const workload = n % 500;
    const [metric, labels] = told(n);
    const who = `reporter="source",source_workload="w${workload}",source_workload_namespace="ns${workload % 40}",source_cluster="bench",destination_service_name="PassthroughCluster",response_flags="-"`;
    const lines: string[] = [];
    for (let pod = 0; pod < pods; pod++)
      for (const [count, before] of scrapes.entries())
        lines.push(
          `${metric}{${who},${labels},pod="w${workload}-${pod}",job="envoy"} ${10 + count} ${(end - before * minute) / 1000}\n`,
        );
    yield lines.join("");
  }
}

export async function benchMemory(sightings: number, pods: number): Promise<LambdaMemory> {
  await ensureTools(["prometheus", "promtool"]);
  const folder = tempFolder("memory");
  const dynamodb = await startDynamodb();
  try {
    const dir = join(folder.path, "prometheus");
    await createBlocks(past(sightings, pods), dir);
    const prometheus = await startPrometheus({ dir });
    try {
      const config = join(folder.path, "config.yaml");
      writeFileSync(
        config,
        `clusters: [{ name: bench, prometheus: { url: "${prometheus.url}" } }]\ndetect: { learn: 1h }\nenrich: { dns: { servers: ["127.0.0.1:1"], budget: 1s } }\n`,
      );
      const packaged = unpack("poll", join(folder.path, "poll"));
      const state = `dynamodb:${await dynamodb.table()}`;
      const env = { ...processEnv, ...dynamodb.env, EGRESS_SCOUT_CONFIG: config, EGRESS_SCOUT_STATE: state };
      const run = async (minutesBefore: number) => {
        const poll = await startFunction({ ...packaged, env, timeoutMs: 300_000 });
        try {
          const started = performance.now();
          const invocation = await poll.invoke({ at: (end - minutesBefore * minute) / 1000 });
          const seconds = (performance.now() - started) / 1000;
          return { ...counted(invocation), seconds, peakMB: poll.peakMemory() / 1e6 };
        } finally {
          await poll.stop();
        }
      };
      const learn = await run(10);
      const quiet = await run(0);
      if (learn.learned !== sightings || quiet.known !== sightings || quiet.findings !== 0)
        throw new Error(`not as laid out: ${JSON.stringify({ learn, quiet })}`);
      return {
        ...{ sightings, series: sightings * pods },
        ...{ learnMB: learn.peakMB, learnSeconds: learn.seconds },
        ...{ quietMB: quiet.peakMB, quietSeconds: quiet.seconds },
      };
    } finally {
      await prometheus.stop();
    }
  } finally {
    await dynamodb.stop();
    folder.remove();
  }
}

function counted(invocation: Invocation): { learned: number; known: number; findings: number } {
  if (invocation.ended !== "answer") throw new Error(`poll: ${JSON.stringify(invocation)}`);
  const { run, learned, findings } = invocation.value as {
    run: { known: number };
    learned?: { destinations: number };
    findings: unknown[];
  };
  return { learned: learned?.destinations ?? 0, known: run.known, findings: findings.length };
}

export function printMemory({ sightings, series, learnMB, learnSeconds, quietMB, quietSeconds }: LambdaMemory): void {
  console.log(
    `poll's memory, ${sightings} sightings in DynamoDB, ${series} series in Prometheus: ${quietMB.toFixed(0)} MB at most and ${quietSeconds.toFixed(1)} s where all are known, ${learnMB.toFixed(0)} MB and ${learnSeconds.toFixed(1)} s to learn them`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [sightings = 20_000, pods = 5] = process.argv.slice(2).map(Number);
  const measured = await benchMemory(sightings, pods);
  printMemory(measured);
  console.log(JSON.stringify(measured));
}
