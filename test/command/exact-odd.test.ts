import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { minute, second } from "./exact.ts";
import { scanJson } from "./run-scout.ts";

describe("samples that no counter has", () => {
  const at = Date.UTC(2025, 10, 20, 7);
  /** Minutes before the run's end, and what was scraped then. */
  const samples: Record<string, [minutes: number, value: string][]> = {
    "good.example.com": [
      [9, "2"],
      [4, "5"],
      [1, "9"],
    ],
    "nan.example.com": [
      [4, "3"],
      [3, "NaN"],
      [2, "4"],
      [1, "NaN"],
    ],
    "infinite.example.com": [
      [4, "3"],
      [3, "+Inf"],
      [2, "5"],
      [1, "-Inf"],
    ],
    "negative.example.com": [
      [4, "3"],
      [3, "-7"],
      [2, "6"],
    ],
    "huge.example.com": [
      [4, "3"],
      [3, "1e300"],
      [2, "7"],
    ],
    "fraction.example.com": [
      [4, "1.2"],
      [3, "2.4"],
      [2, "7.9"],
    ],
    "only-bad.example.com": [
      [4, "NaN"],
      [3, "1e300"],
      [2, "-1"],
    ],
  };
  const labels = (host: string, more: Record<string, string> = {}) => ({
    ...{ source_workload: "w", source_workload_namespace: "n", destination_service: host, request_protocol: "http" },
    ...{ destination_service_name: "PassthroughCluster", ...more },
  });
  const wide = Object.fromEntries(Array.from({ length: 58 }, (_, n) => [`extra_${n}`, "x".repeat(n)]));

  /** Answers as Prometheus does, with a warning each time; anything but the question for requests has no answer. */
  function answer(query: string) {
    const isMatrix = query.startsWith("istio");
    const asked = query.includes('istio_requests_total{reporter="source",destination_service_name=~');
    const hosts = asked ? Object.entries(samples) : [];
    const result = isMatrix
      ? hosts.map(([host, values]) => ({
          metric: { ...labels(host, wide), instance: "10.1.1.1:15020", pod: "w-1" },
          values: values.map(([minutes, value]) => [(at - minutes * minute) / second, value]),
        }))
      : hosts.map(([host, values]) => ({
          metric: labels(host),
          value: [at / second, values.at(-1)?.[1] === "NaN" ? "4" : "5"],
        }));
    const resultType = isMatrix ? "matrix" : "vector";
    return { status: "success", warnings: ["store-gateway 3 is away"], data: { resultType, result } };
  }

  it("are never part of a count, and what the server warns of is passed on", async () => {
    const server = createServer(async (request, response) => {
      const form = new URLSearchParams(await text(request));
      const body = form.has("step")
        ? { status: "success", data: { resultType: "matrix", result: [] } }
        : answer(form.get("query") ?? "");
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const url = typeof address === "object" ? `http://127.0.0.1:${address?.port}` : "";
    try {
      const base = ["--prometheus", url, "--state", "memory:", "--dns", "127.0.0.1:9"];
      const { run, findings } = await scanJson([...base, "--at", `${at / second}`, "--since", "5m", "--no-learn"]);
      expect(Object.fromEntries(findings.map((one) => [one.destination.host, one.count]))).toEqual({
        "good.example.com": 7,
        "nan.example.com": 4,
        "infinite.example.com": 5,
        "negative.example.com": 6,
        "huge.example.com": 7,
        "fraction.example.com": 8,
      });
      expect(run.warnings).toContain("store-gateway 3 is away");
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
