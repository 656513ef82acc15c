/** Access logs beside the metrics, where there are any: what reads and joins them is loaded then. No I/O of its own. */
import type { Blindness, Sighting, Window } from "../model.ts";
import { ambientCallers } from "../poll/ambient.ts";
import type { AccessLogs } from "../poll/logs/access-logs.ts";
import type { Telemetry } from "../poll/telemetry.ts";
import type * as watching from "./logs.ts";

/** What the metrics showed, with what the logs do; where there are no logs, as it was. */
export const withLogs: typeof watching.withLogs = async (parts, settings, plan, memory, { seen, ...known }) =>
  parts.logs.length === 0
    ? seen
    : (await import("./logs.ts")).withLogs(parts, settings, plan, memory, { seen, ...known });

/** A first run remembers what its logs show, and finds nothing in it. Adds to the memory. */
export const learnLogs: typeof watching.learnLogs = async (parts, settings, plan, memory, seen) =>
  parts.logs.length === 0
    ? { seen, sightings: [] }
    : (await import("./logs.ts")).learnLogs(parts, settings, plan, memory, seen);

/** Calls through ztunnel that only access logs would show; asked where there are none. */
export async function watchAmbient(
  { telemetry, logs }: { telemetry: Telemetry; logs: readonly AccessLogs[] },
  { ambient, matchers }: { ambient: boolean; matchers: string },
  window: Window,
): Promise<Blindness[]> {
  if (!ambient || logs.length > 0 || window.from >= window.to) return [];
  const callers = await ambientCallers(telemetry, window, matchers);
  if (callers === 0) return [];
  const who = callers === 1 ? "1 workload calls" : `${callers} workloads call`;
  const text = `${who} the outside through ztunnel (ambient mode), whose metrics tell neither names nor addresses: its access logs would show where to (scan --logs, or logs in the config)`;
  return [{ code: "ambient", text }];
}

/** What a first run learned: an address that the metrics show and a name that the logs show for it are one. */
export async function learned(logs: readonly AccessLogs[], memory: ReadonlyMap<string, Sighting>): Promise<Sighting[]> {
  const all = [...memory.values()];
  return logs.length === 0 ? all : (await import("./flows.ts")).withoutExplained(all);
}
