/** The way to REGISTRY_ONLY: what passes through today, what of it the manifests in force cover, and what closes the gap. No I/O of its own. */
import { finding } from "./detect/detector.ts";
import { findingId } from "./detect/finding-id.ts";
import { enrich } from "./enrich/enrich.ts";
import { type NamingParts, naming } from "./enrich/naming.ts";
import { readExisting } from "./istio/in-force.ts";
import { prepare } from "./istio/route/table.ts";
import type { ExistingEntry, ExistingObject, Finding, Manifest, Verdict, Window } from "./model.ts";
import { type OwnerParts, ownersOf } from "./owners.ts";
import { closing, coverage, type NamespaceShare, type PlannedFlow, shares } from "./plan/coverage.ts";
import { type HostInForce, unusedHosts, type WideHost, wideHosts } from "./plan/hosts.ts";
import { stillPassing } from "./plan/still-passing.ts";
import type { Policies } from "./policy/index.ts";
import { namesUnder, usedHosts } from "./poll/used.ts";
import type { Store } from "./remember/store.ts";
import { meshOf, type SuggestSettings, suggest } from "./suggest/suggest.ts";
import { allVerdicts } from "./verdicts/in-force.ts";
import { denialsOf, rulingsOf } from "./verdicts/rulings.ts";
import { subjectsOf } from "./verdicts/subjects.ts";
import type { WatchSettings } from "./watch/counts.ts";
import { watch } from "./watch.ts";
import type { Log } from "./words/log.ts";
import { Memory } from "./words/memory.ts";

export interface PlanParts extends OwnerParts, Omit<NamingParts, "seen"> {
  /** The manifests in force, and of these the ServiceEntries. */
  objects: readonly ExistingObject[];
  entries: readonly ExistingEntry[];
  /** The verdicts of the reviewed file, and where the others are: what is denied gets no manifest. */
  reviewed: readonly Verdict[];
  store: Pick<Store, "verdicts" | "findings">;
  warnings: readonly string[];
  log: Pick<Log, "progress">;
}

export interface PlanOrder extends WatchSettings {
  window: Window;
  policies: Policies;
  suggest: SuggestSettings;
}

export interface Planned {
  cluster: string;
  window: Window;
  flows: PlannedFlow[];
  namespaces: NamespaceShare[];
  /** What the plan's manifests would take from others. */
  conflicts: string[];
  /** What closes the gap. */
  manifests: Manifest[];
  unused: HostInForce[];
  /** Wildcards in force, with the names that were called under them: what exact hosts could stand in for. */
  wide: WideHost[];
  /** Blocked today already: these break nothing more. */
  blocked: number;
  blind: string[];
  /** Why owners may be wrong; null where nothing speaks for that. */
  unsureOwners: string | null;
  warnings: string[];
}

/**
 * Plans for a window: the same input gives the same bytes.
 * @throws ScoutError `prometheus/…`
 */
export async function plan(parts: PlanParts, order: PlanOrder): Promise<Planned> {
  const { telemetry } = parts;
  const everything = { mode: "watch", window: order.window, continues: false, learningSince: null } as const;
  const seen = await watch(telemetry, order, everything, new Memory(), () => false);
  const passing = seen.observations.filter((one) => one.destination.verdict === "allowed");
  const flows = passing
    .map((one) => finding("new-destination", "info", findingId("new-destination", one.key), one))
    .sort(byPlace);
  const sources = flows.map(({ source }) => source);
  const owners = await ownersOf(parts, sources, { at: order.window.to, matchers: order.matchers });
  const { findings: named, warnings } = await enrich(flows, {
    ownerOf: owners.ownerOf,
    naming: naming(parts),
    failures: [],
  });
  parts.log.progress(`working out manifests (${named.length})`);
  const suggested = suggest(named, {
    memory: new Memory(),
    settings: { ...order.suggest, now: order.window.to },
    policies: order.policies,
    denials: await denialsIn(flows, parts, order),
    teamOf: owners.teamOf,
    existing: parts.entries,
    objects: parts.objects,
  });
  const mesh = { ...meshOf(order.suggest), outboundMode: "REGISTRY_ONLY" } as const;
  const before = prepare(readExisting(parts.objects), mesh);
  const manifests = closing(coverage(suggested, before, []).flows);
  const planned = coverage(suggested, before, manifests);
  const hosts = [...new Set(before.inForce.entries.flatMap((one) => one.hosts))].sort();
  const used = await usedHosts(telemetry, hosts, order.window, order.matchers);
  const wildcards = hosts.filter((host) => host.startsWith("*") && used.has(host));
  const sent = await namesUnder(telemetry, wildcards, order.window, {
    matchers: order.matchers,
    sni: order.labels.sni,
  });
  return {
    cluster: order.cluster,
    window: order.window,
    flows: planned.flows,
    conflicts: planned.conflicts,
    namespaces: shares(planned.flows),
    manifests,
    unused: unusedHosts(before, used, suggested),
    wide: wideHosts(before, sent, suggested),
    blocked: seen.observations.length - passing.length,
    blind: seen.blind.map(({ text }) => text),
    unsureOwners: owners.unsure,
    warnings: [
      ...parts.warnings,
      ...telemetry.asked().warnings,
      ...before.inForce.leftOut.map(({ what, why }) => `--existing: ${what} is left out: ${why}`),
      ...warnings,
      ...stillPassing(planned.flows, order.window.to),
      ...owners.warnings,
    ],
  };
}

async function denialsIn(
  flows: readonly Finding[],
  { reviewed, store }: Pick<PlanParts, "reviewed" | "store">,
  { cluster, window }: PlanOrder,
): Promise<Map<string, string>> {
  const verdicts = allVerdicts(reviewed, await store.verdicts());
  const ids = new Set([...verdicts.values()].filter((one) => one.verdict === "denied").map(({ id }) => id));
  const sightings = new Map(flows.map((one) => [one.key, one]));
  const known = { sightings, findings: await store.findings(cluster, ids), open: new Map() };
  return denialsOf(rulingsOf(verdicts, subjectsOf(ids, known), window));
}

function byPlace(one: Finding, other: Finding): number {
  const [a, b] = [one, other].map(({ source, destination, id }) =>
    JSON.stringify([
      source.cluster,
      source.namespace,
      source.workload,
      destination.host ?? destination.address,
      destination.port,
      id,
    ]),
  );
  return (a ?? "") < (b ?? "") ? -1 : 1;
}
