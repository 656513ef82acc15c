/** What stdout and stderr are able to show. */
import type { TextSettings } from "../lib/report/screen.ts";

/**
 * Whether what is printed on stdout may carry colours: on a terminal that has them, unless `NO_COLOR` says no. Never in
 * a pipe or a file, whatever the environment of a CI says: another program reads those.
 */
export function inColour(): boolean {
  return process.stdout.isTTY === true && process.stdout.hasColors();
}

/** Cells of a line of stdout where it is a terminal; a pipe gets everything whole. `COLUMNS` stands in for a terminal that tells none. */
export function columns(): number | null {
  if (process.stdout.isTTY !== true) return null;
  return Math.max(screenSize().width, 20);
}

/** Cells of the terminal that stdout is. One that tells no size (a serial console) has that of `COLUMNS` and `LINES`, or the usual one. */
export function screenSize(): { width: number; height: number } {
  const { stdout, env } = process;
  const first = (...sizes: number[]) => sizes.find((one) => Number.isInteger(one) && one > 0);
  return {
    width: first(stdout.columns, Number(env.COLUMNS)) ?? 80,
    height: first(stdout.rows, Number(env.LINES)) ?? 24,
  };
}

/** A terminal of today shows it, unless it is the Linux console or the locale says otherwise (POSIX: the first one set decides). */
export function showsUnicode(): boolean {
  const { TERM: term, LC_ALL: all, LC_CTYPE: ctype, LANG: lang } = process.env;
  if (process.stdout.isTTY !== true || term === "linux" || term === "dumb") return false;
  const locale = all || ctype || lang;
  return !locale || /utf-?8/i.test(locale);
}

/** How text is to be printed on stdout. */
export function textSettings(): TextSettings {
  return { colour: inColour(), width: columns(), unicode: showsUnicode(), now: Date.now() };
}
