/** Config and command line → where access logs are read. Picks adapters, for lib/wire.ts. */
import { accessSync, constants, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { credentials, type Reveal } from "../config/credentials.ts";
import { milliseconds } from "../config/milliseconds.ts";
import type { ClusterConfig } from "../config/schema.ts";
import { ScoutError } from "../errors.ts";
import type { AccessLogs } from "../poll/logs/access-logs.ts";
import { cloudWatchLogs, usualFilter } from "../poll/logs/cloudwatch.ts";
import { logFile, logStream } from "../poll/logs/files.ts";
import { loki, usualQueries } from "../poll/logs/loki.ts";
import type { Gateway } from "../words/gateway.ts";

/** How logs are read: `gateway` is the egress gateway of the config, `budget` for all pages of a server's, ms. */
export interface LogWays {
  reveal: Reveal;
  gateway: Gateway | null;
  budget?: number | undefined;
}

/**
 * The files given, else what the config has.
 * @param paths of files; `-` is stdin
 * @throws ScoutError `usage` that names every file which cannot be read
 */
export function accessLogs(
  cluster: ClusterConfig,
  paths: readonly string[],
  stdin: Readable | undefined,
  { reveal, gateway, budget }: LogWays,
): AccessLogs[] {
  const files = logFiles(paths, stdin);
  return files.length > 0 ? files : keptLogs(cluster, { reveal, gateway, budget });
}

/** Where the config says that access logs are kept. */
function keptLogs({ logs }: ClusterConfig, { reveal, gateway, budget }: LogWays): AccessLogs[] {
  const { loki: grafana, cloudwatch } = logs ?? {};
  const inTime = budget === undefined ? {} : { budget };
  const kept: AccessLogs[] = [];
  if (grafana !== undefined) {
    const { url, query, timeout, lines, headers, auth } = grafana;
    const queries = query === undefined ? usualQueries(gateway) : [query].flat();
    const settings = { url, queries, timeout: milliseconds(timeout), most: lines, ...inTime };
    kept.push(loki({ ...settings, ...credentials(headers, auth, reveal) }));
  }
  if (cloudwatch !== undefined) {
    const { groups, region, filter = usualFilter, timeout, lines } = cloudwatch;
    kept.push(cloudWatchLogs({ groups, region, filter, timeout: milliseconds(timeout), most: lines, ...inTime }));
  }
  return kept;
}

/** Files given by name; that one is missing is told before anything is asked, and of all at once. */
function logFiles(paths: readonly string[], stdin: Readable | undefined): AccessLogs[] {
  const once = [...new Set(paths.map((path) => (path === "-" ? path : resolve(path))))];
  const faults = once.flatMap((path) => (path === "-" ? [] : (fileFault(path) ?? [])));
  if (faults.length > 0)
    throw new ScoutError("usage", faults.join("; "), { mend: "--logs takes files of access logs, or -" });
  return once.map((path) => {
    if (path !== "-") return logFile(path);
    if (stdin === undefined) throw new ScoutError("usage", "there is no stdin to read access logs from");
    return logStream(stdin, "stdin");
  });
}

function fileFault(path: string): string | null {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isDirectory() ? `${path} is a folder` : null;
  } catch (thrown) {
    return `${path} cannot be read (${thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown"})`;
  }
}
