/** What is remembered, for a person at a terminal. Pure. */
import { placeText } from "../words/address.ts";
import { ago, clock } from "../words/duration.ts";
import { legible } from "../words/printable.ts";
import {
  type ClusterTold,
  type InventoryTold,
  namespacesOf,
  type PrecisionRow,
  type SightingTold,
} from "./inventory.ts";
import { isRoomy, type Screen, screen, type TextSettings, whenText } from "./screen.ts";
import { type Paint, table } from "./table.ts";
import { endText, verdictsText } from "./verdicts.ts";
import { wrap } from "./width.ts";

const bolded =
  ({ colours }: Screen): Paint =>
  (text, column, row) =>
    row === 0 ? colours.bold(text) : column === -1 ? colours.dim(text) : text;

/** For each cluster its namespaces at a glance, then each as a table, and how many findings were worth a message; then the verdicts. */
export function inventoryText({ at, clusters, verdicts }: InventoryTold, settings: TextSettings): string {
  const on = screen(settings);
  const { bold } = on.colours;
  const parts = clusters.flatMap((one) => [
    clusterLine(one, on, at),
    ...(one.sightings.length === 0 ? [] : [namespaceTable(one.sightings, on, at)]),
    ...namespacesOf(one.sightings).map(([namespace, all]) => `${bold(namespace)}\n${sightingTable(all, on, at)}`),
    ...(one.precision.length === 0
      ? []
      : [
          `${bold("Worth a message?")}\n${table([shares, ...withSum(one).map(shareRow)], bolded(on), { ...on.fit, whole: ["DETECTOR"], leave: ["SNOOZED", "UNJUDGED", "NOISE", "TOLD"] })}`,
        ]),
  ]);
  const told = verdicts.length === 0 ? [] : [verdictsText(verdicts, at, settings).trimEnd()];
  return `${[...(parts.length === 0 ? ["Nothing is remembered yet."] : parts), ...told].join("\n\n")}\n`;
}

export function clusterLine(
  { cluster, sightings, lastRun }: ClusterTold,
  { colours, width }: Screen,
  at: number,
): string {
  const workloads = new Set(sightings.map(({ sighting: { source } }) => JSON.stringify(source)));
  const back = lastRun === null ? "" : ago(lastRun, at);
  const end = lastRun === null ? "no run has ended yet" : `the last run ended at ${clock(lastRun)}`;
  const name = legible(cluster);
  const counts = `${sightings.length} destinations of ${workloads.size} workloads`;
  const text = `${name}: ${counts}; ${end}${back === "" ? "" : ` (${back})`}.`;
  return wrap(text, width).replace(name, () => colours.bold(name));
}

/** The one with the most destinations first, each bar its share of those of the first. */
export function namespaceTable(all: readonly SightingTold[], on: Screen, at: number): string {
  const groups = namespacesOf(all).sort(([, a], [, b]) => b.length - a.length);
  const most = groups[0]?.[1].length ?? 1;
  const rows = groups.map(([namespace, sightings]) => {
    const blocked = sightings.filter(({ sighting }) => sighting.destination.verdict === "blocked").length;
    const newest = sightings.reduce((latest, { sighting }) => Math.max(latest, sighting.firstSeen), 0);
    const workloads = new Set(sightings.map(({ sighting }) => sighting.source.workload)).size;
    const bar = on.bar(sightings.length / most).replace(/[.░]+$/, "");
    return [namespace, ...[workloads, sightings.length, blocked].map(String), ago(newest, at) || clock(newest), bar];
  });
  const heads = ["NAMESPACE", "WORKLOADS", "DESTINATIONS", "BLOCKED", "NEWEST", ""];
  return table([heads, ...rows], bolded(on), { ...on.fit, extra: [""], leave: ["WORKLOADS", "NEWEST", "BLOCKED"] });
}

const columns = ["WORKLOAD", "DESTINATION", "PASSAGE", "NAME", "COUNT", "FIRST SEEN", "LAST SEEN", "VERDICT", "ID"];

function sightingTable(all: readonly SightingTold[], on: Screen, at: number): string {
  const paint: Paint = (text, column, row) =>
    row > 0 && column === 2 && text.startsWith("blocked") ? on.colours.yellow(text) : bolded(on)(text, column, row);
  const below = ["ID", "NAME", "FIRST SEEN", "LAST SEEN", "VERDICT", "COUNT", "PASSAGE"];
  return table([columns, ...all.map((each) => sightingRow(each, at, on))], paint, {
    ...on.fit,
    whole: ["ID", "PASSAGE", "FIRST SEEN", "LAST SEEN", "VERDICT"],
    least: { WORKLOAD: 16, DESTINATION: 24 },
    below,
  });
}

function sightingRow({ id, sighting, verdict }: SightingTold, now: number, on: Screen): string[] {
  const { source, destination, name, count: calls, firstSeen, lastSeen } = sighting;
  return [
    source.workload,
    `${placeText(destination)} ${destination.protocol}`,
    destination.verdict,
    name === null ? "-" : `${name.name} (${name.trust})`,
    String(calls),
    whenText(firstSeen, now, on),
    whenText(lastSeen, now, on),
    verdictText(verdict, now, on),
    id,
  ];
}

/** With its end: the time in full where there is room, else how much is left of it. */
function verdictText(verdict: SightingTold["verdict"], now: number, on: Screen): string {
  if (verdict === null) return "-";
  if (verdict.until === null) return verdict.verdict;
  const end = endText(verdict, now);
  return `${verdict.verdict} ${isRoomy(on) ? `until ${end}` : end.slice(end.indexOf("("))}`;
}

const shares = ["DETECTOR", "OWNER", "TOLD", "WORTH IT", "NOISE", "SNOOZED", "UNJUDGED", "SHARE"];

/** All detectors and owners together come last. */
const withSum = ({ precision, sum }: ClusterTold): PrecisionRow[] =>
  precision.length < 2 ? [...precision] : [...precision, { kind: "all", team: "all", ...sum }];

const shareRow = ({ kind, team, told, worth, noise, snoozed, unjudged, share }: PrecisionRow): string[] => [
  kind,
  legible(team),
  ...[told, worth, noise, snoozed, unjudged].map(String),
  share === null ? "-" : `${Math.round(share * 100)} %`,
];
