/** A set-up for doctor: a past that ends now in a real Prometheus, as good or as bad as a test wants it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { doctorSchema } from "../../lib/report/doctor.ts";
import { history, type Timetable } from "../mesh/history.ts";
import type { Mesh } from "../mesh/mesh.ts";
import type { ScrapeOptions } from "../mesh/serve.ts";
import type { Telling } from "../mesh/telling.ts";
import { createBlocks, startPrometheus } from "../tools/prometheus.ts";
import { type Ended, type RunOptions, runScout } from "./run-scout.ts";

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

export interface SetUp extends Telling, ScrapeOptions {
  /** Calls of the last minutes, at `end - 10 minutes`; default a bit of everything. */
  script?: (mesh: Mesh, timetable: Timetable, at: number) => void;
  everyMs?: number;
  /** How long ago there is data as well, ms each. */
  earlier?: number[];
  /** More samples, as OpenMetrics without its end; `at` is in seconds. */
  more?: (at: number) => string;
}

/** A bit of everything: TLS with a name, TCP, HTTP, blocked and let through. */
export function usualCalls(mesh: Mesh, timetable: Timetable, at: number): void {
  const web = mesh.pod({ namespace: "shop", workload: "web" });
  const job = mesh.pod({ namespace: "batch", workload: "job" });
  timetable.at(at, () => {
    web.tls({ sni: "api.example.com", to: "198.51.100.1:443", times: 9 });
    web.http({ host: "httpbin.example", to: "198.51.100.2:80" });
    job.tcp({ to: "203.0.113.4:5432" });
  });
}

export async function setUp(settings: SetUp = {}) {
  const { script = usualCalls, everyMs = 15_000, earlier = [], more, ...telling } = settings;
  const dir = mkdtempSync(join(tmpdir(), "egress-scout-doctor-"));
  const end = Date.now();
  for (const back of [...earlier, 0]) {
    const to = end - back;
    // Of earlier times what comes right after them: data has to reach that far, and no further.
    const from = back === 0 ? to - 30 * minute : to + 10 * minute;
    const step = back === 0 ? everyMs : 5 * minute;
    const past = history(
      (mesh, timetable) => script(mesh, timetable, back === 0 ? to - 10 * minute : from),
      { from, to: back === 0 ? to : to + hour, everyMs: step },
      telling,
    );
    await createBlocks(past.chunks(), dir);
  }
  if (more !== undefined) await createBlocks(`${more(Math.floor(end / 1000))}# EOF\n`, dir);
  const prometheus = await startPrometheus({ dir });
  return {
    dir,
    url: prometheus.url,
    async stop() {
      await prometheus.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A config for one Prometheus, as YAML: what a test adds to the file, and to the cluster. */
export function configOf(
  url: string,
  added = "",
  cluster: { prometheus?: object; logs?: object; labels?: object } = {},
) {
  const { prometheus, ...rest } = cluster;
  const one = { name: "prod", prometheus: { url, timeout: "5s", ...prometheus }, ...rest };
  return `clusters: ${JSON.stringify([one])}\n${added}`;
}

/** What doctor says, by check. */
export async function examined(args: readonly string[], options: RunOptions = {}) {
  const ended: Ended = await runScout(["doctor", "--format", "json", ...args], options);
  const { checks } = doctorSchema.parse(JSON.parse(ended.stdout));
  return { ...ended, checks, by: Object.fromEntries(checks.map((one) => [one.name, one])) };
}
