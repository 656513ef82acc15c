/** Channels whose other side forgets are told again, in each run, what is still open. */
import { isRetryable } from "../errors.ts";
import type { Channel, Receipts, Standing } from "./channel.ts";
import { type Delivery, letterTo, tried } from "./deliver.ts";

/** What a refresh needs of the run. */
export interface Refreshing {
  cluster: string;
  /** The run's end, ms. */
  at: number;
  channels: ReadonlyMap<string, Channel>;
  /** Of all findings that are open; asked only where a channel wants to know. */
  standing(): Promise<Standing>;
  receipts(channel: string): Receipts;
}

/**
 * Refreshes every channel that wants it, side by side. One that is down in this run is left alone: it would not take this either, and
 * nobody needs to hear of it twice.
 * @returns one delivery for each that failed, of a letter without findings that nobody keeps: the next run refreshes anyway
 */
export async function refresh(
  { cluster, at, channels, standing, receipts }: Refreshing,
  deliveries: readonly Delivery[],
): Promise<Delivery[]> {
  const down = new Set(deliveries.filter(({ error }) => isRetryable(error)).map(({ letter }) => letter.channel));
  const wanting = [...channels.values()].filter((one) => one.refresh !== undefined && !down.has(one.name));
  if (wanting.length === 0) return [];
  const now = await standing();
  const all = wanting.map(async (channel): Promise<Delivery[]> => {
    const error = await tried(async () => await channel.refresh?.(now, receipts(channel.name)));
    if (error === null) return [];
    const message = { id: `open-${at}`, cluster, team: "", reason: "repeat", at, findings: [] } as const;
    return [{ letter: letterTo(channel.name, { ...message, findings: [] }), ok: false, error }];
  });
  return (await Promise.all(all)).flat();
}
