/** The verdicts of a run, from the reviewed file and the store. No I/O of its own. */
import type { Finding, Sighting, Subject, Verdict, Window } from "../model.ts";
import type { Store } from "../remember/store.ts";
import { findSubjects } from "./find-subjects.ts";
import { allVerdicts, endedIn, holdsAt } from "./in-force.ts";
import { lookedUp, lookUp } from "./looked-up.ts";
import { type Rulings, rulingsOf } from "./rulings.ts";
import { subjectsOf } from "./subjects.ts";

interface Known {
  cluster: string;
  window: Window;
  memory: ReadonlyMap<string, Sighting>;
  open: ReadonlyMap<string, Finding>;
  /** Then nothing is kept of what was looked up. */
  dryRun: boolean;
}

/**
 * What is decided, and about what. The end of a verdict is said by the runs of the cluster that its finding is of, and where nobody
 * knows which that is, by one.
 */
export async function recallRulings(store: Store, reviewed: readonly Verdict[], known: Known): Promise<Rulings> {
  const { cluster, window, memory, open } = known;
  const all = allVerdicts(reviewed, await store.verdicts());
  const ids = new Set(all.keys());
  const findings = await store.findings(cluster, ids);
  const subjects = subjectsOf(ids, { sightings: new Map(), findings, open });
  // A cluster without runs says nothing: the file may have its name wrong, and nobody would heed the verdict.
  const others = await inOthers(store, [...all.values()], cluster);
  const elsewhere = new Set(others.map(({ id }) => id).filter((id) => !subjects.has(id)));
  const wanted = [...all.values()].filter((one) => needsSubject(one, window) && !subjects.has(one.id));
  const unknown = wanted.filter(({ id }) => !elsewhere.has(id));
  if (unknown.length > 0) {
    const { found, foreign } = await search(store, unknown, known, memory);
    for (const [id, one] of found) subjects.set(id, one);
    for (const id of foreign) elsewhere.add(id);
  }
  return rulingsOf(all, subjects, window, elsewhere);
}

async function inOthers(store: Store, all: readonly Verdict[], cluster: string): Promise<Verdict[]> {
  const others = all.filter((one) => one.cluster !== undefined && one.cluster !== cluster);
  const running = others.length === 0 ? [] : await store.clusters();
  return others.filter((one) => one.cluster !== undefined && running.includes(one.cluster));
}

/** Only of a denial, and of what ends, must be known what it is about; else the id of what is found tells enough. */
const needsSubject = (one: Verdict, window: Window): boolean =>
  endedIn(one, window) || (one.verdict === "denied" && holdsAt(one, window.to));

/** The subjects of verdicts that nobody was told of here, and those whose end is not to be said here. */
async function search(
  store: Store,
  verdicts: readonly Verdict[],
  { cluster, window, dryRun }: Known,
  memory: ReadonlyMap<string, Sighting>,
): Promise<{ found: Map<string, Subject>; foreign: Set<string> }> {
  const others = (await store.clusters()).filter((one) => one !== cluster);
  const foreign = new Set<string>();
  for (const other of others) {
    for (const id of (await store.findings(other, new Set(verdicts.map((one) => one.id)))).keys()) foreign.add(id);
  }
  const missing = verdicts.filter(({ id }) => !foreign.has(id));
  const before = await store.receipts(cluster, lookedUp);
  const { found, kept } = lookUp(new Set(missing.map(({ id }) => id)), memory, before, window.from);
  const ends = missing.filter((one) => endedIn(one, window) && !found.has(one.id));
  for (const id of await saidElsewhere(store, ends, others)) foreign.add(id);
  for (const one of ends) if (!foreign.has(one.id)) kept.set(endKey(one), "");
  if (!dryRun && kept.size > 0) await store.keepReceipts(cluster, lookedUp, kept, window.to);
  return { found, foreign };
}

const endKey = ({ id, until }: Verdict): string => `end of ${id} at ${until}`;

/** Those ends that another cluster has said, or is to say since it knows the finding. */
async function saidElsewhere(
  store: Store,
  ends: readonly Verdict[],
  others: readonly string[],
): Promise<Iterable<string>> {
  if (ends.length === 0) return [];
  const known = await findSubjects(store, new Set(ends.map(({ id }) => id)), others);
  const said = new Set<string>();
  for (const other of others) for (const key of (await store.receipts(other, lookedUp)).keys()) said.add(key);
  return ends.filter((one) => known.has(one.id) || said.has(endKey(one))).map(({ id }) => id);
}
