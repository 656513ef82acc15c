/** Numbers and times as people read them. Pure. */
import type { State } from "./flows.ts";

export const number = (value: number): string => value.toLocaleString("en");

export const some = (count: number, noun: string): string => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;

/** `2026-11-22 10:05` UTC. */
export const clock = (time: number): string => new Date(time).toISOString().slice(0, 16).replace("T", " ");

export const percent = (part: number, whole: number): string =>
  whole === 0 ? "100 %" : `${Math.floor((100 * part) / whole)} %`;

const minute = 60_000;
const units = [
  [24 * 60 * minute, "day"],
  [60 * minute, "hour"],
  [minute, "minute"],
] as const;

/** `4 minutes`; rounded down. */
export function span(time: number): string {
  const [size, noun] = units.find(([size]) => time >= size) ?? [minute, "minute"];
  return time < minute ? "less than a minute" : some(Math.floor(time / size), noun);
}

/** A sign for each state: colour alone would not do. */
export const sign: Record<State, string> = { blocked: "✕", new: "✦", covered: "✓", allowed: "→" };
