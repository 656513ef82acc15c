/** What is asked after the `?`: each name known and given once. Pure. */
import * as z from "zod";
import { explained } from "../config/parse.ts";
import { parseDuration, parseTime } from "../words/duration.ts";
import { printable } from "../words/printable.ts";

/** Longer than any name that is looked for. */
const longest = 500;
/** Mistakes that are told of one request. */
const mostMistakes = 20;

/** Text as somebody looks for it. */
export const text = z
  .string()
  .min(1, { error: "some text" })
  .max(longest, { error: `${longest} characters at most` })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is refused.
  .regex(/^[^\u0000-\u001f\u007f]*$/, { error: "text without control characters" });

/** The end of a duration back from now, or a time. */
export type Since = { back: number } | { at: number };

/** Longer ago nothing is asked for, ms. */
const furthest = 400 * 24 * 60 * 60_000;

function since(given: string): Since | null {
  const back = parseDuration(given);
  if (back !== null) return back > 0 && back <= furthest ? { back } : null;
  const at = parseTime(given);
  return at === null ? null : { at };
}

export const sinceText = z
  .string()
  .max(40, { error: "a duration such as 15m or 30d (400d at most), or a time" })
  .refine((given) => since(given) !== null, { error: "a duration such as 15m or 30d (400d at most), or a time" })
  .transform((given): Since => since(given) ?? { back: 0 });

/** ms */
export const startOf = (one: Since, now: number): number => ("at" in one ? one.at : now - one.back);

/** What is wrong with a start for which Prometheus is asked up to `end` (ms): each day between is a lot to ask. */
export const startMistakes = (one: Since | null | undefined, end: number): string[] =>
  one != null && startOf(one, end) < end - furthest ? ["since: 400d at most before the end"] : [];

/** What was asked, or every mistake in it. */
export function readQuery<Q extends z.ZodObject>(
  given: URLSearchParams,
  shape: Q,
): { asked: z.output<Q> } | { mistakes: string[] } {
  const allowed = Object.keys(shape.shape);
  const names = [...new Set(given.keys())];
  const mistakes = names.flatMap((name) => {
    if (!allowed.includes(name))
      return [
        `${printable(name, 60)}: not known here; ${allowed.length === 0 ? "nothing is asked this" : allowed.join(", ")}`,
      ];
    return given.getAll(name).length > 1 ? [`${name}: given ${given.getAll(name).length} times`] : [];
  });
  const known = Object.fromEntries(allowed.flatMap((name) => (given.has(name) ? [[name, given.get(name)]] : [])));
  const parsed = shape.safeParse(known, { reportInput: true });
  if (parsed.success && mistakes.length === 0) return { asked: parsed.data };
  return { mistakes: [...mistakes, ...explained(parsed.error)].slice(0, mostMistakes) };
}
