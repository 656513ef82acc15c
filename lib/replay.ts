/** The same run over history, step by step: what would have been sent, when, to whom. Sends and remembers nothing. */
import type { Finding, Letter, Reason } from "./model.ts";
import type { Channel } from "./notify/channel.ts";
import { prefetched } from "./poll/prefetch.ts";
import { type Order, type Parts, type Scan, scout } from "./scout.ts";

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
  /** The channels that would have been told, why, and when: after quiet hours it is later than `at`. */
  told: { channel: string; reason: Reason; at: number }[];
}

/** A message that would have been sent. */
export interface ReplayedMessage {
  /** The end of the run that would have sent it. */
  at: number;
  team: string;
  /** Null where the owner has none: only the terminal would have told it. */
  channel: string | null;
  reason: Reason;
  findings: readonly Finding[];
}

/** What a replay comes to, oldest first. */
export interface Replay {
  runs: number;
  found: Replayed[];
  messages: ReplayedMessage[];
  warnings: string[];
}

/**
 * Learns the time before `from`, then runs at every step.
 * @param parts with a store that is empty, and forgotten afterwards; its channels are never called
 * @throws ScoutError `prometheus/…`
 */
export async function replay(parts: Parts, order: ReplayOrder): Promise<Replay> {
  const channels = new Map([...parts.channels.keys()].map((name) => [name, silent(name)]));
  const run = { ...order, since: null, noLearn: false, dryRun: false, lateNames: false, ambient: false };
  await scout({ ...parts, channels, logs: [] }, { ...run, to: order.from });
  const telemetry = prefetched(parts.telemetry, { until: order.to, step: order.step });
  const found: Replayed[] = [];
  const byRun = new Map<string, Replayed>();
  const messages: ReplayedMessage[] = [];
  const warnings = new Set<string>();
  let runs = 0;
  for (let to = order.from + order.step; to <= order.to; to += order.step) {
    const scan = await scout({ ...parts, channels, telemetry, logs: [] }, { ...run, to });
    runs += 1;
    for (const finding of scan.findings) {
      const one: Replayed = { at: to, finding, told: [] };
      found.push(one);
      byRun.set(placeOf(to, finding), one);
    }
    const sent = scan.deliveries.filter((one) => one.ok).map((one) => one.letter);
    for (const { channel, message } of sent) {
      const { reason } = message;
      for (const one of message.findings) byRun.get(placeOf(message.at, one))?.told.push({ channel, reason, at: to });
    }
    const written = [...sent, ...(await parts.store.letters(order.cluster))].filter(({ message }) => message.at === to);
    messages.push(
      ...sent.map(({ channel, message: { team, reason, findings } }) => ({ at: to, team, channel, reason, findings })),
      ...withoutChannel(scan, written, to),
    );
    for (const one of scan.warnings) warnings.add(one);
    const share = (to - order.from) / (order.to - order.from);
    parts.log.progress(`replaying: ${Math.round(100 * share)} %, ${found.length} findings so far`);
  }
  return { runs, found, messages, warnings: [...warnings] };
}

const placeOf = (at: number, { id }: Finding): string => `${at} ${id}`;

/** What a run says and no letter tells, as a message for each owner and reason. */
function withoutChannel({ said }: Scan, written: readonly Letter[], at: number): ReplayedMessage[] {
  const addressed = new Set(written.flatMap(({ message }) => message.findings.map(({ id }) => id)));
  const alone = said.filter(({ finding }) => !addressed.has(finding.id));
  const groups = Map.groupBy(alone, ({ finding, reason }) => JSON.stringify([finding.owner.team, reason]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { reason, finding } = first;
    return [{ at, team: finding.owner.team, channel: null, reason, findings: group.map((one) => one.finding) }];
  });
}

/** Takes every message and does nothing with it. */
const silent = (name: string): Channel => ({ name, send: async () => {} });
