import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBlocks, type Prometheus, startPrometheus } from "../tools/prometheus.ts";
import { tempFolder } from "../tools/temp.ts";
import { scanJson } from "./run-scout.ts";

const day = 24 * 3600;
const begin = Date.UTC(2026, 5, 1) / 1000;

/** A counter of one pod, scraped every minute for five minutes from `at` (seconds) on, at 1 all the time. */
function once(pod: string, host: string, at: number): string {
  const labels = {
    reporter: "source",
    source_workload: "web",
    source_workload_namespace: "shop",
    destination_workload: "unknown",
    destination_service: host,
    destination_service_name: "PassthroughCluster",
    destination_service_namespace: "unknown",
    request_protocol: "http",
    response_code: "200",
    instance: pod,
  };
  const text = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return [0, 1, 2, 3, 4].map((minute) => `istio_requests_total{${text.join(",")}} 1 ${at + 60 * minute}\n`).join("");
}

describe("a destination that comes back", () => {
  const folder = tempFolder("quiet");
  let prometheus: Prometheus;
  beforeAll(async () => {
    const past = [
      once("10.0.0.1:15020", "yearly.example.com", begin + 600),
      once("10.0.0.1:15020", "monthly.example.com", begin + 600),
      once("10.0.0.2:15020", "monthly.example.com", begin + 30 * day),
      once("10.0.0.3:15020", "monthly.example.com", begin + 100 * day),
      once("10.0.0.3:15020", "yearly.example.com", begin + 100 * day),
    ];
    await createBlocks(`# TYPE istio_requests counter\n${past.join("")}# EOF\n`, folder.path);
    prometheus = await startPrometheus({ dir: folder.path });
  });
  afterAll(async () => {
    await prometheus.stop();
    folder.remove();
  });

  it("after 90 quiet days is found again, and says so; after 70 it is not", async () => {
    const base = [
      "--prometheus",
      prometheus.url,
      "--dns",
      "127.0.0.1:1",
      "--state",
      `sqlite:${join(folder.path, "state.db")}`,
    ];
    await scanJson([...base, "--at", String(begin + 3600), "--learn", "2h"]);
    expect((await scanJson([...base, "--at", String(begin + 31 * day)])).findings).toEqual([]);
    const { findings } = await scanJson([...base, "--at", String(begin + 100 * day + 300)]);
    expect(findings.map((one) => [one.destination.host, one.count, one.summary])).toEqual([
      [
        "yearly.example.com",
        1,
        "shop/web reached yearly.example.com:80 (HTTP) again after 99 quiet days: 1 request, let through.",
      ],
    ]);
    expect((await scanJson([...base, "--at", String(begin + 101 * day)])).findings).toEqual([]);
  });
});
