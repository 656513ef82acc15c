/** What the page shows of clusters: what is remembered, with findings, owners, verdicts, manifests and what of it is covered. No I/O of its own. */
import { finding } from "./detect/detector.ts";
import { claimedNames } from "./enrich/claims.ts";
import type { OwnerRule, Teams } from "./enrich/owner.ts";
import { type ClusterInventory, inventory } from "./inventory.ts";
import type { ExistingEntry, ExistingObject, Finding, Name, Owner, Sighting, ToldFinding, Verdict } from "./model.ts";
import { rememberedOwners } from "./owners/remembered.ts";
import { denials } from "./picture/denials.ts";
import { mostFlows, mostImportant } from "./picture/important.ts";
import type { NamespaceShare, PlannedFlow } from "./plan/coverage.ts";
import { planRemembered } from "./plan/remembered.ts";
import type { Policies } from "./policy/index.ts";
import type { Store } from "./remember/store.ts";
import type { SuggestSettings } from "./suggest/suggest.ts";
import { newKind } from "./verdicts/subjects.ts";
import { type Gateway, isGateway } from "./words/gateway.ts";

export interface PictureParts {
  store: Store;
  /** The verdicts of the reviewed file. */
  reviewed: readonly Verdict[];
  owners: readonly OwnerRule[];
  teams: Teams;
  policies: Policies;
  suggest: SuggestSettings;
  gateway: Gateway | null;
  /** The manifests in force in a cluster; null where nobody gave any. @throws ScoutError `usage` for those that cannot be read */
  existingIn(cluster: string): {
    objects: readonly ExistingObject[];
    entries: readonly ExistingEntry[];
    warnings: readonly string[];
  } | null;
}

export interface PicturedFlow {
  /** Of the finding that it is or was new, for `verdict set`. */
  id: string;
  sighting: Sighting;
  names: Name[];
  /** Null where only a label of Prometheus could tell. */
  owner: Owner | null;
  verdict: Verdict | null;
  isNew: boolean;
  /** Null for what is blocked. */
  planned: PlannedFlow | null;
  suggested: Finding;
}

export interface PicturedCluster extends Pick<ClusterInventory, "cluster" | "lastRun"> {
  /** Were manifests in force given? Else nobody knows what is covered. */
  isCoverageKnown: boolean;
  flows: PicturedFlow[];
  /** Flows that are remembered, and too many to be shown: of all this, only the shares of namespaces count them. */
  leftOut: number;
  open: Finding[];
  told: ToldFinding[];
  namespaces: (NamespaceShare & { closed: number })[];
  conflicts: string[];
  warnings: string[];
}

export interface Picture {
  /** When it is made, ms. */
  at: number;
  clusters: PicturedCluster[];
}

/** So many flows take long enough to be told of, about half a second. */
const many = 500;
/** What was seen first so long before the end of the last run, or later, is new, ms. */
const newFor = 24 * 60 * 60_000;

/**
 * @param only one cluster; null for all
 * @param tell hears of a cluster's flows, where they are many, before they are worked out: that holds the process up
 * @throws ScoutError `usage` for a cluster that nothing is remembered of; `store/…`
 */
export async function picture(
  parts: PictureParts,
  { only, at, tell = () => {} }: { only: string | null; at: number; tell?: (text: string) => void },
): Promise<Picture> {
  const { clusters } = await inventory(parts.store, parts.reviewed, { only, at });
  const pictured: PicturedCluster[] = [];
  for (const one of clusters) {
    const flows = Math.min(one.sightings.length, mostFlows);
    if (flows > many) tell(`${one.cluster}: working out manifests for ${flows} flows`);
    pictured.push(await picturedCluster(parts, one, at));
  }
  return { at, clusters: pictured };
}

async function picturedCluster(parts: PictureParts, known: ClusterInventory, at: number): Promise<PicturedCluster> {
  const { store, gateway, policies } = parts;
  const { cluster, lastRun } = known;
  const existing = parts.existingIn(cluster);
  const open = await store.open(cluster);
  const sightings = mostImportant(known.sightings, new Set([...open.values()].map(({ key }) => key)));
  const told = await store.findings(cluster);
  const ownerOf = rememberedOwners(parts, open.values(), told.values());
  const named = Map.groupBy(
    [...open.values()].filter(({ names }) => names.length > 0),
    ({ key }) => key,
  );
  const isShown = new Set(sightings);
  const findings = [...sightings, ...known.sightings.filter((one) => !isShown.has(one))].map(
    ({ id, sighting }): Finding => {
      const { source, destination } = sighting;
      const names = named.get(sighting.key)?.[0]?.names ?? namesOf(sighting);
      const owner = ownerOf(source) ?? { team: "", from: "", channels: [] };
      return { ...finding(newKind(destination), "info", id, sighting), names, owner };
    },
  );
  const doubts = [...open.values()].filter(({ kind }) => kind === "name-mismatch" || kind === "policy-violation");
  const plan = planRemembered(findings, doubts, {
    most: sightings.length,
    settings: { ...parts.suggest, now: at },
    policies,
    denials: await denials(parts, sightings, { open, told, at }),
    objects: existing?.objects ?? [],
    entries: existing?.entries ?? [],
    isGateway: ({ source }) => isGateway(source, gateway),
  });
  const from = lastRun === null ? null : lastRun - newFor;
  const flows = sightings.map(({ id, sighting, verdict }, index): PicturedFlow => {
    const suggested = plan.findings[index] ?? finding(newKind(sighting.destination), "info", id, sighting);
    const { names } = suggested;
    const isNew = from !== null && sighting.firstSeen > from;
    const planned = plan.flows.get(sighting.key) ?? null;
    return { id, sighting, names, owner: ownerOf(sighting.source), verdict, isNew, planned, suggested };
  });
  const warnings = [...(existing?.warnings ?? []), ...plan.warnings];
  const { namespaces, conflicts } = plan;
  return {
    cluster,
    lastRun,
    isCoverageKnown: existing !== null,
    flows,
    leftOut: known.sightings.length - sightings.length,
    open: [...open.values()],
    told: [...told.values()],
    namespaces,
    conflicts,
    warnings,
  };
}

/** The best name that was found, and what the workload wrote itself. */
function namesOf({ destination, name }: Sighting): Name[] {
  const claimed = claimedNames(destination);
  return name === null ? claimed : [name, ...claimed.filter((one) => one.name !== name.name)];
}
