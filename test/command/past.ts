/** A past of a simulated mesh in a real Prometheus, for tests that scan it at times of their choosing. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { history, type Past } from "../mesh/history.ts";
import { createBlocks, type Prometheus, startPrometheus } from "../tools/prometheus.ts";

export interface HeldPast {
  past: Past;
  prometheus: Prometheus;
  dir: string;
  stop(): Promise<void>;
}

/** Plays the script from `span.from` to `span.to`, and serves what was scraped of it. */
export async function holdPast(...what: Parameters<typeof history>): Promise<HeldPast> {
  const dir = mkdtempSync(join(tmpdir(), "egress-scout-past-"));
  const past = history(...what);
  await createBlocks(past.chunks(), dir);
  const prometheus = await startPrometheus({ dir });
  return {
    past,
    prometheus,
    dir,
    async stop() {
      await prometheus.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
