/** The last part of a run: what is said becomes letters, and letters reach their channels. What writes and sends them is loaded where there are any. */

import { type Finding, isSilenced, type Letter, type Telling } from "./model.ts";
import { type StillOpen, tellingsOf } from "./notify/again.ts";
import type { Said } from "./notify/letters.ts";
import { receiptsIn } from "./notify/receipts.ts";
import type { Delivery } from "./notify/sending.ts";
import type { Post, TellOrder } from "./tell/send-due.ts";

export type { NotifySettings } from "./tell/send-due.ts";

/** What verdicts made of the run's findings, and how open ones were told before. */
export interface Judged {
  ruled: ReadonlySet<string>;
  tellings: ReadonlyMap<string, Telling>;
  /** The run's end, ms: tells one word on what is not open from the next, since nothing counts those. */
  to: number;
}

const unjudged: Judged = { ruled: new Set(), tellings: new Map(), to: 0 };

/**
 * Why each finding is told: as `due` says of those that were open before, the others as new or over.
 * @param judged those that are told as changed since a verdict is on them, or no longer is
 */
export function saidOf(findings: readonly Finding[], due: readonly Said[], judged: Judged = unjudged): Said[] {
  const known = new Map(due.map((one) => [one.finding.id, one]));
  return findings.map((finding): Said => {
    const before = known.get(finding.id);
    if (before !== undefined) return { ...before, finding };
    if (finding.state === "open" && judged.ruled.has(finding.id)) {
      const telling = judged.tellings.get(finding.id);
      return { finding, reason: "changed", occasion: telling === undefined ? judged.to : telling.told + 1 };
    }
    return { finding, reason: finding.state === "resolved" ? "resolved" : "first", occasion: 0 };
  });
}

/** The letters for it, and how open findings were told once they are sent; to be remembered in one step. */
export async function prepare(
  said: readonly Said[],
  open: Pick<StillOpen, "before" | "opened" | "tellings">,
  { cluster, to, routes, notify }: TellOrder,
): Promise<{ letters: Letter[]; tellings: [id: string, telling: Telling][] }> {
  if (said.length === 0) return { letters: [], tellings: [] };
  const { write } = await import("./notify/letters.ts");
  const letters = write(said, { cluster, routes, quiet: notify.quiet, now: to });
  return { letters, tellings: tellingsOf(said, open, to) };
}

/**
 * Sends what is due, of this run and of earlier ones; what could not be sent is remembered with when to try again. Then the channels whose
 * other side forgets are told what is still open. `undelivered`: letters that were due and wait for a later run.
 */
export async function send(
  post: Post,
  order: TellOrder,
): Promise<{ deliveries: Delivery[]; warnings: string[]; undelivered: number }> {
  const { store, channels } = post;
  const { cluster, to: at } = order;
  const receipts = receiptsIn(store, cluster, at);
  const letters = await store.letters(cluster);
  const { deliveries, warnings, undelivered } =
    letters.length === 0
      ? { deliveries: [], warnings: [], undelivered: 0 }
      : await (await import("./tell/send-due.ts")).sendDue(post, order, { letters, receipts });
  const standing = async () => {
    const open = await store.open(cluster);
    return { open: new Set(open.keys()), silenced: new Set([...open.values()].filter(isSilenced).map(({ id }) => id)) };
  };
  const isForgetful = [...channels.values()].some((one) => one.refresh !== undefined);
  const again = isForgetful
    ? await (await import("./notify/refresh.ts")).refresh({ cluster, at, channels, standing, receipts }, deliveries)
    : [];
  return { deliveries: [...deliveries, ...again], warnings, undelivered };
}
