import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureTools } from "../tools/ensure.ts";
import { createBlocks, type Prometheus, startPrometheus } from "../tools/prometheus.ts";
import { tempFolder } from "../tools/temp.ts";
import { history } from "./history.ts";

const minute = 60_000;
const from = Date.UTC(2026, 9, 1);
const to = from + 20 * 24 * 60 * minute;

/** Twenty days at a scrape every ten minutes: a workload that calls each hour, restarts once, and stops a day before the end. */
function past() {
  return history(
    (mesh, timetable) => {
      const pod = mesh.pod({ namespace: "web", workload: "shop" });
      const end = to - 24 * 60 * minute;
      timetable.every({ from, to: end - 1, everyMs: 60 * minute }, () => pod.http({ host: 'a"b', to: "192.0.2.1:80" }));
      timetable.at(from + 90 * minute, () => pod.restart());
      timetable.at(end, () => pod.stop());
      const late = mesh.pod({ namespace: "web", workload: "late" });
      timetable.at(to, () => late.tcp({ to: "192.0.2.2:5432", open: true }));
      timetable.at(to + 1, () => late.tcp({ to: "192.0.2.3:5432" }));
    },
    { from, to, everyMs: 10 * minute },
    { jobs: ["kubernetes-pods", "envoy-stats"] },
  );
}

describe("history", () => {
  const folder = tempFolder("history");
  let prometheus: Prometheus | undefined;

  beforeAll(async () => {
    await ensureTools(["prometheus", "promtool"]);
    await createBlocks(past().chunks(), folder.path);
    prometheus = await startPrometheus({ dir: folder.path });
  });

  afterAll(async () => {
    await prometheus?.stop();
    folder.remove();
  });

  it("is the same text every time, a line for each series and scrape", () => {
    const text = past().text();
    expect(past().text()).toBe(text);
    expect(text.split("\n").length).toBeGreaterThan(10_000);
    expect(text.match(/^# TYPE .*$/gm)).toEqual([
      "# TYPE istio_requests counter",
      "# TYPE envoy_cluster_upstream_rq counter",
      "# TYPE istio_tcp_connections_opened counter",
      "# TYPE istio_tcp_sent_bytes counter",
      "# TYPE istio_tcp_received_bytes counter",
    ]);
  });

  it("is what a real Prometheus answers, restarts and both jobs included", async () => {
    const at = async (timeMs: number) => {
      const rows = await prometheus!.query('istio_requests_total{destination_service="a\\"b"}', timeMs);
      return rows.map(({ labels, value }) => [labels.job, value]).sort();
    };
    expect(await at(from)).toEqual([
      ["envoy-stats", 1],
      ["kubernetes-pods", 1],
    ]);
    expect(await at(from + 80 * minute)).toEqual([
      ["envoy-stats", 2],
      ["kubernetes-pods", 2],
    ]);
    expect(await at(from + 100 * minute)).toEqual([]);
    expect(await at(from + 120 * minute)).toEqual([
      ["envoy-stats", 1],
      ["kubernetes-pods", 1],
    ]);
    expect(await at(to)).toEqual([]);
    const opened = await prometheus!.query("istio_tcp_connections_opened_total", to);
    expect(opened.map(({ labels }) => labels.destination_address)).toEqual(["192.0.2.2:5432", "192.0.2.2:5432"]);
  });

  it("knows its truth, and goes on where it ended", () => {
    const { mesh, now } = past();
    const calls = mesh
      .truth(from - 1, to)
      .map(({ source, host, address, count }) => [source.workload, host ?? address, count]);
    expect(calls).toEqual([
      ["shop", "192.0.2.1", 19 * 24],
      ["late", "192.0.2.2", 1],
    ]);
    now(to + minute);
    mesh.pod({ namespace: "web", workload: "new" }).tcp({ to: "192.0.2.4:25" });
    expect(mesh.truth(to, to + minute)).toHaveLength(1);
  });
});
