/** A plan → its document (`schema plan`) and its page of Markdown. Pure. */

import type { Destination, Finding, Manifest, Window } from "../model.ts";
import { placeText } from "../words/address.ts";
import { rfc3339 } from "./document.ts";

/** What of a plan is told. */
export interface PlanTold {
  cluster: string;
  window: Window;
  flows: readonly { finding: Finding; isCovered: boolean; isClosed: boolean; why: string; certain: boolean }[];
  namespaces: readonly { namespace: string; flows: number; covered: number; readiness: number }[];
  manifests: readonly Manifest[];
  unused: readonly { namespace: string; name: string; host: string }[];
  wide: readonly { namespace: string; name: string; host: string; names: readonly string[]; count: number }[];
  /** What the manifests would take from others. */
  conflicts: readonly string[];
  blocked: number;
  blind: readonly string[];
  warnings: readonly string[];
}

export function planDocument(told: PlanTold) {
  return {
    schema: "egress-scout/plan@1",
    cluster: told.cluster,
    from: rfc3339(told.window.from),
    to: rfc3339(told.window.to),
    flows: told.flows.length,
    covered: told.flows.filter((one) => one.isCovered).length,
    closed: told.flows.filter((one) => one.isClosed).length,
    wouldBreak: breaking(told).map(({ finding, isClosed, why }) => ({
      source: { ...finding.source },
      destination: placeOf(finding.destination),
      count: finding.count,
      lastSeen: rfc3339(finding.lastSeen),
      owner: { team: finding.owner.team, from: finding.owner.from },
      closed: isClosed,
      why,
      noSuggestion: finding.noSuggestion,
    })),
    namespaces: told.namespaces.map((one) => ({ ...one, readiness: Math.round(one.readiness * 1000) / 1000 })),
    manifests: told.manifests,
    unused: told.unused,
    wide: told.wide,
    conflicts: told.conflicts,
    blocked: told.blocked,
    blind: told.blind,
    warnings: told.warnings,
  };
}

export const breaking = ({ flows }: PlanTold) => flows.filter((one) => !one.isCovered);

const placeOf = ({ verdict, protocol, host, address, port, sni }: Destination) => ({
  verdict,
  protocol,
  host,
  address,
  port,
  sni,
});

const namespaceRows = ({ namespaces }: PlanTold) => [
  ["NAMESPACE", "FLOWS", "COVERED", "READINESS"],
  ...namespaces.map((one) => [one.namespace, `${one.flows}`, `${one.covered}`, one.readiness.toFixed(2)]),
];
export const unusedRows = ({ unused }: PlanTold) => [
  ["NAMESPACE", "SERVICEENTRY", "HOST"],
  ...unused.map((one) => [one.namespace, one.name, one.host]),
];
export const wideRows = ({ wide }: PlanTold) => [
  ["NAMESPACE", "SERVICEENTRY", "HOST", "NAMES SEEN"],
  ...wide.map(({ namespace, name, host, names, count }) => [
    namespace,
    name,
    host,
    `${names.join(", ")}${count > names.length ? ` and ${count - names.length} more` : ""}`,
  ]),
];
const breakingRows = (told: PlanTold) => [
  ["WORKLOAD", "DESTINATION", "COUNT", "LAST SEEN", "OWNER", "CLOSED BY"],
  ...breaking(told).map((flow) => {
    const { source, destination, count, lastSeen, owner } = flow.finding;
    return [
      `${source.namespace}/${source.workload}`,
      `${placeText(destination)} ${destination.protocol}`,
      `${count}`,
      rfc3339(lastSeen).replace(/\.\d+Z/, "Z"),
      owner.team,
      closedBy(flow),
    ];
  }),
];

/** The manifest of the plan that takes the flow, or `-` and why there is none. */
export function closedBy({ finding: { suggestions, noSuggestion }, isClosed }: PlanTold["flows"][number]): string {
  const entry = suggestions[0]?.manifest;
  if (isClosed && entry !== undefined && "metadata" in entry) return entry.metadata.name;
  return `- ${noSuggestion ?? ""}`.trim();
}

/** For a review: a page of Markdown. */
export function planMarkdown(told: PlanTold): string {
  const covered = told.flows.filter((one) => one.isCovered).length;
  const rows = [namespaceRows(told), breakingRows(told), unusedRows(told), wideRows(told)].map(markdownTable);
  return [
    `# ${told.cluster}: what REGISTRY_ONLY would break`,
    `${told.flows.length - covered} of ${told.flows.length} flows, ${rfc3339(told.window.from)} to ${rfc3339(told.window.to)}.`,
    "Readiness is the share of a namespace's flows that the manifests in force cover.",
    rows[0] ?? "",
    "## Would break",
    rows[1] ?? "",
    "## Unused ServiceEntries",
    rows[2] ?? "",
    "## Wildcards, and what was called under them",
    rows[3] ?? "",
    ...[...told.conflicts, ...told.blind, ...told.warnings].map((one) => `- ${escaped(one)}`),
    "",
  ].join("\n\n");
}

function markdownTable(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---|").join("")}`, ...body.map(line)].join("\n");
}

/** Untrusted text was made printable where it entered; Markdown's own characters are left. */
const escaped = (text: string): string => text.replace(/[\\`*_{}[\]()#+!|~<>-]/g, "\\$&");
