/** What a run found → what a person reads of it: the owner, names, one sentence, and a manifest or why there is none. No I/O of its own. */
import { inOrder } from "./detect/index.ts";
import { enrich } from "./enrich/enrich.ts";
import type { Looked } from "./look.ts";
import type { ExistingEntry, ExistingObject, Finding, Sighting } from "./model.ts";
import type { Said } from "./notify/letters.ts";
import { type OwnerParts, ownersOf } from "./owners.ts";
import { withNames } from "./recognise.ts";
import type { SuggestSettings, TeamOf } from "./suggest/suggest.ts";
import type { Judged } from "./verdicts/judge.ts";
import { withNotes } from "./verdicts/notes.ts";
import { denialsOf, type Rulings } from "./verdicts/rulings.ts";
import { type Gateway, isGateway } from "./words/gateway.ts";
import type { Log } from "./words/log.ts";
import type { Memory } from "./words/memory.ts";

interface Parts extends OwnerParts {
  objects: readonly ExistingObject[];
  entries: readonly ExistingEntry[];
  log: Log;
}

interface Order {
  to: number;
  dryRun: boolean;
  lateNames: boolean;
  matchers: string;
  gateway?: Gateway | null;
  suggest: SuggestSettings;
}

/** What a run has come to when it is to be described. */
export interface Concluded {
  judged: Judged;
  /** Findings from before that are told all the same. */
  due: readonly Said[];
  looked: Looked;
  rulings: Rulings;
  memory: Memory;
  /** Keys of sightings that are not to be remembered. */
  forgotten: ReadonlySet<string>;
}

export interface Described {
  /** What is new, changed or over, in order. */
  findings: Finding[];
  /** What is told once more as it is. */
  repeated: Finding[];
  /** What is to be remembered, with the names that were found. */
  sightings: Sighting[];
  warnings: string[];
}

export async function describe(parts: Parts, order: Order, concluded: Concluded): Promise<Described> {
  const { judged, due, looked, memory, forgotten } = concluded;
  const { naming, failures, seen } = looked;
  const { to, gateway = null } = order;
  const changed = due.filter(isChange).map((one) => one.finding);
  const found = inOrder([...judged.findings, ...changed]);
  const repeated = due.filter((one) => !isChange(one)).map((one) => one.finding);
  const sources = [...found, ...repeated].map(({ source }) => source);
  const owners = await ownersOf(parts, sources, { at: to, matchers: order.matchers });

  const helpers = { ownerOf: owners.ownerOf, naming, gateway };
  const { findings: named, warnings } = await enrich(found, { ...helpers, failures });
  const { findings: renamed } = await enrich(repeated, { ...helpers, failures: [] });
  const kept = seen.sightings.filter((one) => !forgotten.has(one.key));
  const late = order.lateNames && !order.dryRun;
  const sightings = await withNames(kept, named, memory, { naming, to, late });

  const propose = proposing(parts, order, concluded, { sightings, teamOf: owners.teamOf });
  return {
    findings: await propose(withNotes(named, judged.notes)),
    repeated: await propose(renamed),
    sightings,
    warnings: [...warnings, ...owners.warnings],
  };
}

const isChange = ({ reason }: Said): boolean => reason === "changed";

/** Suggestions for findings, by all that is known of the mesh. A quiet run does not even load what makes them. */
function proposing(
  { entries: existing, objects, log }: Parts,
  { suggest: settings, gateway = null, to }: Order,
  { looked: { seen, policies, evidence }, judged, rulings, memory }: Concluded,
  { sightings, teamOf }: { sightings: readonly Sighting[]; teamOf: TeamOf },
) {
  return async (findings: readonly Finding[]): Promise<Finding[]> => {
    if (findings.length === 0) return [];
    log.progress(`working out manifests (${findings.length})`);
    const { suggest } = await import("./suggest/suggest.ts");
    // A name that contradicts its address is told once: as long as that lasts, nothing may rest on it.
    const told = new Set([...findings.map(({ id }) => id), ...judged.closed]);
    const doubts = [...evidence.open.values()].filter(({ id, kind }) => kind === "name-mismatch" && !told.has(id));
    return suggest([...findings, ...doubts], {
      memory,
      added: sightings,
      settings: { ...settings, now: to },
      policies,
      denials: denialsOf(rulings),
      throughGateway: ({ key, source }) => isGateway(source, gateway) || seen.throughGateway.has(key),
      teamOf,
      existing,
      objects,
    }).slice(0, findings.length);
  };
}
