/**
 * `plan` at scale, as the built command, on a real Prometheus: beside it the one aggregated question that it cannot do without, asked of
 * the same server. `node test/bench/plan/scale.ts [WORKLOADS] [ENTRIES]` prints one JSON document; each workload has ten flows.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { holdPast } from "../../command/past.ts";
import { command } from "../../command/run-scout.ts";
import { startDns } from "../../tools/dns.ts";
import { saying } from "../process.ts";

const minute = 60_000;
const begin = Date.UTC(2026, 10, 20, 6);
const end = begin + 60 * minute;
const flowsEach = 10;

export interface PlanScale {
  workloads: number;
  flows: number;
  entries: number;
  manifests: number;
  seconds: number;
  peakMB: number;
  /** The bare aggregated query, and how many times as long the plan takes. */
  querySeconds: number;
  timesQuery: number;
}

export async function benchPlan(workloads: number, entries: number): Promise<PlanScale> {
  const held = await holdPast(
    (mesh, timetable) => {
      for (let w = 0; w < workloads; w++) {
        const pod = mesh.pod({ namespace: `ns${w % 100}`, workload: `w${w}` });
        for (let f = 0; f < flowsEach; f++) {
          const host = (w * 31 + f * 17) % 5000;
          timetable.at(begin + (1 + ((w * 7 + f) % 50)) * minute, () => {
            if (f % 5 < 3) {
              pod.tls({ sni: `h${host}.example${host % 400}.com`, to: `198.51.${host % 250}.${f + 1}:443`, times: 2 });
            } else if (f % 5 === 3) pod.http({ host: `api${host}.example${host % 400}.net`, to: "198.51.100.20:80" });
            else pod.tcp({ to: `203.0.${host % 200}.${f + 1}:5432` });
          });
        }
      }
    },
    { from: begin, to: end, everyMs: 10 * minute },
  );
  const dns = await startDns({});
  try {
    const folder = join(held.dir, "manifests");
    mkdirSync(folder);
    writeFileSync(join(folder, "all.yaml"), Array.from({ length: entries }, (_, n) => entry(n)).join("---\n"));
    // The look-ups' own pace is measured elsewhere.
    const config = join(held.dir, "egress-scout.yaml");
    writeFileSync(
      config,
      `clusters: [{ name: bench, prometheus: { url: "${held.prometheus.url}" } }]\nenrich: { dns: { servers: ["${dns.server}"], perSecond: 5000 } }\n`,
    );
    const querySeconds = await queried(held.prometheus.url);
    const args = ["plan", "--config", config, "--existing", folder, "--at", `${end / 1000}`, "--since", "2h"];
    const started = performance.now();
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ["--import", saying, command, ...args, "--format", "json"],
      { encoding: "utf8", maxBuffer: 1 << 30 },
    );
    const seconds = (performance.now() - started) / 1000;
    if (status !== 0) throw new Error(`plan ended with ${status}: ${stderr}`);
    const { flows, manifests } = JSON.parse(stdout);
    const peakMB = (Number(/^peak (\d+)$/m.exec(stderr)?.[1]) * 1024) / 1e6;
    const counts = { workloads, flows, entries, manifests: manifests.length };
    return { ...counts, seconds, peakMB, querySeconds, timesQuery: seconds / querySeconds };
  } finally {
    await dns.stop();
    await held.stop();
  }
}

const entry = (n: number): string => {
  const host = n % 10 === 0 ? `*.example${n % 400}.com` : `h${n * 2}.example${(n * 2) % 400}.com`;
  return `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: e${n}, namespace: ns${n % 100} }
spec:
  hosts: ["${host}"]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: ${host.startsWith("*") ? "NONE" : "DNS"}
  exportTo: ["."]
`;
};

/** Who called what through PassthroughCluster, once for TCP and once for HTTP. */
async function queried(url: string): Promise<number> {
  const by = "source_workload_namespace,source_workload,destination_service,destination_address,requested_server_name";
  const started = performance.now();
  for (const metric of ["istio_tcp_connections_opened_total", "istio_requests_total"]) {
    const query = `sum by (${by}) (last_over_time(${metric}{destination_service_name="PassthroughCluster"}[2h]))`;
    const body = new URLSearchParams({ query, time: `${end / 1000}` });
    await (await fetch(`${url}/api/v1/query`, { method: "POST", body })).text();
  }
  return (performance.now() - started) / 1000;
}

export function printPlan({ workloads, flows, entries, manifests, seconds, peakMB, timesQuery }: PlanScale): void {
  console.log(
    `\nplan: ${workloads} workloads, ${flows} flows, ${entries} entries in force: ${seconds.toFixed(1)} s, ${peakMB.toFixed(0)} MB at most, ${manifests} manifests; ${timesQuery.toFixed(1)} times the bare queries`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [workloads = 2000, entries = 2000] = process.argv.slice(2).map(Number);
  console.log(JSON.stringify(await benchPlan(workloads, entries)));
}
