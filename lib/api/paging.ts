/** Lists come in pages. The order is by a key that stays, so that nothing comes twice or is left out where others come between. Pure. */
import * as z from "zod";

export const pageSize = { usual: 100, most: 1000 };

/** A cursor is the key of the last one on a page: where it was, if it is gone by now. */
const cursor = z
  .string()
  .refine((text) => keyIn(text) !== null, { error: "what an answer had as next" })
  .transform((text) => keyIn(text) ?? "");

/** What every list may be asked beside its filters. */
export const paging = {
  limit: z.coerce
    .number({ error: `a number of 1 to ${pageSize.most}` })
    .int({ error: `a number of 1 to ${pageSize.most}` })
    .min(1, { error: `a number of 1 to ${pageSize.most}` })
    .max(pageSize.most, { error: `a number of 1 to ${pageSize.most}` })
    .default(pageSize.usual)
    .meta({ description: "How many at most." }),
  next: cursor.optional().meta({ description: "Where to go on: what the page before had as next." }),
};

/** @param next the key after which the page begins */
export function page<T>(
  all: readonly T[],
  keyOf: (one: T) => string,
  { limit, next }: { limit: number; next?: string | undefined },
): { page: T[]; next: string | null } {
  const keyed = all.map((one) => ({ one, key: short(keyOf(one)) })).sort((a, b) => (a.key < b.key ? -1 : 1));
  const rest = next === undefined ? keyed : keyed.filter(({ key }) => key > next);
  const shown = rest.slice(0, limit);
  const last = shown.at(-1);
  return {
    page: shown.map(({ one }) => one),
    next: last === undefined || rest.length === shown.length ? null : cursorOf(last.key),
  };
}

/** A key ends in an id, which makes it the only one; what a workload wrote may be long, and is cut before it. */
const short = (key: string): string =>
  (key.length <= 800 ? key : `${key.slice(0, 700)}${key.slice(-100)}`).toWellFormed();

const version = "1:";
const longestCursor = 5_000;
const cursorOf = (key: string): string => Buffer.from(version + key).toString("base64url");

function keyIn(text: string): string | null {
  if (text.length > longestCursor) return null;
  const key = Buffer.from(text, "base64url").toString();
  return key.startsWith(version) && cursorOf(key.slice(version.length)) === text ? key.slice(version.length) : null;
}
