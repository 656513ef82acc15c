/** What text is printed on: a terminal, or a pipe that takes everything whole. Pure. */
import picocolors from "picocolors";
import { bar, type Chart, numbers, sparkline } from "../words/chart.ts";
import { age, ago, clock } from "../words/duration.ts";
import type { Fit } from "./table.ts";

export interface TextSettings {
  colour: boolean;
  /** Cells of a line; null or left out where nothing is to be cut, as in a pipe. */
  width?: number | null;
  /** Does it show more than ASCII? */
  unicode?: boolean;
  /** What it is now, ms, for what is said to be so long ago; left out, the time of what is told. */
  now?: number;
}

export interface Screen {
  colours: ReturnType<typeof picocolors.createColors>;
  width: number | null;
  dots: string;
  chart: Chart;
  bar(share: number): string;
  fit: Pick<Fit, "width" | "dots">;
}

const cells = 10;
/** From so many cells on there is room for a time beside how long ago it is. */
const roomy = 140;

export const isRoomy = ({ width }: Screen): boolean => width === null || width >= roomy;

/** When: the time and how long ago it is where there is room for both, else how long ago. */
export function whenText(time: number, now: number, on: Screen): string {
  if (time > now) return clock(time);
  return isRoomy(on) ? `${clock(time)} (${ago(time, now)})` : `${age(now - time)} ago`;
}

export function screen({ colour, width = null, unicode = false }: TextSettings): Screen {
  const dots = unicode ? "…" : "...";
  return {
    colours: picocolors.createColors(colour),
    width,
    dots,
    chart: unicode ? sparkline : numbers,
    bar: (share) => bar(share, cells, unicode ? ["█", "░"] : ["#", "."]),
    fit: { width, dots },
  };
}
