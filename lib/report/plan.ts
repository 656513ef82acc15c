/** A plan → its document (CONTRACT.md §2), text and Markdown. Pure. */
import type { Destination, Finding, Manifest, Window } from "../model.ts";
import { rfc3339 } from "./document.ts";
import { table } from "./table.ts";

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

const breaking = ({ flows }: PlanTold) => flows.filter((one) => !one.isCovered);

const placeOf = ({ verdict, protocol, host, address, port, sni }: Destination) => ({
  verdict,
  protocol,
  host,
  address,
  port,
  sni,
});

/** For a person at a terminal; ends in a newline. */
export function planText(told: PlanTold): string {
  const { cluster, window, flows, manifests, blocked } = told;
  const covered = flows.filter((one) => one.isCovered).length;
  const closed = flows.filter((one) => one.isClosed).length;
  const span = `${rfc3339(window.from)} to ${rfc3339(window.to)}`;
  const broken = flows.length - covered;
  const parts = [
    `${cluster}: REGISTRY_ONLY would break ${broken} of ${flows.length} flows (${span}). With the plan's ${manifests.length} manifests, ${flows.length - closed} would still break.`,
    ...lines(told.blind, "not visible"),
    ...lines(told.warnings, "warning"),
    ...lines(told.conflicts, "conflict"),
    ...(blocked === 0 ? [] : [`${blocked} more flows are blocked today already.`]),
    ...(flows.length === 0 ? [] : [plain(namespaceRows(told))]),
    ...(broken === 0 ? [] : [plain(breakingRows(told))]),
    ...(told.unused.length === 0 ? [] : [`Unused in this time:\n${plain(unusedRows(told))}`]),
    ...(told.wide.length === 0 ? [] : [`Wildcards, and what was called under them:\n${plain(wideRows(told))}`]),
  ];
  return `${parts.join("\n\n")}\n`;
}

const lines = (texts: readonly string[], head: string) =>
  texts.length === 0 ? [] : [texts.map((one) => `${head}: ${one}`).join("\n")];
const plain = (rows: readonly (readonly string[])[]) => table(rows, (text) => text);

const namespaceRows = ({ namespaces }: PlanTold) => [
  ["NAMESPACE", "FLOWS", "COVERED", "READINESS"],
  ...namespaces.map((one) => [one.namespace, `${one.flows}`, `${one.covered}`, one.readiness.toFixed(2)]),
];
const unusedRows = ({ unused }: PlanTold) => [
  ["NAMESPACE", "SERVICEENTRY", "HOST"],
  ...unused.map((one) => [one.namespace, one.name, one.host]),
];
const wideRows = ({ wide }: PlanTold) => [
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
  ...breaking(told).map(({ finding, isClosed }) => {
    const { source, destination, count, lastSeen, owner, suggestions, noSuggestion } = finding;
    const { host, address, port, protocol, claim } = destination;
    const entry = suggestions[0]?.manifest;
    const by = isClosed && entry !== undefined && "metadata" in entry ? entry.metadata.name : `- ${noSuggestion ?? ""}`;
    return [
      `${source.namespace}/${source.workload}`,
      `${host ?? address ?? claim ?? "unknown"}:${port ?? "?"} ${protocol}`,
      `${count}`,
      rfc3339(lastSeen).replace(/\.\d+Z/, "Z"),
      owner.team,
      by.trim(),
    ];
  }),
];

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
