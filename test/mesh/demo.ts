/** The demo: a simulated mesh, a real Prometheus, a real DNS server, and three scans of them, all on this machine's loopback. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startDns } from "../tools/dns.ts";
import { ensureTools } from "../tools/ensure.ts";
import { type Prometheus, startPrometheus } from "../tools/prometheus.ts";
import { tempFolder } from "../tools/temp.ts";
import { demoDns, demoTraffic } from "./demo-traffic.ts";
import { createMesh } from "./mesh.ts";
import { serve } from "./serve.ts";
import type { Flow } from "./truth.ts";

export interface DemoRun {
  /** `egress-scout scan` with these arguments; answers its exit code and ends by itself when `signal` aborts. */
  scan(args: string[]): Promise<number>;
  print(line: string): void;
  signal: AbortSignal;
}

/**
 * Tells the demo's story and cleans up after itself, also on an error and when `run.signal` aborts (then it throws the signal's reason).
 * Answers what it made new before the second scan; checks nothing.
 */
export async function demo(run: DemoRun): Promise<Flow[]> {
  const undo: (() => Promise<void> | void)[] = [];
  try {
    await ensureTools(["prometheus", "dnsmasq"]);
    run.signal.throwIfAborted();
    return await story(run, undo);
  } finally {
    // The last one started stops first; one that fails to stop keeps no other from it.
    for (const stop of undo.reverse()) await quietly(stop);
  }
}

async function quietly(stop: () => Promise<void> | void): Promise<void> {
  try {
    await stop();
  } catch {
    // What cannot be stopped or removed now ends with this process.
  }
}

async function story(run: DemoRun, undo: (() => Promise<void> | void)[]): Promise<Flow[]> {
  const folder = tempFolder("demo");
  undo.push(folder.remove);
  const mesh = createMesh({ clock: Date.now });
  const traffic = demoTraffic(mesh);
  run.print(
    "A mesh of six workloads in four namespaces, scraped every second by a real Prometheus; names by a real DNS server.",
  );
  traffic.usual();
  const served = await serve(mesh);
  undo.push(served.stop);
  const dns = await startDns(demoDns);
  undo.push(dns.stop);
  const prometheus = await startPrometheus({ dir: join(folder.path, "prometheus"), jobs: served.scrapeConfig() });
  undo.push(prometheus.stop);
  const config = join(folder.path, "demo.yaml");
  writeFileSync(config, configText(prometheus.url));
  const args = [
    "--config",
    config,
    "--cluster",
    "demo",
    "--state",
    `sqlite:${join(folder.path, "demo.db")}`,
    "--dns",
    dns.server,
  ];
  const scan = async (...more: string[]): Promise<number> => {
    const at = await shownAt(prometheus, mesh.targets().length, run.signal);
    await run.scan([...args, "--at", String(at / 1000), ...more]);
    run.signal.throwIfAborted();
    return at;
  };

  run.print("\n1. The first scan learns what is usual here, and reports none of it.\n");
  const learned = await scan("--learn", "10m");
  traffic.fresh();
  run.print("\n2. Then six workloads call somewhere new: four get out, two are blocked. The second scan finds them.\n");
  const found = await scan();
  const fresh = mesh.truth(learned, found);
  traffic.usual();
  traffic.fresh();
  run.print("\n3. They do it again. The third scan has nothing new to tell.\n");
  await scan();
  return fresh;
}

/** The next whole second, in milliseconds, at which Prometheus has all that was counted until now. */
async function shownAt(prometheus: Prometheus, targets: number, signal: AbortSignal): Promise<number> {
  const scraped = await unlessAborted(prometheus.waitForScrape(targets, 40_000), signal);
  const at = Math.ceil(scraped / 1000) * 1000;
  // A timer may fire a millisecond early, and what is called next has to come after this second.
  await unlessAborted(sleep(Math.max(0, at - Date.now()) + 5), signal);
  return at;
}

/** What `work` gives, or the signal's reason as soon as that aborts; what is left of the work is ignored. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener("abort", abort));
}

/** JSON is YAML. */
function configText(url: string): string {
  return JSON.stringify({
    clusters: [{ name: "demo", prometheus: { url } }],
    owners: [
      { match: { namespace: "payments", workload: "*" }, team: "payments" },
      { match: { namespace: "shop", workload: "*" }, team: "storefront" },
      { match: { namespace: "data", workload: "*" }, team: "analytics" },
      { team: "platform" },
    ],
    enrich: { dns: { trusted: ["stripe.com"] } },
  });
}
