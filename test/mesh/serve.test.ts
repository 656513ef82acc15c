import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureTools } from "../tools/ensure.ts";
import { type Prometheus, startPrometheus } from "../tools/prometheus.ts";
import { tempFolder } from "../tools/temp.ts";
import { createMesh, type Mesh } from "./mesh.ts";
import { jobKinds, type ScrapeOptions, type Served, serve, targetLabels } from "./serve.ts";

const to = "192.0.2.1:443";
const hostile = 'a"b\\c\nd{x="y"} é\t<!here>';

function drive(mesh: Mesh): void {
  const neighbour = { namespace: "data", workload: "cache" };
  const pod = mesh.pod({ namespace: "web", workload: "shop" });
  pod.http({ host: "example.com", to, times: 3 });
  pod.http({ host: hostile, to });
  pod.http({ host: "grpc.example.com:443", to, grpc: true });
  pod.http({ host: "example.com", to, blocked: true });
  pod.dynamicHttp({ host: "example.net", to });
  pod.tls({ sni: "Example.org", to, open: true });
  pod.tls({ to: "[2001:db8::1]:443" });
  pod.tcp({ to, flags: "UF,URX" });
  pod.tcp({ to, blocked: true });
  const bare = mesh.pod({ namespace: "web", workload: "bare", app: "", version: "" });
  bare.inMesh(neighbour);
  bare.served(neighbour);
  bare.podToPod({ ...neighbour, at: "10.28.1.220:8085" });
  bare.inboundPassthrough();
  bare.inboundBlackHole();
  bare.noEndpoints(neighbour);
  bare.declared({ host: "example.com", at: to, namespace: "web" });
  bare.gateway();
  mesh.ambient(neighbour);
}

/** Every series that a Prometheus with one usual job has to show, as it has to show it. */
function expected(mesh: Mesh, more: Record<string, string> = {}): string[] {
  const kind = jobKinds[mesh.settings.mixer ? "istio-mesh" : "kubernetes-pods"];
  const all = mesh.targets().flatMap((target) => {
    const { __metrics_path__, ...where } = targetLabels(target, kind);
    return target.counters.all().map(({ metric, labels, value }) => ({
      ...where,
      ...more,
      ...more,
      ...labels,
      __name__: metric,
      value: String(value),
    }));
  });
  return all.map(spell).sort();
}

/** An empty label is none. */
function spell(labels: Record<string, string>): string {
  return JSON.stringify(
    Object.entries(labels)
      .filter(([, value]) => value !== "")
      .sort(),
  );
}

describe("a real Prometheus scrapes the mesh", () => {
  const folder = tempFolder("serve");
  const clock = () => Date.now();
  const modern = createMesh({ clock });
  const older = createMesh({ clock, address: "ip+port", sni: false, everySeries: true, olderProxies: true });
  const mixer = createMesh({ clock, mixer: true });
  const pair = createMesh({ clock });
  const served: Served[] = [];
  let prometheus: Prometheus | undefined;

  beforeAll(async () => {
    await ensureTools(["prometheus"]);
    drive(modern);
    drive(older);
    mixer.pod({ namespace: "default", workload: "sleep" }).http({ host: "httpbin.org", to });
    mixer.pod({ namespace: "default", workload: "sleep" }).tcp({ to, blocked: true });
    pair.pod({ namespace: "web", workload: "twice" }).http({ host: "example.com", to });
    const scraped = async (mesh: Mesh, options: ScrapeOptions = {}) => {
      const one = await serve(mesh);
      served.push(one);
      return one.scrapeConfig(options).map((job) => ({ ...job, job_name: `${served.length} ${job.job_name}` }));
    };
    const jobs = [
      ...(await scraped(modern)),
      // Pods of two meshes are called alike: the second mesh needs a label of its own.
      ...(await scraped(older, { replicas: ["older"] })),
      ...(await scraped(mixer)),
      ...(await scraped(pair, { jobs: ["kubernetes-pods", "envoy-stats"], replicas: ["a", "b"] })),
    ];
    prometheus = await startPrometheus({ dir: folder.path, jobs });
    await prometheus.waitForScrape(3 + 3 + 1 + 4, 40_000);
  });

  afterAll(async () => {
    await prometheus?.stop();
    await Promise.all(served.map((one) => one.stop()));
    folder.remove();
  });

  const shown = async (matchers: string) => {
    const rows = await prometheus!.query(`{__name__=~"istio_.*|envoy_.*",${matchers}}`);
    return rows.map(({ labels, value }) => spell({ ...labels, value: String(value) })).sort();
  };

  it("and shows every label set of today and of older proxies, exactly", async () => {
    expect(await shown('job="kubernetes-pods",replica=""')).toEqual(expected(modern));
    expect(await shown('replica="older"')).toEqual(expected(older, { replica: "older" }));
  });

  it("and shows Mixer's", async () => {
    const series = await shown('job="istio-mesh"');
    expect(series).toEqual(expected(mixer));
    expect(series).toHaveLength(2);
    expect(series[0]).toContain('["instance","100.96.2.183:42422"]');
  });

  it("and shows a Host of any text as it was", async () => {
    const [row] = await prometheus!.query('istio_requests_total{destination_service=~"(?s)a.b.*",replica=""}');
    expect(row?.labels.destination_service).toBe(hostile);
  });

  it("and shows a pod four times where two jobs and two replicas scrape it", async () => {
    const rows = await prometheus!.query('istio_requests_total{source_workload="twice"}');
    const seen = rows.map(({ labels }) => [labels.job, labels.instance, labels.pod ?? labels.pod_name, labels.replica]);
    const [ip, name] = [pair.targets()[0]?.ip, pair.targets()[0]?.pod];
    expect(seen.sort()).toEqual([
      ["envoy-stats", `${ip}:15090`, name, "a"],
      ["envoy-stats", `${ip}:15090`, name, "b"],
      ["kubernetes-pods", `${ip}:15020`, name, "a"],
      ["kubernetes-pods", `${ip}:15020`, name, "b"],
    ]);
  });
});
