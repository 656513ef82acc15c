/** Sends the letters that are due; what cannot be sent waits, is told by another channel, or is folded, and says so. */
import { ScoutError } from "../errors.ts";
import type { Failure, Letter } from "../model.ts";
import type { AgainSettings } from "../notify/again.ts";
import type { QuietHours } from "../notify/calendar.ts";
import type { Channel, Receipts } from "../notify/channel.ts";
import type { Route } from "../notify/compose.ts";
import { deliver } from "../notify/deliver.ts";
import { fold } from "../notify/fold.ts";
import { awake } from "../notify/letters.ts";
import { failedAgain } from "../notify/retry.ts";
import type { Delivery } from "../notify/sending.ts";
import { undelivered } from "../notify/undelivered.ts";
import type { Store } from "../remember/store.ts";

/** `notify` of the config, and what channels and teams add to it. */
export interface NotifySettings extends AgainSettings {
  /** Quiet hours by team. */
  quiet: Readonly<Record<string, QuietHours>>;
  /** By channel, the one to tell in its place. */
  fallbacks: Readonly<Record<string, string>>;
  /** The default owner's channels: they learn what others could not be told for a day. */
  others: readonly string[];
  /** So long a run sends, ms. */
  budget: number;
}

export interface TellOrder {
  cluster: string;
  /** The run's end, ms. */
  to: number;
  routes: readonly Route[];
  notify: NotifySettings;
}

export interface Post {
  store: Store;
  channels: ReadonlyMap<string, Channel>;
}

interface Outbox {
  /** All letters that there are. */
  letters: readonly Letter[];
  receipts: (channel: string) => Receipts;
}

export async function sendDue(
  { store, channels }: Post,
  { cluster, to: now, notify }: TellOrder,
  { letters: all, receipts }: Outbox,
): Promise<{ deliveries: Delivery[]; warnings: string[]; undelivered: number }> {
  const known = await store.outages(cluster);
  const old = [...known.keys()].filter((name) => isOver(name, known, all, now));
  const before = new Map([...known].filter(([name]) => !old.includes(name)));
  const told = new Set<string>();
  const sending = {
    ...{ channels, now, fallbacks: notify.fallbacks, budget: notify.budget, receipts, outbox: all },
    async told({ id }: Letter) {
      await store.told(cluster, id);
      told.add(id);
    },
  };
  const due = awake(all, { quiet: notify.quiet, now });
  const { deliveries, failures, outages, left } = await deliver(due, { ...sending, outages: before });
  const astray = strays(due, channels, before, now);
  const after = new Map(
    [...before, ...astray, ...outages].flatMap(([name, one]) => (one === null ? [] : [[name, one]])),
  );
  for (const [name, one] of outages) if (one === null) after.delete(name);
  const failed = new Map(failures);
  const letters = due.filter(({ id }) => !told.has(id)).map((one) => withFailure(one, failed.get(one.id)));
  const others = notify.others.filter((one) => channels.has(one));
  const late = undelivered({ letters, outages: after, others, cluster, now });
  const waiting = all.filter(({ id }) => !told.has(id));
  const folded = fold({ letters: waiting, outages: after, others, cluster, now });
  const reports = [...late.letters, ...folded.reports];
  const unsent = {
    failures: [...failures, ...late.failures],
    outages: [...old.map((name) => [name, null] as const), ...astray, ...outages, ...late.outages],
    letters: [...reports, ...folded.letters],
  };
  if (Object.values(unsent).some((list) => list.length > 0)) await store.unsent(cluster, unsent);
  // Cut off here, what was folded waits twice, and is folded again.
  for (const { id } of folded.gone) await store.told(cluster, id);
  const more = await deliver(reports, { ...sending, outages: after, fallbacks: {} });
  const still = { failures: more.failures, outages: more.outages, letters: [] };
  if (Object.values(still).some((list) => list.length > 0)) await store.unsent(cluster, still);
  const warnings = [...waitWarnings(due, channels, [...left, ...more.left]), ...late.warnings, ...folded.warnings];
  const gone = new Set([...told, ...folded.gone.map(({ id }) => id)]);
  const stillDue = [...due, ...reports, ...folded.letters].filter(({ id }) => !gone.has(id)).length;
  return { deliveries: [...deliveries, ...more.deliveries], warnings, undelivered: stillDue };
}

function waitWarnings(
  due: readonly Letter[],
  channels: ReadonlyMap<string, Channel>,
  left: readonly Letter[],
): string[] {
  const lost = [...new Set(due.flatMap((one) => (channels.has(one.channel) ? [] : [one.channel])))];
  const messages = left.length === 1 ? "1 message waits" : `${left.length} messages wait`;
  return [
    ...lost.map((channel) => `messages wait for the channel ${channel}, which the config does not have`),
    ...(left.length > 0 ? [`${messages} for the next run: the time for sending was up`] : []),
  ];
}

/** Nobody knows any more how a channel is that nothing was sent to for so long, ms of runs. */
const forgotten = 2 * 24 * 60 * 60_000;

function isOver(name: string, outages: ReadonlyMap<string, Failure>, letters: readonly Letter[], now: number): boolean {
  const { next = now } = outages.get(name) ?? {};
  return now - next >= forgotten && !letters.some((one) => one.channel === name && one.message.at < next);
}

const withFailure = (letter: Letter, failure: Failure | undefined): Letter =>
  failure === undefined ? letter : { ...letter, failure };

/** A channel that the config does not have is one that takes nothing. Said once. */
function strays(
  due: readonly Letter[],
  channels: ReadonlyMap<string, Channel>,
  known: ReadonlyMap<string, Failure>,
  now: number,
): [channel: string, outage: Failure][] {
  const names = new Set(due.map((one) => one.channel));
  return [...names]
    .filter((name) => !channels.has(name) && !known.has(name))
    .map((name) => [name, failedAgain(null, new ScoutError("channel/refused", "the config does not have it"), now)]);
}
