/** What a bench ran on: figures of time mean nothing without it. */
import { execFileSync } from "node:child_process";
import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";
import { toolPath } from "../tools/ensure.ts";

export interface Machine {
  cores: number;
  cpu: string;
  memoryGiB: number;
  platform: string;
  arch: string;
  node: string;
  prometheus: string;
}

/** This machine. Prometheus must be there. */
export function machine(): Machine {
  const told = execFileSync(toolPath("prometheus"), ["--version"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    memoryGiB: Math.round((10 * totalmem()) / 2 ** 30) / 10,
    platform: platform(),
    arch: arch(),
    node: process.version,
    prometheus: /version ([^\s,]+)/.exec(told)?.[1] ?? "unknown",
  };
}
