/** The same run over history, step by step: what would have been sent, when, to whom. Sends and remembers nothing. */
import type { Finding, Reason } from "./model.ts";
import type { Channel } from "./notify/channel.ts";
import { prefetched } from "./poll/prefetch.ts";
import { type Order, type Parts, scout } from "./scout.ts";

export interface ReplayOrder extends Omit<Order, "to" | "since" | "noLearn" | "dryRun" | "lateNames" | "ambient"> {
  /** The runs end at from + step, from + 2 step, … up to `to`; all ms. */
  from: number;
  to: number;
  step: number;
}

/** A finding, and the end of the run that would have found it. */
export interface Replayed {
  at: number;
  finding: Finding;
  /** The channels that would have been told, and why. */
  told: { channel: string; reason: Reason }[];
}

/**
 * Learns the time before `from`, then runs at every step.
 * @param parts with a store that is empty, and forgotten afterwards; its channels are never called
 * @returns how many runs there were, and all they found, oldest first
 * @throws ScoutError `prometheus/…`
 */
export async function replay(
  parts: Parts,
  order: ReplayOrder,
): Promise<{ runs: number; found: Replayed[]; warnings: string[] }> {
  const channels = new Map([...parts.channels.keys()].map((name) => [name, silent(name)]));
  const run = { ...order, since: null, noLearn: false, dryRun: false, lateNames: false, ambient: false };
  await scout({ ...parts, channels, logs: [] }, { ...run, to: order.from });
  const telemetry = prefetched(parts.telemetry, { until: order.to, step: order.step });
  const found: Replayed[] = [];
  const warnings = new Set<string>();
  let runs = 0;
  for (let to = order.from + order.step; to <= order.to; to += order.step) {
    const scan = await scout({ ...parts, channels, telemetry, logs: [] }, { ...run, to });
    runs += 1;
    for (const finding of scan.findings) {
      const letters = scan.deliveries
        .map((one) => one.letter)
        .filter(({ message }) => message.findings.some((one) => one.id === finding.id));
      found.push({
        at: to,
        finding,
        told: letters.map(({ channel, message }) => ({ channel, reason: message.reason })),
      });
    }
    for (const one of scan.warnings) warnings.add(one);
    const share = (to - order.from) / (order.to - order.from);
    parts.log.progress(`replaying: ${Math.round(100 * share)} %, ${found.length} findings so far`);
  }
  return { runs, found, warnings: [...warnings] };
}

/** Takes every message and does nothing with it. */
const silent = (name: string): Channel => ({ name, send: async () => {} });
