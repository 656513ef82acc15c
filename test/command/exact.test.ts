import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FindingDocument, ScanDocument } from "../../lib/report/scan-schema.ts";
import type { Timetable } from "../mesh/history.ts";
import type { Mesh, Pod } from "../mesh/mesh.ts";
import type { ScrapeOptions } from "../mesh/serve.ts";
import { startVictoriaMetrics } from "../tools/victoria-metrics.ts";
import { holdPast } from "./past.ts";
import { scanJson } from "./run-scout.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const scrape = 15 * second;
const begin = Date.UTC(2026, 10, 20, 6);
const end = begin + 70 * minute;

/** What one scrape saw of one flow: as an observer would who sees every sample of every counter, and nothing else. */
interface Glimpse {
  at: number;
  flow: string;
  grown: number;
}

const flowOf = (namespace: string, workload: string, verdict: string, protocol: string, place: string, port: number) =>
  JSON.stringify([namespace, workload, verdict, protocol, place, port]);
const told = ({ source, destination, count }: FindingDocument) => {
  const { verdict, protocol, host, address, port } = destination;
  const flow = [source.namespace, source.workload, verdict, protocol, host ?? address, port];
  return `${JSON.stringify(flow)} ${count}`;
};

/** Mirrors what each pod's counters show, and adds up their growth from scrape to scrape. */
function createWitness() {
  const shown = new Map<Pod, Map<string, { flow: string; value: number }>>();
  const before = new Map<string, number>();
  const glimpses: Glimpse[] = [];
  return {
    glimpses,
    counts(pod: Pod, flow: string, variant: string, times: number) {
      const counters = shown.get(pod) ?? new Map<string, { flow: string; value: number }>();
      shown.set(pod, counters);
      const counter = counters.get(`${flow} ${variant}`) ?? { flow, value: 0 };
      counters.set(`${flow} ${variant}`, { flow, value: counter.value + times });
    },
    forgets: (pod: Pod) => void shown.delete(pod),
    scrapes(at: number) {
      for (const [pod, counters] of shown) {
        for (const [name, { flow, value }] of counters) {
          const last = before.get(`${pod.name} ${name}`) ?? 0;
          before.set(`${pod.name} ${name}`, value);
          glimpses.push({ at, flow, grown: value >= last ? value - last : value });
        }
      }
    },
  };
}

/** The flows first glimpsed in (from, to], each with its count there. */
function news(glimpses: readonly Glimpse[], from: number, to: number): string[] {
  const known = new Set(glimpses.filter((one) => one.at <= from).map((one) => one.flow));
  const counts = new Map<string, number>();
  for (const { at, flow, grown } of glimpses) {
    if (at > from && at <= to && !known.has(flow)) counts.set(flow, (counts.get(flow) ?? 0) + grown);
  }
  return [...counts].map(([flow, count]) => `${flow} ${count}`).sort();
}

const kinds = ["http", "refused", "grpc", "dynamic", "tls", "tcp", "open", "dropped"] as const;
const step = fc.record({
  at: fc.noBias(fc.integer({ min: 1, max: end - begin })),
  onScrape: fc.boolean(),
  workload: fc.noBias(fc.nat(9)),
  pod: fc.nat(99),
  does: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...kinds) },
    { weight: 5, arbitrary: fc.constantFrom("restart", "stop", "birth", "brief", "close", "rollout") },
  ),
  place: fc.noBias(fc.nat(24)),
  times: fc.integer({ min: 1, max: 9 }),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
/** Ends of the runs after the first, some of them at a scrape, as distances in seconds. */
const runs = fc.array(
  fc.oneof(
    fc.integer({ min: 60, max: 1100 }),
    fc.integer({ min: 4, max: 70 }).map((n) => n * 15),
  ),
  {
    minLength: 3,
    maxLength: 3,
  },
);

/** Fills the timetable by the steps; answers the witness of what scrapes see. */
function play(mesh: Mesh, timetable: Timetable, steps: readonly Step[]) {
  const witness = createWitness();
  const pods = Array.from({ length: 10 }, (): Pod[] => []);
  const open: { close(): void }[] = [];
  const newPod = (workload: number) => {
    const pod = mesh.pod({ namespace: `n${workload % 3}`, workload: `w${workload}` });
    pods[workload]?.push(pod);
    return pod;
  };
  const call = (pod: Pod, { workload, place, times }: Step, kind: (typeof kinds)[number]) => {
    const [host, address, port] = [`h${place}.example.com`, `203.0.113.${place}`, 1000 + (place % 3)];
    const to = `${address}:${port}`;
    const code = times % 2 === 0 ? 200 : 503;
    const count = (verdict: string, protocol: string, where: string, variant = "") =>
      witness.counts(pod, flowOf(`n${workload % 3}`, `w${workload}`, verdict, protocol, where, port), variant, times);
    switch (kind) {
      case "http":
      case "grpc":
        pod.http({ host, to, times, code, grpc: kind === "grpc" });
        return count("allowed", kind, host, `${code}`);
      case "refused":
        pod.http({ host, to, times, blocked: true });
        return count("blocked", "http", host);
      case "dynamic":
        // Its address label is empty: the port is the Host's.
        pod.dynamicHttp({ host: `${host}:${port}`, to, times });
        return count("allowed", "http", host, "dynamic");
      case "tls":
        pod.tls({ sni: host, to, times });
        return count("allowed", "tls", host);
      case "dropped":
        pod.tcp({ to, times, blocked: true });
        return count("blocked", "tcp", address);
      default: {
        const connection = pod.tcp({ to, times, open: kind === "open" });
        if (kind === "open") open.push(connection);
        return count("allowed", "tcp", address);
      }
    }
  };
  const stop = (workload: number, pod: Pod) => {
    pods[workload] = pods[workload]?.filter((one) => one !== pod) ?? [];
    if (pod.target.alive) pod.stop();
    witness.forgets(pod);
  };
  for (const workload of pods.keys()) for (let n = 0; n < 2; n++) newPod(workload);
  for (const one of steps) {
    const at = begin + (one.onScrape ? Math.ceil(one.at / scrape) * scrape : one.at);
    timetable.at(at, () => {
      const alive = pods[one.workload] ?? [];
      const pod = alive[one.pod % alive.length] ?? newPod(one.workload);
      if (one.does === "restart") {
        pod.restart();
        witness.forgets(pod);
      } else if (one.does === "stop") stop(one.workload, pod);
      else if (one.does === "birth") newPod(one.workload);
      else if (one.does === "close")
        open.splice(one.pod % (open.length + 1), 1).map((connection) => connection.close());
      else if (one.does === "rollout") {
        for (const old of [...alive]) {
          stop(one.workload, old);
          newPod(one.workload);
        }
      } else call(one.does === "brief" ? newPod(one.workload) : pod, one, one.does === "brief" ? "tcp" : one.does);
    });
    // The pod that a "brief" step made is the last one of its workload, unless others came meanwhile: any will do.
    if (one.does === "brief") {
      timetable.at(at + 20 * second, () => {
        const last = pods[one.workload]?.at(-1);
        if (last !== undefined) stop(one.workload, last);
      });
    }
  }
  timetable.every({ from: begin, to: end, everyMs: scrape }, (n) => witness.scrapes(begin + n * scrape));
  return witness;
}

/** The same past in both servers. */
async function holdTwice(
  script: Parameters<typeof holdPast>[0],
  span: { to: number; everyMs: number },
  options: ScrapeOptions,
) {
  const held = await holdPast(script, { from: begin, ...span }, options);
  const other = await startVictoriaMetrics({ dir: held.dir });
  await other.take(held.past.chunks());
  const scanner = (url: string, name: string) => {
    const config = join(held.dir, `${name}.yaml`);
    const settings = {
      clusters: [{ name: "mesh", prometheus: { url } }],
      detect: { fanOut: { destinations: 100_000 } },
    };
    writeFileSync(config, JSON.stringify(settings));
    const base = ["--config", config, "--state", `sqlite:${join(held.dir, name)}.db`, "--dns", "127.0.0.1:9"];
    return (time: number, ...more: string[]) => scanJson([...base, "--at", `${time / 1000}`, ...more]);
  };
  return {
    servers: [scanner(held.prometheus.url, "prometheus"), scanner(other.url, "victoria-metrics")],
    stop: () => Promise.all([other.stop(), held.stop()]),
  };
}

/** Learns up to `learned`, scans at each time, and answers what each scan found and its window. */
async function findings(
  scan: (time: number, ...more: string[]) => Promise<ScanDocument>,
  learned: number,
  times: readonly number[],
) {
  await scan(learned, "--learn", "3h");
  const all: { window: number[]; found: string[] }[] = [];
  for (const time of times) {
    const { run, findings } = await scan(time);
    const found = findings.filter((one) => one.kind.startsWith("new-")).map(told);
    all.push({ window: [run.from, run.to].map((text) => Date.parse(text)), found: found.sort() });
  }
  return all;
}

const layouts: { name: string; seed: number; options: ScrapeOptions }[] = [
  { name: "one job", seed: 1, options: {} },
  { name: "two jobs", seed: 2, options: { jobs: ["kubernetes-pods", "envoy-stats"] } },
  { name: "an HA pair", seed: 3, options: { replicas: ["a", "b"] } },
  {
    name: "two jobs of an HA pair",
    seed: 4,
    options: { jobs: ["kubernetes-pods", "envoy-stats"], replicas: ["a", "b"] },
  },
];

describe("exact counts, on Prometheus and on VictoriaMetrics", () => {
  it.each(layouts)(
    "finds all that is new, once, with the count that scrapes saw: $name",
    async ({ options, seed }) => {
      // Sampled, and not asserted as a property: hundreds of steps, shrunk or not, are no counterexample that a person can read.
      const [steps = []] = fc.sample(fc.array(step, { minLength: 800, maxLength: 800 }), { seed, numRuns: 1 });
      const [distances = []] = fc.sample(runs, { seed, numRuns: 1 });
      const learned = begin + 20 * minute;
      const times: number[] = [];
      for (const distance of distances) times.push((times.at(-1) ?? learned) + distance * second);
      let glimpses: readonly Glimpse[] = [];
      const script = (mesh: Mesh, timetable: Timetable) => {
        glimpses = play(mesh, timetable, steps).glimpses;
      };
      const held = await holdTwice(script, { to: end, everyMs: scrape }, options);
      try {
        const found = await Promise.all(held.servers.map((scan) => findings(scan, learned, times)));
        const starts = [learned, ...times];
        const truth = times.map((to, n) => ({ window: [starts[n], to], found: news(glimpses, starts[n] ?? 0, to) }));
        expect(truth.flatMap((one) => one.found).length).toBeGreaterThan(100);
        for (const one of found) expect(one).toEqual(truth);
      } finally {
        await held.stop();
      }
    },
    60_000,
  );

  it("adds up thousands that are new at once, of pods that restart and pods that share an address in turn", async () => {
    const first = begin + 30 * minute;
    const next = first + 30 * minute;
    const third = next + 2 * 60 * minute;
    const truth: string[][] = [[], []];
    const script = (mesh: Mesh, timetable: Timetable) => {
      const burst = (at: number, run: number) => {
        for (let workload = 0; workload < 100; workload++) {
          const pods: Pod[] = [];
          const birth = () => pods.push(mesh.pod({ namespace: "big", workload: `w${workload}` }));
          const heir = () => {
            birth();
            const [parent, , child] = pods;
            parent?.stop();
            if (parent !== undefined && child !== undefined) child.target.ip = parent.target.ip;
          };
          timetable.at(at, birth);
          timetable.at(at, birth);
          // Where the server adds up, what a counter counted before a reset in the window is lost (queries.ts says so).
          if (run === 0) timetable.at(at + minute, () => pods[1]?.restart());
          timetable.at(at + 90 * second, heir);
          for (let n = 0; n < 30; n++) {
            const host = `run${run}-${n}.w${workload}.example.com`;
            const calls = (after: number, pod: number, times: number) =>
              timetable.at(at + after * second, () => pods[pod]?.http({ host, to: "203.0.113.9:80", times }));
            calls(3, 0, 1 + n);
            calls(4, 1, 2 + n);
            calls(61, 1, 1);
            calls(91, 2, 4);
            truth[run]?.push(`${flowOf("big", `w${workload}`, "allowed", "http", host, 80)} ${8 + 2 * n}`);
          }
          timetable.at(at + 130 * second, () => pods.slice(1).map((pod) => pod.stop()));
        }
      };
      const known = mesh.pod({ namespace: "big", workload: "w0" });
      timetable.every({ from: begin, to: third, everyMs: minute }, () =>
        known.http({ host: "known.example.com", to: "203.0.113.9:80" }),
      );
      burst(next - 4 * minute, 0);
      burst(third - 4 * minute, 1);
    };
    const held = await holdTwice(
      script,
      { to: third, everyMs: 2 * scrape },
      { jobs: ["kubernetes-pods", "envoy-stats"] },
    );
    try {
      for (const found of await Promise.all(held.servers.map((scan) => findings(scan, first, [next, third])))) {
        expect(found).toEqual([
          { window: [first, next], found: truth[0]?.sort() },
          { window: [next, third], found: truth[1]?.sort() },
        ]);
      }
    } finally {
      await held.stop();
    }
  }, 120_000);
});

describe("samples that no counter has", () => {
  const at = begin + hour;
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
