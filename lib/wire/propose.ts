/** Config → the repository that `plan --pull-request` goes to, and what a plan proposes there. Picks the adapter. */
import type { Config, Secret } from "../config/schema.ts";
import { ScoutError } from "../errors.ts";
import type { EntryInForce } from "../model.ts";
import type { Planned } from "../plan.ts";
import type { Knowledge } from "../propose/close.ts";
import { dry } from "../propose/dry.ts";
import { titled } from "../propose/markdown.ts";
import { pathOf, slug } from "../propose/names.ts";
import { proposals } from "../propose/proposal.ts";
import { propose } from "../propose/propose.ts";
import type { Proposed } from "../propose/proposed.ts";
import type { Repository } from "../propose/repository.ts";
import { toYaml } from "../suggest/yaml.ts";
import { parseDuration } from "../words/duration.ts";
import type { Machine } from "./call.ts";
import { lookUp, type Missing, refuseMissing, revealing } from "./secrets.ts";

export interface Proposing {
  repository: Repository;
  folder: string;
  reviewersOf: (team: string) => readonly string[];
}

/**
 * The repository of the config, asked nothing yet.
 * @throws ScoutError `usage` where the config has none; ConfigError, `secret/unavailable` for its token
 */
export async function wirePropose(
  config: Config,
  cluster: string,
  { dryRun }: { dryRun: boolean },
  machine: Machine,
): Promise<Proposing> {
  const { pullRequests } = config;
  if (pullRequests === undefined) {
    const mend = "add pullRequests: { github: { repository: OWNER/NAME, token: { env: NAME } } }";
    throw new ScoutError("usage", "--pull-request: the config has no pullRequests", { mend });
  }
  const host = "github" in pullRequests ? pullRequests.github : pullRequests.gitlab;
  const token = await tokenOf(config, host.token, machine);
  const { apiUrl, base = null, draft, labels } = host;
  const settings = { ...{ token, apiUrl, base, draft, labels }, timeout: parseDuration(host.timeout) ?? 0 };
  const repository =
    "repository" in host
      ? (await import("../propose/github.ts")).github({ ...settings, repository: host.repository })
      : (await import("../propose/gitlab.ts")).gitlab({ ...settings, project: host.project });
  const reviewersOf = (team: string) => {
    const own = Object.hasOwn(config.teams, team) ? (config.teams[team]?.reviewers ?? []) : [];
    return own.length > 0 ? own : host.reviewers;
  };
  const folder = host.folder.replaceAll("{cluster}", slug(cluster));
  return { repository: dryRun ? dry(repository) : repository, folder, reviewersOf };
}

async function tokenOf(config: Config, reference: Secret, machine: Machine): Promise<string> {
  const aws = await lookUp((note) => void note(reference), machine);
  const missing: Missing = { mistakes: [], away: [] };
  const token = revealing("pullRequests", config, machine, aws, missing)(reference).trim();
  const isNone = missing.mistakes.length + missing.away.length === 0 && !/^[!-~]+$/.test(token);
  if (isNone) missing.mistakes.push("pullRequests: the token is empty, or holds what no token does");
  refuseMissing(missing);
  return token;
}

/**
 * Brings the pull requests to what a plan says.
 * @param entries those in force
 * @throws ScoutError where the repository cannot be read, or the plan's owners may be wrong: whoever is asked then is asked for others
 */
export async function proposePlan(
  planned: Planned,
  entries: readonly Pick<EntryInForce, "namespace" | "name">[],
  { repository, ...settings }: Proposing,
): Promise<{ done: Proposed[]; warnings: string[] }> {
  if (planned.unsureOwners !== null) {
    const said = `nothing is proposed, since owners may be wrong: ${planned.unsureOwners}`;
    throw new ScoutError("prometheus/unavailable", said);
  }
  const all = proposals(planned, toYaml, (team) => `Egress of ${titled(team)} in ${titled(planned.cluster)}`);
  const knowledge: Knowledge = {
    inForce: new Set(entries.map(({ namespace, name }) => pathOf(namespace, name))),
    planned: new Set(planned.manifests.map(({ metadata }) => pathOf(metadata.namespace ?? "default", metadata.name))),
    doubt: doubtOf(planned),
  };
  return await propose(all, planned.cluster, repository, settings, knowledge);
}

function doubtOf({ flows, blind: [first] }: Planned): string | null {
  if (flows.length === 0) return "the plan saw no flow at all";
  return first === undefined ? null : `the plan could not see everything: ${first}`;
}
