/** A plan → what is proposed to each team. Pure. */
import type { Finding, Manifest, Window } from "../model.ts";
import { branchPrefix, pathOf, slug } from "./names.ts";

/** What of a plan is proposed. */
export interface Proposable {
  cluster: string;
  window: Window;
  flows: readonly { finding: Finding; isCovered: boolean; isClosed: boolean; why: string }[];
  manifests: readonly Manifest[];
  conflicts: readonly string[];
  blind: readonly string[];
}

/** A flow that would break, and the file that closes it; null where none does. */
export interface ProposedFlow {
  finding: Finding;
  path: string | null;
  why: string;
}

export interface Proposal {
  cluster: string;
  team: string;
  branch: string;
  title: string;
  window: Window;
  /** Texts by path, in order of path. */
  files: ReadonlyMap<string, string>;
  /** Those that the files close, other teams' among them. */
  flows: readonly ProposedFlow[];
  /** The team's others that would break all the same, or that another team's files close. */
  open: readonly ProposedFlow[];
  blind: readonly string[];
  /** What the files would take from other flows or entries, as far as it names them. */
  conflicts: readonly string[];
}

/** More is not read in one review: the rest comes when these are merged. */
const mostFiles = 500;

/**
 * One proposal for each team that a manifest of the plan is for, in order of the team. A manifest that several teams' flows need is the
 * first one's, by name: two pull requests never hold the same file.
 * @param yaml a manifest's text
 * @param titleOf the title by a team's name
 */
export function proposals(
  plan: Proposable,
  yaml: (manifest: Manifest) => string,
  titleOf: (team: string) => string,
): Proposal[] {
  const manifests = new Map(plan.manifests.map((one) => [pathIn(one), one]));
  const breaking = plan.flows
    .filter((one) => !one.isCovered)
    .map(({ finding, why }): ProposedFlow => {
      const path = suggestedPath(finding);
      return { finding, path: path !== null && manifests.has(path) ? path : null, why };
    });
  const owners = ownersByPath(breaking);
  const teams = [...new Set(owners.values())].sort();
  return teams.map((team) => {
    const own = [...owners].filter(([, owner]) => owner === team).map(([path]) => path);
    const paths = own.sort().slice(0, mostFiles);
    const files = new Map(
      paths.flatMap((path) => {
        const manifest = manifests.get(path);
        return manifest === undefined ? [] : [[path, yaml(manifest)] as const];
      }),
    );
    const isHere = ({ path }: ProposedFlow) => path !== null && files.has(path);
    return {
      ...{ cluster: plan.cluster, team, branch: `${branchPrefix(plan.cluster)}${slug(team)}`, title: titleOf(team) },
      window: plan.window,
      files,
      flows: breaking.filter(isHere),
      open: breaking.filter((one) => one.finding.owner.team === team && !isHere(one)),
      blind: plan.blind,
      conflicts: plan.conflicts.filter((one) => paths.some((path) => one.includes(path.replace(/\.yaml$/, "")))),
    };
  });
}

function ownersByPath(flows: readonly ProposedFlow[]): Map<string, string> {
  const owners = new Map<string, string>();
  for (const { path, finding } of flows) {
    const before = path === null ? undefined : owners.get(path);
    const { team } = finding.owner;
    if (path !== null && (before === undefined || team < before)) owners.set(path, team);
  }
  return owners;
}

function suggestedPath({ suggestions: [first] }: Finding): string | null {
  return first !== undefined && "metadata" in first.manifest ? pathIn(first.manifest) : null;
}

const pathIn = ({ metadata }: Manifest): string => pathOf(metadata.namespace ?? "default", metadata.name);
