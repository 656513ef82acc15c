/** A plan for a person at a terminal: how ready each namespace is, and what would break. Pure. */
import { placeText } from "../words/address.ts";
import { clock } from "../words/duration.ts";
import { legible } from "../words/printable.ts";
import { breaking, closedBy, type PlanTold, unusedRows, wideRows } from "./plan.ts";
import { type Screen, screen, type TextSettings, whenText } from "./screen.ts";
import { type Paint, table } from "./table.ts";
import { step, wrap } from "./width.ts";

/** Ends in a newline. */
export function planText(told: PlanTold, settings: TextSettings): string {
  const on = screen(settings);
  const now = settings.now ?? told.window.to;
  const { flows, blocked } = told;
  const heading = (text: string) => on.colours.bold(text);
  const parts = [
    headline(told, on),
    ...notes(told.blind, "not visible:", on),
    ...notes(told.warnings, "warning:", on),
    ...notes(told.conflicts, "conflict:", on),
    ...(blocked === 0
      ? []
      : [wrap(`${blocked} more flow${blocked === 1 ? " is" : "s are"} blocked today already.`, on.width)]),
    ...(flows.length === 0 ? [] : [namespaces(told, on)]),
    ...(breaking(told).length === 0 ? [] : [`${heading("Would break:")}\n${wouldBreak(told, on, now)}`]),
    ...(told.unused.length === 0 ? [] : [`${heading("Unused in this time:")}\n${plain(unusedRows(told), on)}`]),
    ...(told.wide.length === 0
      ? []
      : [`${heading("Wildcards, and what was called under them:")}\n${plain(wideRows(told), on)}`]),
    ...(told.manifests.length === 0
      ? []
      : [
          `${heading("Next:")}\n${step("egress-scout plan --out DIR", "the manifests, a file for each namespace", on)}`,
        ]),
  ];
  return `${parts.join("\n\n")}\n`;
}

function headline(told: PlanTold, { colours, width }: Screen): string {
  const { window, flows, manifests } = told;
  const cluster = legible(told.cluster);
  const broken = breaking(told).length;
  const left = flows.filter((one) => !one.isClosed).length;
  const span = `${clock(window.from)} to ${clock(window.to)}`;
  const then =
    manifests.length === 0
      ? ""
      : ` With the plan's ${manifests.length} manifest${manifests.length === 1 ? "" : "s"}, ${left} would still break.`;
  const text = `${cluster}: REGISTRY_ONLY would break ${broken} of ${flows.length} flows (${span}).${then}`;
  return wrap(text, width).replace(cluster, () => colours.bold(cluster));
}

function notes(texts: readonly string[], label: string, { colours, width }: Screen): string[] {
  const lines = texts.map((one) => wrap(`${label} ${one}`, width, 2).replace(label, () => colours.yellow(label)));
  return lines.length === 0 ? [] : [lines.join("\n")];
}

/** The least ready first; of equals the one with the most to do. A per cent is rounded down: 100 % is all of it. */
function namespaces({ namespaces: all }: PlanTold, on: Screen): string {
  const sorted = all
    .map((one) => ({ ...one, gap: one.flows - one.covered }))
    .sort((a, b) => a.readiness - b.readiness || b.gap - a.gap || (a.namespace < b.namespace ? -1 : 1));
  const rows = sorted.map(({ namespace, readiness, gap, flows, covered }) => [
    ...[namespace, `${on.bar(readiness)} ${String(Math.floor(100 * readiness)).padStart(3)} %`],
    ...[gap, flows, covered].map(String),
  ]);
  const paint: Paint = (text, column, row) => {
    const one = sorted[row - 1];
    if (one === undefined) return on.colours.bold(text);
    if (column !== 1) return text;
    return one.gap === 0 ? on.colours.green(text) : one.covered === 0 ? on.colours.red(text) : on.colours.yellow(text);
  };
  const heads = ["NAMESPACE", "READINESS", "GAP", "FLOWS", "COVERED"];
  return table([heads, ...rows], paint, { ...on.fit, whole: ["READINESS"], leave: ["COVERED", "FLOWS"] });
}

/** At a terminal, why there is no manifest has a line of its own, and the names of the manifests are left to a pipe. */
function wouldBreak(told: PlanTold, on: Screen, now: number): string {
  const all = breaking(told);
  const isPipe = on.width === null;
  const rows = all.map((flow) => {
    const { source, destination, count, lastSeen, owner, noSuggestion } = flow.finding;
    return [
      `${source.namespace}/${source.workload}`,
      `${placeText(destination)} ${destination.protocol}`,
      String(count),
      whenText(lastSeen, now, on),
      legible(owner.team),
      isPipe ? closedBy(flow) : flow.isClosed ? "yes" : "no",
      flow.isClosed || isPipe ? "-" : (noSuggestion ?? "-"),
    ];
  });
  const paint: Paint = (text, column, row) => {
    if (row === 0) return on.colours.bold(text);
    return all[row - 1]?.isClosed === false && (column >= 5 || column === -1) ? on.colours.yellow(text) : text;
  };
  const heads = [
    "WORKLOAD",
    "DESTINATION",
    "COUNT",
    "LAST SEEN",
    "OWNER",
    isPipe ? "CLOSED BY" : "MANIFEST",
    "WHY NOT",
  ];
  if (isPipe)
    return table(
      [heads, ...rows].map((row) => row.slice(0, -1)),
      paint,
    );
  return table([heads, ...rows], paint, {
    ...{ ...on.fit, whole: ["MANIFEST", "LAST SEEN"], extra: ["WHY NOT"], least: { WORKLOAD: 16, DESTINATION: 24 } },
    below: ["WHY NOT", "OWNER", "LAST SEEN", "COUNT"],
  });
}

const plain = (rows: readonly (readonly string[])[], on: Screen) =>
  table(rows, (text, _, row) => (row === 0 ? on.colours.bold(text) : text), {
    ...on.fit,
    below: ["NAMES SEEN", "SERVICEENTRY"],
  });
