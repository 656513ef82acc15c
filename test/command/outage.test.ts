import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMesh } from "../mesh/mesh.ts";
import { serve } from "../mesh/serve.ts";
import { type Prometheus, startPrometheus } from "../tools/prometheus.ts";
import { tempFolder } from "../tools/temp.ts";
import { runScout, scanJson } from "./run-scout.ts";

describe("a Prometheus that goes away between two scans", () => {
  const mesh = createMesh({ clock: Date.now });
  const pod = mesh.pod({ namespace: "shop", workload: "web" });
  const folder = tempFolder("outage");
  let served: Awaited<ReturnType<typeof serve>>;
  let prometheus: Prometheus;
  let args: string[];

  beforeAll(async () => {
    pod.http({ host: "known.example.com", to: "198.51.100.1:80" });
    served = await serve(mesh);
    prometheus = await startPrometheus({ dir: join(folder.path, "prometheus"), jobs: served.scrapeConfig() });
    args = [
      "--prometheus",
      prometheus.url,
      "--dns",
      "127.0.0.1:1",
      "--state",
      `sqlite:${join(folder.path, "state.db")}`,
    ];
    await prometheus.waitFor(
      'istio_requests_total{destination_service="known.example.com"}',
      (rows) => rows.length === 1,
    );
  });
  afterAll(async () => {
    await prometheus.stop();
    await served.stop();
    folder.remove();
  });

  it("gives exit 1 with one clear line, and what happened meanwhile is found when it is back", async () => {
    const learned = await scanJson([...args, "--at", String(Date.now() / 1000), "--learn", "10m"]);
    expect(learned).toMatchObject({ run: { mode: "learn" }, learned: { destinations: 1 } });

    await prometheus.kill9();
    const away = await runScout(["scan", ...args, "--at", String(Date.now() / 1000)]);
    expect({ code: away.code, stdout: away.stdout }).toEqual({ code: 1, stdout: "" });
    expect(away.stderr).toMatch(
      /^egress-scout: prometheus\/unavailable: Prometheus at http:\/\/127\.0\.0\.1:\d+ does not answer: .*\n$/,
    );

    pod.http({ host: "meanwhile.example.com", to: "198.51.100.2:80", times: 3 });
    await prometheus.restart();
    await prometheus.waitFor(
      'istio_requests_total{destination_service="meanwhile.example.com"}',
      (rows) => rows.length === 1,
    );
    const back = await scanJson([...args, "--at", String(Date.now() / 1000)]);
    expect(back.run.from).toBe(learned.run.to);
    expect(back.findings.map((one) => [one.destination.host, one.count])).toEqual([["meanwhile.example.com", 3]]);
  });

  it("a DNS outage is said, stops nothing, and is not taken for an address without a name", async () => {
    pod.tcp({ to: "203.0.113.9:5432" });
    await prometheus.waitFor(
      'istio_tcp_connections_opened_total{destination_address="203.0.113.9:5432"}',
      (rows) => rows.length === 1,
    );
    const { run, findings } = await scanJson([...args, "--at", String(Date.now() / 1000)]);
    expect(findings).toHaveLength(1);
    expect(findings[0]?.names).toEqual([]);
    expect(run.warnings.join()).toMatch(/dns: the PTR of 203\.0\.113\.9: .*127\.0\.0\.1:1/);
  });
});
