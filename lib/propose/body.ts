/** A proposal → what its pull request says: the evidence, how to say yes, how to say no. Markdown, pure. */
import { code, sentence, spoken, within } from "./markdown.ts";
import { hash } from "./names.ts";
import type { Proposal, ProposedFlow } from "./proposal.ts";

/** Stays as long as the body says the same: calls and times are left out, which differ from plan to plan. */
export function factsOf({ flows, open, files }: Proposal): string {
  const of = ({ finding: { source, destination: to, owner }, path }: ProposedFlow) => [
    ...[source.namespace, source.workload, owner.team, to.protocol, to.host ?? to.address, to.port, path],
  ];
  return hash(JSON.stringify([flows.map(of), open.map(of), [...files.keys()]])).slice(0, 16);
}

/** At most `room` characters: where it would be more, tables end earlier and say how many rows are left out. */
export function bodyOf(proposal: Proposal, folder: string, room: number): string {
  const { cluster, team, files, flows, open, blind, window } = proposal;
  const head = [
    `What workloads of ${spoken(team)} in the cluster ${code(cluster)} called from ${day(window.from)} to ${day(window.to)} (UTC), and what lets them go on under \`REGISTRY_ONLY\`: ${count(files.size, "file")} below ${code(folder)}.`,
    "",
    "### Evidence",
    "",
    "",
  ].join("\n");
  const tail = `\n${howTo}`;
  const share = (part: number) => Math.max(0, Math.floor((room - head.length - tail.length - 1_500) * part));
  return [
    head,
    tabled(
      ["From", "To", "Calls", "Last call (UTC)", "Name", "File"],
      flows.map((one) => row(one, team)),
      share(0.5),
    ),
    listed("### Still open", open.map(stillOpen), share(0.12)),
    listed("### Mind", [...proposal.conflicts.map(sentence), ...warningsOf(flows)], share(0.15)),
    listed("### Not seen", blind.map(sentence), share(0.05)),
    tail,
    verdicts(flows, share(0.15)),
  ].join("");
}

const howTo = `### What to do

- **Yes**: merge it, and have the folder applied as the rest of this repository is. The next plan leaves out what is in force (\`--existing\`).
- **Not like this**: push to this branch; a branch with commits of others is left as it is.
- **No**: close it. The same files are not proposed again; others are. \`egress-scout verdict set ID denied\` says so of one destination
  everywhere, and calls to it are an alarm from then on.

`;

function row({ finding, path }: ProposedFlow, team: string): string {
  const { source, destination: to, count: calls, lastSeen, names, owner } = finding;
  const [name] = names;
  const whose = owner.team === team ? "" : ` of ${spoken(owner.team)}`;
  const told = name === undefined ? "none" : `${code(name.name)} ${name.trust} (${name.from})`;
  return line([
    `${code(`${source.namespace}/${source.workload}`)}${whose}`,
    `${code(`${placeOf(to)}:${to.port ?? "?"}`)} ${to.protocol}`,
    `${calls}`,
    day(lastSeen),
    told,
    code(path ?? ""),
  ]);
}

const placeOf = ({ host, address, claim }: ProposedFlow["finding"]["destination"]) =>
  host ?? address ?? claim ?? "unknown";
const arrow = ({ source, destination: to }: ProposedFlow["finding"]) =>
  `${code(`${source.namespace}/${source.workload}`)} to ${code(`${placeOf(to)}:${to.port ?? "?"}`)}`;

function stillOpen({ finding, path, why }: ProposedFlow): string {
  if (path !== null) return `${arrow(finding)}: ${code(path)} is in another pull request`;
  return `${arrow(finding)}: ${sentence(finding.noSuggestion ?? why)}`;
}

function warningsOf(flows: readonly ProposedFlow[]): string[] {
  const said = flows.flatMap(({ finding: { suggestions }, path }) => {
    const [first] = suggestions;
    const patch = first?.patch;
    const warnings = (first?.warnings ?? []).map((one) => `${code(path ?? "")}: ${sentence(one)}`);
    if (patch === undefined) return warnings;
    return [
      ...warnings,
      `${code(path ?? "")} is an entry in force with something added. It is from ${code(patch.file)}: where that file is in Git, change it there, and leave this one out.`,
    ];
  });
  return [...new Set(said)];
}

/** What a person needs to say no to one destination. */
function verdicts(flows: readonly ProposedFlow[], room: number): string {
  const rows = flows.map(({ finding }) => line([arrow(finding), code(finding.id)]));
  return `<details><summary>The ids</summary>\n\n${tabled(["Destination", "ID"], rows, room)}\n</details>`;
}

function tabled(heads: readonly string[], rows: readonly string[], room: number): string {
  const { text, left } = within(rows, room);
  return `${line(heads)}\n|${heads.map(() => "---|").join("")}\n${text}${more(left)}`;
}

function listed(title: string, texts: readonly string[], room: number): string {
  if (texts.length === 0) return "";
  const { text, left } = within(
    texts.map((one) => `- ${one}`),
    room,
  );
  return `\n${title}\n\n${text}${more(left)}`;
}

const more = (left: number) => (left === 0 ? "" : `\nand ${left} more: \`egress-scout plan\` shows all.\n`);
const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
const day = (time: number) => new Date(time).toISOString().slice(0, 16).replace("T", " ");
const count = (many: number, what: string) => `${many} ${what}${many === 1 ? "" : "s"}`;
