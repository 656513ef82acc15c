/** A run for a person at a terminal: what happened in a line, what to mind, the findings by owner, and what to do next. Pure. */
import { type Finding, isSilenced } from "../model.ts";
import { legible } from "../words/printable.ts";
import { rfc3339, scanDocument, type Told } from "./document.ts";
import { details } from "./finding-details.ts";
import { byOwner, findingTable } from "./findings-text.ts";
import { type Screen, screen, type TextSettings } from "./screen.ts";
import { step, wrap } from "./width.ts";

export type { TextSettings } from "./screen.ts";

/** The text, ending in a newline. Everything untrusted in it was made printable where it entered. */
export function scanText(told: Told, settings: TextSettings): string {
  const on = screen(settings);
  const now = settings.now ?? told.window.to;
  const groups = byOwner(told.findings);
  const inOrder = groups.flatMap(([, findings]) => findings);
  const parts = [
    headline(told, on),
    ...notes(told, on),
    ...(inOrder.length === 0 ? [] : [findingTable(groups, on, now), ...details(inOrder, on, now)]),
    ...deliveries(told),
    ...next(inOrder, on),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** The manifests alone, each once, as a stream for `kubectl apply -f -`; empty where there is none. */
export function scanYaml(told: Told): string {
  const yamls = told.findings.flatMap(({ suggestions: [first] }) => (first === undefined ? [] : [first.yaml]));
  return [...new Set(yamls)].map((yaml) => `---\n${yaml}`).join("");
}

/** What happened, in a line. */
export function headline(told: Told, { colours, width }: Screen): string {
  const { window, findings, observations, known } = told;
  const cluster = legible(told.cluster);
  const seconds = (time: number) => rfc3339(time).replace(/\.\d+Z$/, "Z");
  const span = `${seconds(window.from)} to ${seconds(window.to)}`;
  const bold = (text: string) => text.replace(cluster, () => colours.bold(cluster));
  if (told.mode === "learn") {
    const learned = scanDocument(told).learned ?? { destinations: 0, workloads: 0 };
    const text =
      `${cluster}: first run, learned ${learned.destinations} destinations of ${learned.workloads} workloads ` +
      `(${span}). From the next run on, what is new is reported.`;
    return bold(wrap(text, width));
  }
  const loud = findings.filter((one) => !isSilenced(one));
  const over = loud.filter((one) => one.state === "resolved").length;
  const changed = loud.filter((one) => one.state === "open" && told.changed?.has(one.id)).length;
  const fresh = loud.length - over - changed;
  const silent = findings.length - loud.length;
  const counts = [
    fresh === 0 ? "nothing new" : `${fresh} new`,
    ...(changed === 0 ? [] : [`${changed} changed`]),
    ...(over === 0 ? [] : [`${over} over`]),
    ...(silent === 0 ? [] : [`${silent} silenced by verdicts`]),
  ];
  return bold(wrap(`${cluster}: ${counts.join(", ")}, ${known} of ${observations} known (${span}).`, width));
}

/** What could not be seen, and what the run warns of. */
export function notes({ blind, warnings }: Told, { colours, width }: Screen): string[] {
  const said = (label: string, text: string) =>
    wrap(`${label} ${text}`, width, 2).replace(label, () => colours.yellow(label));
  const lines = [...blind.map((one) => said("not visible:", one)), ...warnings.map((one) => said("warning:", one))];
  return lines.length === 0 ? [] : [lines.join("\n")];
}

const many = (count: number) => `${count} finding${count === 1 ? "" : "s"}`;

function deliveries({ deliveries: all, wouldSend }: Told): string[] {
  const lines = [
    ...all.map(
      ({ letter: { channel, message }, ok }) =>
        `${ok ? "told" : "NOT told"} ${channel} (${legible(message.team)}): ${many(message.findings.length)}`,
    ),
    ...(wouldSend ?? []).map(
      ({ channel, message }) => `would tell ${channel} (${legible(message.team)}): ${many(message.findings.length)}`,
    ),
  ];
  return lines.length === 0 ? [] : [lines.join("\n")];
}

/** What a person can do about what is open; by the id of the worst. */
function next(findings: readonly Finding[], on: Screen): string[] {
  const loud = findings.filter((one) => one.state === "open" && !isSilenced(one));
  const [first] = loud;
  if (first === undefined) return [];
  const steps = [
    step(`egress-scout verdict set ${first.id} expected`, "or approved, denied, snoozed", on),
    ...(loud.some((one) => one.suggestions.length > 0)
      ? [step("kubectl apply -f FILE", "with a manifest from above", on)]
      : []),
  ];
  return [[on.colours.bold("Next:"), ...steps].join("\n")];
}
