/** All pods' metrics behind one HTTP port of loopback, and how Prometheus finds them there. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { ScrapeJob } from "../tools/prometheus.ts";
import type { Mesh, Target } from "./mesh.ts";

/** A scrape job as installations have it: the port it takes a sidecar by, and what it calls the pod. */
export interface JobKind {
  job: "kubernetes-pods" | "envoy-stats" | "istio-mesh";
  port: number;
  podLabel: "pod" | "pod_name";
}

/** Istio's usual jobs: merged metrics, and Envoy's own. Both at once see every counter twice. */
export const jobKinds: Record<JobKind["job"], JobKind> = {
  "kubernetes-pods": { job: "kubernetes-pods", port: 15020, podLabel: "pod" },
  "envoy-stats": { job: "envoy-stats", port: 15090, podLabel: "pod_name" },
  /** Mixer's, in Istio 1.3: no pod, since it tells for all. */
  "istio-mesh": { job: "istio-mesh", port: 42422, podLabel: "pod" },
};

export interface ScrapeOptions {
  /** Default: `kubernetes-pods`, or `istio-mesh` where the mesh is Mixer's. */
  jobs?: JobKind["job"][];
  /** Each scrapes all and says so in a label `replica`: what a pair looks like through a querier that does not deduplicate. */
  replicas?: string[];
}

export interface Served {
  url: string;
  /** Scrape jobs for `startPrometheus`. New and gone pods are noticed by Prometheus in about ten seconds. */
  scrapeConfig(options?: ScrapeOptions): ScrapeJob[];
  stop(): Promise<void>;
}

/** Serves a mesh's pods as they are at each moment: /pods/N/metrics, and /targets/JOB for Prometheus' discovery by HTTP. */
export async function serve(mesh: Mesh): Promise<Served> {
  const server = createServer((request, response) => {
    const found = answer(mesh, request.url ?? "", request.headers.host ?? "");
    response.writeHead(found === null ? 404 : 200, { "content-type": found?.type ?? "text/plain" });
    response.end(found?.body ?? "");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("an HTTP server has no port");
  const url = `http://127.0.0.1:${address.port}`;
  return {
    url,
    scrapeConfig: (options = {}) => scrapeJobs(mesh, url, options),
    async stop() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function answer(mesh: Mesh, path: string, host: string): { type: string; body: string } | null {
  const pod = /^\/pods\/(\d+)\/metrics$/.exec(path);
  const body = pod === null ? null : mesh.render(Number(pod[1]));
  if (body !== null) return { type: "text/plain; version=0.0.4; charset=utf-8", body };
  const kind = Object.values(jobKinds).find(({ job }) => path === `/targets/${job}`);
  if (kind === undefined) return null;
  const groups = mesh.targets().map((target) => ({ targets: [host], labels: targetLabels(target, kind) }));
  return { type: "application/json", body: JSON.stringify(groups) };
}

/** What a scrape adds to every series of a pod, after the usual relabelling. */
export function targetLabels(target: Target, kind: JobKind): Record<string, string> {
  const where = { job: kind.job, instance: `${target.ip}:${kind.port}` };
  const who = target.pod === "" ? {} : { namespace: target.namespace, [kind.podLabel]: target.pod };
  return { __metrics_path__: `/pods/${target.id}/metrics`, ...where, ...who };
}

/** The jobs of a mesh where nobody says otherwise. */
export function usualJobs(mesh: Mesh): JobKind[] {
  return [jobKinds[mesh.settings.mixer ? "istio-mesh" : "kubernetes-pods"]];
}

function scrapeJobs(mesh: Mesh, url: string, options: ScrapeOptions): ScrapeJob[] {
  const kinds = options.jobs?.map((job) => jobKinds[job]) ?? usualJobs(mesh);
  return kinds.flatMap(({ job }) =>
    (options.replicas ?? [""]).map((replica) => ({
      // The targets' own `job` label wins; this name has to be unique only.
      job_name: `${job} ${replica}`.trim(),
      honor_labels: false,
      http_sd_configs: [{ url: `${url}/targets/${job}`, refresh_interval: "1s" }],
      relabel_configs: replica === "" ? [] : [{ target_label: "replica", replacement: replica }],
    })),
  );
}
