/** The servers that every count must be right on. Each is started once for a test file, and holds all of that file's pasts. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import type { ScanDocument } from "../../lib/report/scan-schema.ts";
import type { Past } from "../mesh/history.ts";
import { toolPath } from "../tools/ensure.ts";
import { createBlocks, startPrometheus } from "../tools/prometheus.ts";
import { findPrometheus3 } from "../tools/prometheus-3.ts";
import { tempFolder } from "../tools/temp.ts";
import { startVictoriaMetrics } from "../tools/victoria-metrics.ts";
import { scanJson } from "./run-scout.ts";

interface Running {
  url: string;
  stop(): Promise<void>;
}

interface Server {
  title: string;
  /** It cannot be had here: its tests show as skipped, with the reason in the title. */
  isMissing?: boolean;
  /** Starts it in an empty folder of its own; `blocks` is a folder with the pasts as Prometheus stores them. */
  start(dir: string, pasts: readonly Past[], blocks: () => Promise<string>): Promise<Running>;
}

const servers: Server[] = [prometheus(toolPath("prometheus")), prometheus3(await findPrometheus3()), victoriaMetrics()];

/** Scans at a time; each scan remembers those before it. */
export type Scan = (time: number, ...more: string[]) => Promise<ScanDocument>;

/**
 * Declares the tests for each server, which all hold the same pasts; pasts must not overlap. `scanner` makes a scan with a memory of its
 * own, of the server unless another URL is given. The servers' tests run side by side.
 */
export function onEachServer(
  pasts: readonly Past[],
  tests: (scanner: (through?: string) => Scan, url: () => string) => void,
): void {
  const folder = tempFolder("exact");
  let made: Promise<string> | undefined;
  const blocks = () => (made ??= createAllBlocks(pasts, join(folder.path, "blocks")));
  afterAll(folder.remove);
  for (const [n, { title, isMissing = false, start }] of servers.entries()) {
    describe(title, { concurrent: true, skip: isMissing }, () => {
      const dir = join(folder.path, `${n}`);
      let running: Running | undefined;
      beforeAll(async () => {
        mkdirSync(dir);
        running = await start(dir, pasts, blocks);
      }, 120_000);
      afterAll(() => running?.stop());
      let scanners = 0;
      const url = () => running?.url ?? "";
      tests((through = url()) => scanner(through, join(dir, `scanner-${scanners++}`)), url);
    });
  }
}

function scanner(url: string, place: string): Scan {
  // Where all is new at once, a fan-out finding would stand for it.
  const settings = { clusters: [{ name: "mesh", prometheus: { url } }], detect: { fanOut: { destinations: 100_000 } } };
  writeFileSync(`${place}.yaml`, JSON.stringify(settings));
  const base = ["--config", `${place}.yaml`, "--state", `sqlite:${place}.db`, "--dns", "127.0.0.1:9"];
  return (time, ...more) => scanJson([...base, "--at", `${time / 1000}`, ...more]);
}

async function createAllBlocks(pasts: readonly Past[], dir: string): Promise<string> {
  mkdirSync(dir);
  for (const past of pasts) await createBlocks(past.chunks(), dir);
  return dir;
}

function prometheus(program: string): Server {
  const [, version = "of unknown version"] =
    /version ([\d.]+)/.exec(execFileSync(program, ["--version"], { encoding: "utf8" })) ?? [];
  return {
    title: `on Prometheus ${version}`,
    async start(dir, _, blocks) {
      cpSync(await blocks(), dir, { recursive: true });
      return await startPrometheus({ dir, program });
    },
  };
}

function prometheus3(found: Awaited<ReturnType<typeof findPrometheus3>>): Server {
  if ("program" in found) return prometheus(found.program);
  return {
    title: `without ${found.missing.replace(/^no /, "")}`,
    isMissing: true,
    start: () => Promise.reject(new Error(found.missing)),
  };
}

function victoriaMetrics(): Server {
  return {
    title: "on VictoriaMetrics",
    async start(dir, pasts) {
      const server = await startVictoriaMetrics({ dir });
      for (const past of pasts) await server.take(past.chunks());
      return server;
    },
  };
}
