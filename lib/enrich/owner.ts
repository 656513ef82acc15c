/** Who owns a calling workload, by the rules of the config. Pure. */
import { globMatches } from "../glob.ts";
import type { Owner, Source } from "../model.ts";

export interface OwnerRule {
  /** Globs (`*`, `?`) over the whole of each; one left out matches all. */
  match?: { namespace?: string | undefined; workload?: string | undefined; cluster?: string | undefined } | undefined;
  /** The team is the value of a label in Prometheus: not read yet, so a rule with one is passed over. */
  label?: { metric: string; name: string } | undefined;
  team?: string | undefined;
  channels?: readonly string[] | undefined;
}

const nobody = "unowned";

/**
 * The owner by the first rule that applies: `from` is `config` for one with a `match`, `default` for one without; where none
 * applies, the team `unowned` without channels. The team's own channels, where `teams` has it, win over the rule's.
 */
export function resolveOwner(
  source: Source,
  rules: readonly OwnerRule[],
  teams: Readonly<Record<string, { channels: readonly string[] }>>,
): Owner {
  const rule = rules.find((one) => one.label === undefined && applies(one, source));
  if (rule === undefined) return { team: nobody, from: "default", channels: [] };
  const team = rule.team ?? nobody;
  // A team may be called `constructor`.
  const own = Object.hasOwn(teams, team) ? teams[team] : undefined;
  return {
    team,
    from: rule.match === undefined ? "default" : "config",
    channels: [...(own?.channels ?? rule.channels ?? [])],
  };
}

function applies({ match = {} }: OwnerRule, source: Source): boolean {
  return (["cluster", "namespace", "workload"] as const).every((part) => globMatches(match[part] ?? "*", source[part]));
}
