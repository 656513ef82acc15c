/** What `report --watch` shows: the clusters, their namespaces at a glance, and what is newest. Pure. */
import { placeText } from "../words/address.ts";
import { age, formatDuration } from "../words/duration.ts";
import { legible } from "../words/printable.ts";
import type { ClusterTold, InventoryTold, SightingTold } from "./inventory.ts";
import { clusterLine, namespaceTable } from "./inventory-text.ts";
import { type LiveSettings, titleLine } from "./live.ts";
import { type Screen, screen } from "./screen.ts";
import { table } from "./table.ts";
import { cutEnd } from "./width.ts";

export interface LiveInventory {
  /** From one reading to the next, and when the next one is, ms. */
  every: number;
  nextAt: number;
  /** What was read last; null before. */
  told: InventoryTold | null;
  /** Why it could not be read again. */
  error: string | null;
}

/** Lines for a screen, never more than it has. */
export function liveInventoryText({ every, nextAt, told, error }: LiveInventory, settings: LiveSettings): string[] {
  const on = screen(settings);
  const { width, height, now } = settings;
  const title = `egress-scout report, every ${formatDuration(every)}`;
  const top = [
    titleLine({ title, doing: told === null ? "reading" : null, nextAt }, settings, on),
    ...(error === null ? [] : [on.colours.red(cutEnd(`failed: ${legible(error, 1000)}`, width, on.dots))]),
    ...(told?.clusters.length === 0 ? ["", "Nothing is remembered yet."] : []),
  ];
  const clusters = told?.clusters ?? [];
  const room = Math.floor((height - top.length) / Math.max(1, clusters.length));
  return [...top, ...clusters.flatMap((one) => clusterLines(one, room, on, now))].slice(0, height);
}

function clusterLines(cluster: ClusterTold, room: number, on: Screen, now: number): string[] {
  const head = ["", ...clusterLine(cluster, on, now).split("\n")];
  if (cluster.sightings.length === 0) return head;
  const half = Math.max(4, Math.floor((room - head.length) / 2));
  const namespaces = cut(namespaceTable(cluster.sightings, on, now).split("\n"), half - 1, on);
  const left = room - head.length - namespaces.length - 3;
  const newest = cut(newestTable(cluster.sightings, on, now).split("\n"), left, on, cluster.sightings.length + 1);
  return [...head, "", ...namespaces, ...(left < 2 ? [] : ["", on.colours.bold("Newest"), ...newest])].slice(0, room);
}

/** The first rows, and how many more there are. */
function cut(lines: readonly string[], room: number, { colours }: Screen, all = lines.length): string[] {
  if (all <= room) return [...lines];
  const shown = Math.min(lines.length, Math.max(1, room - 1));
  return [...lines.slice(0, shown), colours.dim(`and ${all - shown} more`)];
}

/** More rows than any screen has are not laid out. */
const most = 200;

function newestTable(all: readonly SightingTold[], on: Screen, now: number): string {
  const rows = all
    .toSorted((one, other) => other.sighting.firstSeen - one.sighting.firstSeen)
    .slice(0, most)
    .map(({ sighting: { source, destination, name, count, firstSeen }, verdict }) => [
      age(Math.max(0, now - firstSeen)),
      `${source.namespace}/${source.workload}`,
      `${placeText(destination)} ${destination.protocol}`,
      destination.verdict,
      String(count),
      verdict?.verdict ?? "-",
      name === null ? "-" : `${name.name} (${name.trust})`,
    ]);
  const heads = ["AGE", "WORKLOAD", "DESTINATION", "PASSAGE", "COUNT", "VERDICT", "NAME"];
  const fit = { ...on.fit, whole: ["AGE"], extra: ["NAME"], leave: ["VERDICT", "COUNT", "PASSAGE"] };
  return table([heads, ...rows], (text, _, row) => (row === 0 ? on.colours.dim(text) : text), fit);
}
