import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prometheus } from "../../lib/poll/prometheus.ts";
import { labelOf, workloadLabels } from "../../lib/poll/workload-labels.ts";
import { createBlocks, type Prometheus, startPrometheus } from "../tools/prometheus.ts";
import { tempFolder } from "../tools/temp.ts";

const noon = Date.UTC(2026, 10, 22, 12);
const minute = 60_000;
const window = { from: noon - 5 * minute, to: noon };
const folder = tempFolder("workload-labels");

const one = (metric: string, labels: string) =>
  `# TYPE ${metric} gauge\n${[4, 3, 2, 1].map((ago) => `${metric}{${labels}} 1 ${noon / 1000 - ago * 60}\n`).join("")}`;
/** As kube-state-metrics writes them, scraped with `honor_labels` and without. */
const written = [
  one("kube_pod_labels", 'namespace="shop",pod="web-7dc8cb9d9b-6hfhg",uid="1",label_app="web",label_tier="front"'),
  one("kube_deployment_labels", 'namespace="monitoring",exported_namespace="shop",deployment="cart",label_tier="back"'),
  one("kube_statefulset_labels", 'namespace="shop",statefulset="db",label_app="db"'),
  one("kube_namespace_labels", 'namespace="shop",label_tier="all"'),
  "# EOF\n",
];

describe("on a real Prometheus", () => {
  let server: Prometheus;
  beforeAll(async () => {
    await createBlocks(written, folder.path);
    server = await startPrometheus({ dir: folder.path });
  });
  afterAll(async () => {
    await server.stop();
    folder.remove();
  });
  const ask = async (keys: string[], span = window, matchers = "") => {
    const telemetry = prometheus({ url: server.url, timeout: 10_000, headers: {}, basic: null });
    const found = await workloadLabels(telemetry, keys, span, matchers);
    const told = found.map(({ namespace, workload, pod, labels }) => [namespace, workload ?? `pod ${pod}`, labels]);
    return { told: told.sort(), queries: telemetry.asked().queries };
  };

  it("tells the labels of workloads and pods in one question, and of nothing else", async () => {
    expect(await ask(["app", "tier"])).toEqual({
      told: [
        ["shop", "cart", { tier: "back" }],
        ["shop", "db", { app: "db" }],
        ["shop", "pod web-7dc8cb9d9b-6hfhg", { app: "web", tier: "front" }],
      ],
      queries: 1,
    });
  });

  it("asks nothing without a label, or without a window", async () => {
    expect(await ask([])).toEqual({ told: [], queries: 0 });
    expect(await ask(["app"], { from: noon, to: noon })).toEqual({ told: [], queries: 0 });
  });

  it("goes by the config's matchers, and looks back no further than an hour", async () => {
    expect((await ask(["app"], window, 'statefulset="db",')).told).toEqual([["shop", "db", { app: "db" }]]);
    expect((await ask(["app"], { from: noon - 90 * minute, to: noon + 70 * minute })).told).toEqual([]);
  });
});

it.each([
  ["app", "label_app"],
  ["app.kubernetes.io/name", "label_app_kubernetes_io_name"],
  ["app.kubernetes.io/partOf", "label_app_kubernetes_io_part_of"],
  ["Team-A", "label_team_a"],
])("the label %s is called %s", (key, name) => {
  expect(labelOf(key)).toBe(name);
});
