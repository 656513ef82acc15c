/** Labels of namespaces and workloads that tell whose they are, as kube-state-metrics has them. */
import type { Labels, OwnerLabel, Series } from "../model.ts";
import { oneOf } from "./queries.ts";
import type { Telemetry } from "./telemetry.ts";

/** A metric, and the label of it whose value is the team. */
export interface LabelPlace {
  metric: string;
  name: string;
}

/** What is known of one label: whether Prometheus has it anywhere, and what it says of the namespaces asked for. */
export interface LabelsFound {
  isThere: boolean;
  labels: OwnerLabel[];
}

/** Characters of namespaces that a selector names, in all selectors of a query: VictoriaMetrics takes queries of 16 KB. */
const mostNamed = 8_000;
/** A pod may be gone by the end of the window: jobs. */
const podRange = "1h";

/** The kinds that kube-state-metrics tells by a label of their own. */
const workloadKeys = [
  "deployment",
  "statefulset",
  "daemonset",
  "cronjob",
  "job_name",
  "replicaset",
  "workload",
] as const;
const namespaceKeys = ["namespace", "exported_namespace"] as const;
const ownerKeys = ["owner_kind", "owner_name"] as const;

/** May Prometheus have such a metric and label? What it may not is never asked for. */
export const isLabelPlace = ({ metric, name }: LabelPlace): boolean =>
  /^[a-zA-Z_:][\w:]*$/.test(metric) && /^[a-zA-Z_]\w*$/.test(name);

/**
 * What the labels say of these namespaces and the workloads in them, `found[i]` for `places[i]`, in one query for all.
 * @param at ms
 * @param matchers added to every selector, as PromQL text without braces; empty for none
 * @throws ScoutError `prometheus/…`
 */
export async function ownerLabels(
  telemetry: Telemetry,
  places: readonly LabelPlace[],
  namespaces: readonly string[],
  { at, matchers }: { at: number; matchers: string },
): Promise<LabelsFound[]> {
  const rows = await telemetry.vector(ownerLabelsQuery(places, namespaces, matchers), at);
  const asked = new Set(namespaces);
  return places.map(({ name }, index) => {
    const own = rows.filter(({ labels }) => labels.es_place === String(index));
    const labels = own.flatMap((row) => ownerLabel(row, name)).filter(({ namespace }) => asked.has(namespace));
    return { isThere: rows.some(({ labels }) => labels.es_place === `${index} is there`), labels };
  });
}

/**
 * One query: for each place a row for each value that it has for a namespace or workload, with the number of series that have it, and
 * one row where any series has the label at all. `es_place` tells them apart.
 */
export function ownerLabelsQuery(
  places: readonly LabelPlace[],
  namespaces: readonly string[],
  matchers: string,
): string {
  const isLong = 4 * places.length * oneOf("exported_namespace", namespaces).length > mostNamed;
  const more = matchers.trim().replace(/,$/, "");
  return places
    .flatMap((place, index) => {
      const select = selecting(isLong ? null : namespaces, more);
      const rows = /^kube_pod_/.test(place.metric) ? podRows(place, select) : ownRows(place, select);
      const there = `group(${selecting(null, more)(place.metric, `${place.name}!=""`)})`;
      return [tagged(rows, String(index)), tagged(there, `${index} is there`)];
    })
    .join(" or ");
}

/** What Kubernetes adds to a name for what a Deployment, a CronJob or a DeploymentConfig makes. */
const ends = new Map([
  ["replicaset", /-[a-z0-9]+$/],
  ["job", /-\d{8,10}$/],
  ["job_name", /-\d{8,10}$/],
  ["replicationcontroller", /-\d+$/],
]);

type Select = (metric: string, matcher: string, range?: string) => string;

/** Where a scrape job does not honour labels, those of kube-state-metrics are `exported_…`, and `namespace` is its own. */
function selecting(namespaces: readonly string[] | null, more: string): Select {
  return (metric, matcher, range) => {
    const one = (where: string) => {
      const series = `${metric}{${[matcher, where, more].filter((part) => part !== "").join(",")}}`;
      return range === undefined ? series : `last_over_time(${series}[${range}])`;
    };
    if (namespaces === null) return one("");
    return `(${namespaceKeys.map((key) => one(oneOf(key, namespaces))).join(" or ")})`;
  };
}

function ownRows({ metric, name }: LabelPlace, select: Select): string {
  const by = new Set(["cluster", ...namespaceKeys, ...workloadKeys, name]);
  return `count by (${[...by].join(",")}) (${select(metric, `${name}!=""`)})`;
}

/** A pod's labels, joined with whose pod it is. Two servers of kube-state-metrics may tell of one pod. */
function podRows({ metric, name }: LabelPlace, select: Select): string {
  const pod = "cluster,namespace,pod";
  const renamed = (text: string) =>
    ["namespace", "pod"].reduce((all, key) => `label_replace(${all},"${key}","$1","exported_${key}","(.+)")`, text);
  const labelled = `max by (${pod},${name}) (${renamed(select(metric, `${name}!=""`, podRange))})`;
  const owner = renamed(select("kube_pod_owner", 'owner_is_controller!="false"', podRange));
  const owned = `topk by (${pod}) (1,max by (${pod},${ownerKeys.join(",")}) (${owner}))`;
  const joined = `${labelled} * on (${pod}) group_left (${ownerKeys.join(",")}) ${owned}`;
  return `count by (cluster,namespace,${ownerKeys.join(",")},${name}) (${joined})`;
}

const tagged = (promql: string, place: string): string => `label_replace(${promql},"es_place","${place}","","")`;

function ownerLabel({ labels, value: count }: Series, name: string): OwnerLabel[] {
  const value = labels[name]?.trim() ?? "";
  const namespace = labels.exported_namespace || labels.namespace || "";
  if (value === "" || namespace === "") return [];
  return [{ cluster: labels.cluster || null, namespace, workloads: workloadsOf(labels), value, count }];
}

/**
 * Istio calls a workload by what made its pods: a ReplicaSet's by the Deployment, a Job's by the CronJob (istio
 * pkg/kube/controllers, GetDeployMetaFromPod). A name may end so by chance, so the whole of it counts, too.
 */
function workloadsOf(labels: Labels): string[] {
  const [kind = "", name = ""] =
    labels.owner_name === undefined
      ? (workloadKeys.map((key) => [key, labels[key] ?? ""]).find(([, text]) => text !== "") ?? [])
      : [labels.owner_kind?.toLowerCase(), labels.owner_name];
  const end = ends.get(kind);
  return [...new Set([end === undefined ? name : name.replace(end, ""), name])].filter((text) => text !== "");
}
