/** Who owns a calling workload, by the rules of the config. Pure. */

import type { Owner, Ownership, Source } from "../model.ts";
import { globMatches } from "../words/glob.ts";
import { printable } from "../words/printable.ts";

export interface OwnerRule {
  /** Globs (`*`, `?`) over the whole of each; one left out matches all. */
  match?: { namespace?: string | undefined; workload?: string | undefined; cluster?: string | undefined } | undefined;
  /** The team is the value of a label in Prometheus. */
  label?: { metric: string; name: string } | undefined;
  /** The team is what a file says: the first line that matches decides. */
  file?: { from: "backstage" | "codeowners"; lines: readonly Ownership[] } | undefined;
  team?: string | undefined;
  channels?: readonly string[] | undefined;
}

/** The channels of the teams that have some of their own. */
export type Teams = Readonly<Record<string, { channels?: readonly string[] | undefined }>>;

/** What the label of a rule (by its place) says of a source; null where nothing. */
export type LabelOf = (rule: number, source: Source) => string | null;

/** The team of what no rule tells the team of. */
export const nobody = "unowned";

const longestTeam = 100;

/**
 * The owner by the first rule that tells one. `from` is `config` for a rule with a `match`, `label:NAME`, `backstage` or `codeowners` for
 * one that looks the team up, `default` for one without any; where none tells, the team is `unowned`. A rule whose label or file says
 * nothing is passed over. A team's own channels (`teams`) win over the rule's; a team that was looked up and has neither gets the
 * default's. What others wrote as a team is made printable, unless `teams` has it.
 */
export function resolveOwner(
  source: Source,
  rules: readonly OwnerRule[],
  teams: Teams,
  labelOf: LabelOf = () => null,
): Owner {
  for (const [index, rule] of rules.entries()) {
    if (!applies(rule, source)) continue;
    const { label, file, match } = rule;
    if (label === undefined && file === undefined) {
      return owner(rule.team ?? nobody, match === undefined ? "default" : "config", rule, teams);
    }
    const said = label === undefined ? teamByFile(source, file?.lines ?? []) : labelOf(index, source);
    if (said === null || said === "") continue;
    const team = Object.hasOwn(teams, said) ? said : printable(said, longestTeam).slice(1, -1);
    const from = label === undefined ? (file?.from ?? "") : `label:${label.name}`;
    return owner(team, from, { channels: rule.channels ?? defaultChannels(rules) }, teams);
  }
  return { team: nobody, from: "default", channels: [] };
}

/** The places of the rules whose label may decide about a source: those that come before one that decides without. */
export function labelRules(source: Source, rules: readonly OwnerRule[]): number[] {
  const asked: number[] = [];
  resolveOwner(source, rules, {}, (rule) => {
    asked.push(rule);
    return null;
  });
  return asked;
}

function owner(team: string, from: string, { channels = [] }: Pick<OwnerRule, "channels">, teams: Teams): Owner {
  // A team may be called `constructor`.
  const own = Object.hasOwn(teams, team) ? teams[team] : undefined;
  return { team, from, channels: [...(own?.channels ?? channels)] };
}

const defaultChannels = (rules: readonly OwnerRule[]): readonly string[] | undefined =>
  rules.find(({ match, label, file }) => match === undefined && label === undefined && file === undefined)?.channels;

const teamByFile = (source: Source, lines: readonly Ownership[]): string | null =>
  lines.find((line) => parts.every((part) => globMatches(line[part], source[part])))?.team ?? null;

const parts = ["cluster", "namespace", "workload"] as const;

function applies({ match = {} }: OwnerRule, source: Source): boolean {
  return parts.every((part) => globMatches(match[part] ?? "*", source[part]));
}
