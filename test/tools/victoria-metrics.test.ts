import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { history } from "../mesh/history.ts";
import { ensureTools } from "./ensure.ts";
import { tempFolder } from "./temp.ts";
import { startVictoriaMetrics, type VictoriaMetrics } from "./victoria-metrics.ts";

describe("startVictoriaMetrics", () => {
  const folder = tempFolder("victoria-metrics");
  const begin = Date.UTC(2020, 1, 3);
  let server: VictoriaMetrics;

  beforeAll(async () => {
    await ensureTools(["victoria-metrics"]);
    server = await startVictoriaMetrics({ dir: folder.path });
  });
  afterAll(async () => {
    await server.stop();
    folder.remove();
  });

  it("answers for a past of years ago as soon as it has taken it, every label and millisecond of it", async () => {
    const past = history(
      (mesh, timetable) => {
        const pod = mesh.pod({ namespace: "shop", workload: "web" });
        timetable.every({ from: begin, to: begin + 60_000, everyMs: 15_000 }, () =>
          pod.http({ host: 'a "quoted" \\ name', to: "203.0.113.1:80", times: 2 }),
        );
      },
      { from: begin + 125, to: begin + 60_125, everyMs: 15_000 },
      { replicas: ["a", "b"], jobs: ["kubernetes-pods", "envoy-stats"] },
    );
    await server.take(past.chunks());
    const rows = await server.query("istio_requests_total[2m]", begin + 60_125).catch((error: Error) => error.message);
    expect(rows).toContain("matrix");
    const last = await server.query("timestamp(istio_requests_total)", begin + 60_125);
    expect(last.map((row) => row.value * 1000)).toEqual(Array.from({ length: 4 }, () => begin + 60_125));
    const sums = await server.query(
      "sum by (replica, job, destination_service) (istio_requests_total)",
      begin + 60_125,
    );
    expect(
      sums.map(({ labels, value }) => [labels.replica, labels.job, labels.destination_service, value]).sort(),
    ).toEqual(
      ["a", "b"].flatMap((replica) =>
        ["envoy-stats", "kubernetes-pods"].map((job) => [replica, job, 'a "quoted" \\ name', 10]),
      ),
    );
    expect(await server.query("istio_requests_total", begin)).toEqual([]);
  });

  it("takes more than one request's worth, and says what it does not take", async () => {
    const lines = Array.from(
      { length: 120_000 },
      (_, n) => `many_total{n="${n}",pad="${"x".repeat(60)}"} 1 1580688000.000\n`,
    );
    await server.take(lines);
    expect((await server.query("count(many_total)", begin + 1000))[0]?.value).toBe(120_000);
    await expect(server.query("many_total{")).rejects.toThrow(/many_total\{/);
  });

  it("stops for good, and stopping again is no error", async () => {
    await server.stop();
    await server.stop();
    await expect(fetch(server.url)).rejects.toThrow();
  });
});
