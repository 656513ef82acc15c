/** A picture of clusters → what the page in the browser is given. Pure. */
import { type Finding, type Severity, type Suggestion, severities, type ToldFinding } from "../../model.ts";
import type { PageCluster, PageData, PageFinding, PageFlow, PageManifest, PageMark, TextAt } from "./data.ts";
import { type Destinations, destinationsOf } from "./destinations.ts";
import { headlineOf } from "./headline.ts";
import { shown, shownYaml } from "./shown.ts";
import type { ClusterTold, FlowTold, PictureTold } from "./told.ts";

export const pageData = ({ at, clusters }: PictureTold): PageData => ({
  at,
  clusters: clusters.map((one) => packed(one, at)),
});

/** What flows have in common. */
interface Common {
  cluster: string;
  isCoverageKnown: boolean;
  destinations: Destinations;
  /** The place of a text among those that are shared. */
  text(text: string): TextAt;
  marks: ReadonlyMap<string, PageMark[]>;
}

function packed(told: ClusterTold, at: number): PageCluster {
  const texts = new Map<string, TextAt>();
  const text = (one: string): TextAt => {
    const place = texts.get(one) ?? texts.size;
    texts.set(one, place);
    return place;
  };
  const { cluster, lastRun, isCoverageKnown, leftOut, open } = told;
  const destinations = destinationsOf();
  const common = { cluster, isCoverageKnown, destinations, text, marks: marksOf(open, told.told) };
  const flows = told.flows.map((one) => flowOf(one, common));
  const counts = { destinations: destinations.all.length, isCoverageKnown, at };
  return {
    name: shown(cluster),
    lastRun,
    headline: headlineOf({ ...told, cluster: shown(cluster) }, flows, counts),
    isCoverageKnown,
    destinations: destinations.all,
    flows,
    leftOut,
    findings: open.map((one) => findingOf(one, destinations)).sort(gravest),
    namespaces: namespacesOf(told, flows, isCoverageKnown),
    texts: [...texts.keys()],
    warnings: [...told.warnings, ...told.conflicts].map(shown),
  };
}

function flowOf(told: FlowTold, { cluster, isCoverageKnown, destinations, text, marks }: Common): PageFlow {
  const { id, sighting, names, owner, verdict, isNew, planned, suggested } = told;
  const { source, destination, count, firstSeen, lastSeen, key } = sighting;
  const [first] = suggested.suggestions;
  return {
    id,
    namespace: shown(source.namespace),
    workload: shown(source.cluster === cluster ? source.workload : `${source.cluster}: ${source.workload}`),
    to: destinations.at(destination, names),
    protocol: destination.protocol,
    port: destination.port,
    sni: destination.sni === destination.host ? null : shownOr(destination.sni),
    address: destination.address,
    isBlocked: destination.verdict === "blocked",
    isNew,
    isCovered: planned === null || !isCoverageKnown ? null : planned.isCovered,
    isClosed: planned?.isClosed ?? null,
    why: planned === null || !isCoverageKnown ? null : text(shown(planned.why)),
    count,
    first: minuteOf(firstSeen),
    last: minuteOf(lastSeen),
    team: owner === null ? null : shown(owner.team),
    teamFrom: owner === null ? "" : shown(owner.from),
    verdict: verdict === null ? null : { ...verdictOf(verdict), at: verdict.at, until: verdict.until },
    names: names.map(({ name, from, trust, why }) => ({ name: shown(name), from, trust, why: text(shown(why)) })),
    manifest: first === undefined ? null : manifestOf(first, text),
    noManifest: suggested.noSuggestion === null ? null : text(shown(suggested.noSuggestion)),
    marks: marks.get(key) ?? [],
  };
}

/** What is shown; all the digits after it would not compress. */
const minuteOf = (time: number): number => Math.floor(time / 60_000) * 60_000;

const shownOr = (text: string | null): string | null => (text === null ? null : shown(text));

const verdictOf = ({ verdict, by, reason }: { verdict: string; by: string | null; reason: string | null }) => ({
  verdict,
  by: shownOr(by),
  reason: shownOr(reason),
});

const manifestOf = (suggestion: Suggestion, text: Common["text"]): PageManifest => ({
  yaml: text(shownYaml(suggestion.yaml)),
  confidence: suggestion.confidence,
  why: suggestion.why.map((one) => text(shown(one))),
  warnings: suggestion.warnings.map((one) => text(shown(one))),
});

/** By sighting: what was told when, and what is open since when. */
function marksOf(open: readonly Finding[], told: readonly ToldFinding[]): Map<string, PageMark[]> {
  const marks = new Map<string, PageMark[]>();
  const ids = new Set(open.map(({ id }) => id));
  const add = (key: string, mark: PageMark) => marks.set(key, [...(marks.get(key) ?? []), mark]);
  for (const { id, key, kind, at } of told) if (!ids.has(id)) add(key, { kind, at, until: null });
  for (const { key, kind, firstSeen, lastSeen } of open) add(key, { kind, at: firstSeen, until: lastSeen });
  for (const all of marks.values()) all.sort((one, other) => one.at - other.at);
  return marks;
}

function findingOf(finding: Finding, destinations: Destinations): PageFinding {
  const { id, kind, severity, summary, source, destination, firstSeen, lastSeen, count, verdict, recent } = finding;
  const isOfMany = kind === "fan-out" || kind === "blind";
  return {
    id,
    kind,
    severity,
    summary: shown(summary),
    source: source.namespace === "" ? shown(source.cluster) : shown(`${source.namespace}/${source.workload}`),
    to: isOfMany ? null : destinations.find(destination),
    first: firstSeen,
    last: lastSeen,
    count,
    verdict: verdict?.verdict ?? null,
    recent: recent === undefined || recent.length < 2 ? null : recent,
  };
}

const weight = (severity: Severity) => severities.indexOf(severity);

const gravest = (one: PageFinding, other: PageFinding) =>
  weight(other.severity) - weight(one.severity) || other.last - one.last || (one.id < other.id ? -1 : 1);

function namespacesOf(told: ClusterTold, flows: readonly PageFlow[], isKnown: boolean): PageCluster["namespaces"] {
  const blocked = Map.groupBy(
    flows.filter((one) => one.isBlocked),
    ({ namespace }) => namespace,
  );
  const passing = new Map(told.namespaces.map((one) => [shown(one.namespace), one]));
  return [...new Set([...passing.keys(), ...blocked.keys()])].sort().map((namespace) => {
    const { flows: all = 0, covered = 0, closed = 0 } = passing.get(namespace) ?? {};
    const stopped = blocked.get(namespace)?.length ?? 0;
    return { namespace, flows: all, covered: isKnown ? covered : null, closed, blocked: stopped };
  });
}
