/** Who owns what in a run: the rules of the config, the labels that they read, and what of it nobody knows. */
import { labelRules, nobody, type OwnerRule, resolveOwner, type Teams } from "./enrich/owner.ts";
import { type LabelSaid, labelsBySource } from "./enrich/owner-label.ts";
import { asScoutError } from "./errors.ts";
import type { Owner, Source } from "./model.ts";
import { isLabelPlace, type LabelPlace, ownerLabels } from "./poll/owner-labels.ts";
import type { Telemetry } from "./poll/telemetry.ts";
import { printable } from "./words/printable.ts";

export interface OwnerParts {
  telemetry: Telemetry;
  owners: readonly OwnerRule[];
  teams: Teams;
}

export interface Owners {
  ownerOf(source: Source): Owner;
  /** Null where a label might say and was not asked for: of namespaces without a finding. */
  teamOf(source: Source): string | null;
  /** Why labels that may decide were not there: then owners may be wrong. Null where all were. */
  unsure: string | null;
  warnings: string[];
}

interface Asked {
  said: ReadonlyMap<number, (source: Source) => LabelSaid | null>;
  namespaces: ReadonlySet<string>;
  unsure: string | null;
  warnings: string[];
}

/**
 * The owners of some sources. Labels are asked for in one query, and only where a rule may need one; where Prometheus does not tell,
 * the next rule decides, and the warnings say so.
 * @param sources those of a run's findings, one for each
 * @param at ms
 */
export async function ownersOf(
  { telemetry, owners, teams }: OwnerParts,
  sources: readonly Source[],
  { at, matchers }: { at: number; matchers: string },
): Promise<Owners> {
  const { said, namespaces, unsure, warnings } = await askLabels(telemetry, owners, sources, { at, matchers });
  const labelOf = (rule: number, source: Source) => said.get(rule)?.(source)?.value ?? null;
  const known = new Map<string, Owner>();
  const ownerOf = (source: Source): Owner => {
    const key = JSON.stringify([source.cluster, source.namespace, source.workload]);
    const one = known.get(key) ?? resolveOwner(source, owners, teams, labelOf);
    known.set(key, one);
    return { ...one, channels: [...one.channels] };
  };
  return {
    ownerOf,
    teamOf: (source) => {
      const isSure = labelRules(source, owners).every((rule) => said.has(rule) && namespaces.has(source.namespace));
      return isSure ? ownerOf(source).team : null;
    },
    unsure,
    warnings: [...warnings, ...doubts(owners, said, sources), ...unowned(owners, sources, ownerOf)],
  };
}

async function askLabels(
  telemetry: Telemetry,
  rules: readonly OwnerRule[],
  sources: readonly Source[],
  when: { at: number; matchers: string },
): Promise<Asked> {
  const needed = new Set<number>();
  const namespaces = new Set<string>();
  for (const source of distinct(sources)) {
    const asked = source.namespace === "" ? [] : labelRules(source, rules);
    for (const rule of asked) needed.add(rule);
    if (asked.length > 0) namespaces.add(source.namespace);
  }
  const all = [...needed]
    .sort((a, b) => a - b)
    .flatMap((rule): [number, LabelPlace][] => {
      const label = rules[rule]?.label;
      return label === undefined ? [] : [[rule, label]];
    });
  const places = all.filter(([, place]) => isLabelPlace(place));
  const warnings = all
    .filter(([, place]) => !isLabelPlace(place))
    .map(([rule]) => `owners[${rule}].label is no name that Prometheus can have: the rule is passed over`);
  if (places.length === 0) return { said: new Map(), namespaces, unsure: null, warnings };
  try {
    const found = await ownerLabels(
      telemetry,
      places.map(([, place]) => place),
      [...namespaces].sort(),
      when,
    );
    const said = new Map(places.map(([rule], index) => [rule, labelsBySource(found[index]?.labels ?? [])]));
    const missing = places
      .filter((_, index) => found[index]?.isThere !== true)
      .map(([rule, place]) => notThere(rule, place));
    return { said, namespaces, unsure: missing[0] ?? null, warnings: [...warnings, ...missing] };
  } catch (thrown) {
    const { code, message } = asScoutError(thrown);
    if (code === "internal" || code === "interrupted") throw thrown;
    const failed = `owners: labels could not be asked for (${code}: ${message}): the next owner rules decide, and may be wrong`;
    return { said: new Map(), namespaces, unsure: failed, warnings: [...warnings, failed] };
  }
}

const notThere = (rule: number, { metric, name }: LabelPlace): string =>
  `owners[${rule}]: Prometheus has no ${metric} with the label ${name}: the rule is passed over (egress-scout doctor says how to mend it)`;

/** Of which workloads a label says two things. */
function doubts(rules: readonly OwnerRule[], said: Asked["said"], sources: readonly Source[]): string[] {
  return [...said].flatMap(([rule, labelOf]) => {
    const several = distinct(sources)
      .filter((one) => labelRules(one, rules).includes(rule))
      .flatMap((source) => ({ source, all: labelOf(source)?.all ?? [] }))
      .filter(({ all }) => all.length > 1);
    const [first] = several;
    if (first === undefined) return [];
    const values = first.all.slice(0, 3).map((value) => printable(value, 40));
    const more = first.all.length > values.length ? ", ..." : "";
    const of = `${place(first.source)}: ${values.join(", ")}${more}`;
    const text = `owners[${rule}]: ${rules[rule]?.label?.name} has several values for ${some(several.length, "workload")} (${of})`;
    return [`${text}: the one that most series have decides, else the first in order`];
  });
}

/** A gap that is seen: whose findings nobody is named for, though the config has rules. */
function unowned(rules: readonly OwnerRule[], sources: readonly Source[], ownerOf: Owners["ownerOf"]): string[] {
  if (rules.length === 0) return [];
  const without = sources.filter((one) => ownerOf(one).team === nobody);
  const [first] = without;
  if (first === undefined) return [];
  const channels = new Set(without.flatMap((one) => ownerOf(one).channels));
  const told = channels.size === 0 ? "no owner's channel is told" : `told to ${[...channels].sort().join(", ")}`;
  return [
    `${some(without.length, "finding")} without an owner (${place(first)}, for example): no rule of owners tells a team; ${told}`,
  ];
}

function distinct(sources: readonly Source[]): Source[] {
  return [...new Map(sources.map((one) => [JSON.stringify([one.cluster, one.namespace, one.workload]), one])).values()];
}

const some = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

function place({ cluster, namespace, workload }: Source): string {
  const text = namespace === "" ? cluster : `${namespace}/${workload}`;
  return printable(text, 120).slice(1, -1);
}
