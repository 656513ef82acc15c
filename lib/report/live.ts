/** What `scan --watch` shows: the last run, the calls of the last hour, what is open and what was found since it began. Pure. */

import type { Finding, Passage } from "../model.ts";
import { sparkline } from "../words/chart.ts";
import { ago } from "../words/duration.ts";
import { grouped } from "../words/grouped.ts";
import { legible } from "../words/printable.ts";
import type { Told } from "./document.ts";
import { cells, least, stateColour } from "./findings-text.ts";
import { type Screen, screen, type TextSettings } from "./screen.ts";
import { type Paint, table } from "./table.ts";
import { headline, notes } from "./text.ts";
import { cutEnd, padEnd, wrap } from "./width.ts";

/** What is known of one cluster; times in ms. */
export interface LiveCluster {
  cluster: string;
  /** The last run that ended well, and when. */
  last: Told | null;
  endedAt: number | null;
  /** Why the last run did not, or whom it could not tell; empty where all was well. */
  errors: readonly string[];
  open: readonly Finding[];
  /** Calls of equal times up to the last run, oldest first; null where nobody knows. */
  calls: Readonly<Record<Passage, readonly number[]>> | null;
}

export interface LiveView {
  title: string;
  /** What it is at now; null between runs. */
  doing: string | null;
  /** When it runs again, ms. */
  nextAt: number;
  clusters: readonly LiveCluster[];
  /** What was found since it began, the newest first. */
  found: readonly Finding[];
  /** What the log said, the newest last. */
  said: readonly string[];
}

export interface LiveSettings extends TextSettings {
  width: number;
  height: number;
  now: number;
}

/** Lines for a screen, never more than it has; none is longer than it is wide, but for what is never cut. */
export function liveText(view: LiveView, settings: LiveSettings): string[] {
  const on = screen(settings);
  const top = [
    titleLine(view, settings, on),
    ...view.clusters.flatMap((one) => ["", ...clusterLines(one, on, settings)]),
  ];
  const said = view.said.slice(-3).map((one) => on.colours.yellow(cutEnd(legible(one, 1000), settings.width, on.dots)));
  const open = view.clusters.flatMap((one) => one.open);
  const room = settings.height - top.length - said.length;
  const half = Math.max(4, Math.floor(room / 2));
  const first = section("Open", open, view.found.length === 0 ? room : half, on, settings.now);
  const second = section("Found since this began", view.found, room - first.length, on, settings.now);
  return [...top, ...said, ...first, ...second].slice(0, settings.height);
}

/** What it is, when it goes on, and how to end it. */
export function titleLine(
  { title, doing, nextAt }: Pick<LiveView, "title" | "doing" | "nextAt">,
  { width, now }: LiveSettings,
  on: Screen,
): string {
  const seconds = Math.max(0, Math.ceil((nextAt - now) / 1000));
  const left = `${title}: ${doing ?? `next in ${seconds} s`}`;
  const end = "q ends";
  const room = width - end.length - 1;
  return on.colours.inverse(`${padEnd(cutEnd(left, room, on.dots), room)} ${end}`);
}

function clusterLines(
  { cluster, last, endedAt, errors, calls }: LiveCluster,
  on: Screen,
  { now, width }: LiveSettings,
): string[] {
  const head =
    last === null
      ? [`${on.colours.bold(legible(cluster))}: no run has ended yet`]
      : [
          ...headline(last, on).split("\n"),
          ...notes(last, on)
            .flatMap((one) => one.split("\n"))
            .slice(0, 4),
        ];
  const failed = errors.flatMap((one) =>
    wrap(`failed: ${legible(one, 1000)}`, width, 2)
      .split("\n")
      .slice(0, 4),
  );
  const well =
    failed.length === 0 || endedAt === null ? [] : [`the last run that went well ended ${ago(endedAt, now)}`];
  return [
    ...head,
    ...[...failed, ...well].map((one) => on.colours.red(cutEnd(one, width, on.dots))),
    ...(calls === null ? [] : callLines(calls, on, width)),
  ];
}

/** Pictures only: the numbers are estimates. */
function callLines(calls: Readonly<Record<Passage, readonly number[]>>, on: Screen, width: number): string[] {
  const words: Record<Passage, string> = { allowed: "let through", blocked: "blocked" };
  const most = Math.max(0, width - 40);
  return (["allowed", "blocked"] as const).map((passage) => {
    const counts = calls[passage].map(Math.round).slice(-Math.max(10, most));
    const highest = Math.max(0, ...counts);
    const label = `calls ${padEnd(words[passage], 11)}  `;
    // Not "none": `increase` does not see the first call of a counter.
    if (highest === 0) return on.colours.dim(cutEnd(`${label}no growth in the last hour`, width, on.dots));
    const picture = on.chart === sparkline ? on.chart(counts) : on.chart(counts.slice(-5));
    const text = cutEnd(`${picture}  at most about ${grouped(highest)} in 2 min`, width - label.length, on.dots);
    return `${label}${passage === "blocked" ? on.colours.yellow(text) : text}`;
  });
}

const heads = ["SEVERITY", "FINDING", "WORKLOAD", "DESTINATION", "COUNT", "AGE", "NAME"];

/** As many rows as there is room for, with how many more there are. */
function section(title: string, all: readonly Finding[], room: number, on: Screen, now: number): string[] {
  // A blank, the title and the heads.
  const around = 3;
  if (room < around) return [];
  const head = `${title}: ${all.length === 0 ? "nothing" : all.length}`;
  if (all.length === 0) return ["", on.colours.bold(head)];
  if (room < around + 1) return ["", on.colours.bold(head)];
  const fits = room - around;
  const shown = all.length <= fits ? all : all.slice(0, fits - 1);
  const paint: Paint = (text, column, row) => {
    const one = shown[row - 1];
    if (one === undefined) return on.colours.dim(text);
    return column === 0 ? stateColour(one, on)(text) : text;
  };
  const fit = {
    ...on.fit,
    ...{ whole: ["SEVERITY", "FINDING", "AGE"], extra: ["NAME"], leave: ["COUNT", "FINDING", "AGE"], least },
  };
  const rows = shown.length === 0 ? [] : table([heads, ...shown.map((one) => cells(one, now))], paint, fit).split("\n");
  const more = all.length - shown.length;
  return ["", on.colours.bold(head), ...rows, ...(more > 0 ? [on.colours.dim(`and ${more} more`)] : [])];
}
