/** Wall clocks of time zones: quiet hours, and when a digest is due. Pure; what days a zone is changed on is known to Intl. */
import type { Finding, Severity } from "../model.ts";

/** Hours of a day in which a team wants to be left alone: [from, to) by its own clock, over midnight where `to` is not later. */
export interface QuietHours {
  /** `HH:MM`. */
  from: string;
  to: string;
  /** IANA name. */
  zone: string;
  /** This severity and worse ones are told all the same; `none`: nothing is. */
  except: "warning" | "critical" | "none";
}

/** When the digest goes out: every day, or on Mondays, at that time of the zone. */
export interface DigestTime {
  every: "daily" | "weekly";
  at: string;
  zone: string;
}

const minute = 60_000;
const day = 24 * 60 * minute;
const dayMinutes = 24 * 60;

const formats = new Map<string, Intl.DateTimeFormat>();

/** What a clock on the wall shows: the day (since 1970-01-01, a Thursday) and the minute of it. */
function wallClock(at: number, zone: string): { day: number; minute: number } {
  const known = formats.get(zone);
  const format =
    known ??
    new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "iso8601",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
    });
  if (known === undefined) formats.set(zone, format);
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return {
    day: Date.UTC(part("year"), part("month") - 1, part("day")) / day,
    minute: part("hour") * 60 + part("minute"),
  };
}

/** `07:30` → 450. Checked with the config. */
function minuteOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(":").map(Number);
  return hours * 60 + minutes;
}

/** Is it quiet then? An hour that a zone skips or has twice is as quiet as its clock says. */
export function isQuiet({ from, to, zone }: QuietHours, at: number): boolean {
  const { minute: now } = wallClock(at, zone);
  const [begin, end] = [minuteOf(from), minuteOf(to)];
  return begin < end ? now >= begin && now < end : now >= begin || now < end;
}

const rank: Record<Severity | "none", number> = { info: 0, warning: 1, critical: 2, none: 3 };

/** Is this finding told in quiet hours as well? */
export const breaksQuiet = ({ severity }: Finding, { except }: QuietHours): boolean => rank[severity] >= rank[except];

/**
 * The last time at or before `at` that a digest was due, ms. Where the zone skips that time of day it is due with the next minute
 * that the clock shows; where it has it twice, with the first.
 */
export function digestBefore(digest: DigestTime, at: number): number {
  const due = minuteOf(digest.at);
  const now = wallClock(at, digest.zone);
  const today = now.minute >= due ? now.day : now.day - 1;
  // Monday is the fourth day after a Thursday.
  const back = digest.every === "weekly" ? (((today - 4) % 7) + 7) % 7 : 0;
  return firstShowing(today - back, due, digest.zone);
}

/** The first instant at which the zone's clock shows that minute of that day, or a later one. */
function firstShowing(wanted: number, due: number, zone: string): number {
  const order = (at: number) => {
    const shown = wallClock(at, zone);
    return shown.day * dayMinutes + shown.minute;
  };
  // Zones are at most 14 hours from UTC; clocks go back by an hour or so, so the search is by minutes near the end.
  const goal = wanted * dayMinutes + due;
  const guess = goal * minute;
  const offset = order(guess) - goal;
  let at = guess - offset * minute - 180 * minute;
  while (order(at) < goal) at += minute;
  return at;
}
