/** How far the clock of this machine is ahead of that of what holds the metrics. Pure. */
import { formatDuration } from "../words/duration.ts";
import type { Telemetry } from "./telemetry.ts";

/** Clocks may differ by so much, ms, before one is taken to be wrong. */
const tolerance = 60_000;

/**
 * Until when there is anything to be seen, ms: what comes after the other clock's now nobody has seen yet, and a run that took it for seen would
 * miss it for good.
 * @param to the run's end by this machine's clock, ms
 */
export function seenUntil(telemetry: Pick<Telemetry, "asked">, to: number): { until: number; warnings: string[] } {
  const { clock = null } = telemetry.asked();
  if (clock === null || to <= clock + tolerance) return { until: to, warnings: [] };
  const ahead = formatDuration(Math.round((to - clock) / 1000) * 1000);
  const text = `this machine's clock is ahead of Prometheus' by ${ahead}: the next run begins where that one stands`;
  return { until: clock, warnings: [text] };
}
