/** A run for a person at a terminal: what happened in a line, a table, what to mind, then the YAML. Pure. */
import picocolors from "picocolors";
import { placeText } from "../address.ts";
import { clock } from "../duration.ts";
import { type Finding, isSilenced, type Name, type Suggestion, type Verdict } from "../model.ts";
import { printable } from "../printable.ts";
import { rfc3339, scanDocument, type Told } from "./document.ts";
import { table } from "./table.ts";

export interface TextSettings {
  colour: boolean;
}

type Colours = ReturnType<typeof picocolors.createColors>;

/** The text, ending in a newline. Everything untrusted in it was made printable where it entered. */
export function scanText(told: Told, { colour }: TextSettings): string {
  const colours = picocolors.createColors(colour);
  const parts = [
    headline(told, colours),
    ...notes(told, colours),
    ...(told.findings.length === 0 ? [] : [findingTable(told.findings, colours), ...remarks(told.findings, colours)]),
    ...deliveries(told),
    ...manifests(told.findings, colours),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** The manifests alone, each once, as a stream for `kubectl apply -f -`; empty where there is none. */
export function scanYaml(told: Told): string {
  return distinct(told.findings)
    .map(({ suggestion }) => `---\n${suggestion.yaml}`)
    .join("");
}

function headline(told: Told, colours: Colours): string {
  const { cluster, window, findings, observations, known } = told;
  const span = `${rfc3339(window.from)} to ${rfc3339(window.to)}`;
  if (told.mode === "learn") {
    const learned = scanDocument(told).learned ?? { destinations: 0, workloads: 0 };
    return (
      `${colours.bold(cluster)}: first run, learned ${learned.destinations} destinations of ${learned.workloads} workloads ` +
      `(${span}). From the next run on, what is new is reported.`
    );
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
  return `${colours.bold(cluster)}: ${counts.join(", ")}, ${known} of ${observations} known (${span}).`;
}

function notes({ blind, warnings }: Told, colours: Colours): string[] {
  const lines = [
    ...blind.map((one) => `${colours.yellow("not visible:")} ${one}`),
    ...warnings.map((one) => `${colours.yellow("warning:")} ${one}`),
  ];
  return lines.length === 0 ? [] : [lines.join("\n")];
}

const severityColour = { critical: "red", warning: "yellow", info: "cyan" } as const;

function findingTable(findings: readonly Finding[], colours: Colours): string {
  const head = ["SEVERITY", "FINDING", "WORKLOAD", "DESTINATION", "COUNT", "FIRST SEEN", "NAME", "OWNER"];
  const rows = findings.map((one) => [
    one.state === "resolved" ? "resolved" : one.severity,
    one.kind,
    one.kind === "blind" ? "-" : `${one.source.namespace}/${one.source.workload}`,
    destinationText(one),
    String(one.count),
    rfc3339(one.firstSeen).replace(".000Z", "Z"),
    nameText(one.names),
    one.owner.team,
  ]);
  return table([head, ...rows], (text, column, row) => {
    const finding = findings[row - 1];
    if (finding === undefined) return colours.bold(text);
    if (column !== 0) return text;
    return finding.state === "resolved" ? colours.green(text) : colours[severityColour[finding.severity]](text);
  });
}

function destinationText({ kind, destination, destinations }: Finding): string {
  if (kind === "blind") return "-";
  if (destinations !== null) return `${destinations} destinations`;
  return `${placeText(destination)} ${destination.protocol}`;
}

const nameText = ([best]: readonly Name[]) => (best === undefined ? "-" : `${best.name} (${best.trust})`);

/** One sentence for each finding, and why there is no manifest where there is none. */
function remarks(findings: readonly Finding[], colours: Colours): string[] {
  const lines = findings.map((one) => {
    const none = one.noSuggestion === null ? "" : `\n  ${colours.yellow("no manifest:")} ${one.noSuggestion}`;
    const silent = isSilenced(one) && one.verdict !== undefined ? `\n  silenced: ${decided(one.verdict)}` : "";
    return `- ${one.summary} ${colours.dim(`[${one.id}]`)}${silent}${none}`;
  });
  return [lines.join("\n")];
}

function decided({ verdict, by, until, reason }: Verdict): string {
  const parts = [by === null ? "" : ` by ${printable(by)}`, until === null ? "" : ` until ${clock(until)}`];
  return `${verdict}${parts.join("")}${reason === null ? "" : `: ${printable(reason)}`}`;
}

function deliveries({ deliveries: all, wouldSend }: Told): string[] {
  const lines = [
    ...all.map(
      ({ letter, ok }) =>
        `${ok ? "told" : "NOT told"} ${letter.channel} (${letter.message.team}): ${letter.message.findings.length} findings`,
    ),
    ...(wouldSend ?? []).map(
      ({ channel, message }) => `would tell ${channel} (${message.team}): ${message.findings.length} findings`,
    ),
  ];
  return lines.length === 0 ? [] : [lines.join("\n")];
}

function manifests(findings: readonly Finding[], colours: Colours): string[] {
  return distinct(findings).map(({ finding, suggestion }) => {
    const { why, warnings, confidence } = suggestion;
    const comments = [
      `${finding.source.namespace}, confidence ${confidence}`,
      ...why,
      ...warnings.map((one) => `Mind: ${one}`),
    ];
    return `---\n${comments.map((one) => colours.dim(`# ${one}`)).join("\n")}\n${suggestion.yaml.trimEnd()}`;
  });
}

/** Findings about one host share one manifest: each is printed once, in the order of the findings. */
function distinct(findings: readonly Finding[]): { finding: Finding; suggestion: Suggestion }[] {
  const seen = new Set<string>();
  return findings.flatMap((finding) => {
    const suggestion = finding.suggestions[0];
    if (suggestion === undefined || seen.has(suggestion.yaml)) return [];
    seen.add(suggestion.yaml);
    return [{ finding, suggestion }];
  });
}
