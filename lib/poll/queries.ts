/** PromQL: what egress-scout asks, as text. Pure. Plain PromQL only, so that every server that speaks it answers alike. */

import type { Counter, LabelNames } from "../model.ts";
import { formatDuration } from "../words/duration.ts";
import type { Gateway } from "../words/gateway.ts";
import { podLabels } from "../words/istio-labels.ts";

export const counters: readonly Counter[] = ["requests", "dynamic", "opened", "closed", "atGateway", "toGateway"];

export interface QuerySettings {
  labels: LabelNames;
  /** More matchers, as PromQL text without braces; empty for none. */
  matchers: string;
  /** The egress gateway of the config; without one nothing is asked of it. */
  gateway?: Gateway | null;
}

/** Those that a run asks for: the gateway's where there is one, and where a label tells the SNI. */
export function askedCounters({ gateway, labels }: QuerySettings): readonly Counter[] {
  const isThere = gateway != null && labels.sni.length > 0;
  return counters.filter((one) => isThere || (one !== "atGateway" && one !== "toGateway"));
}

const metricNames: Record<Counter, string> = {
  requests: "istio_requests_total",
  dynamic: "istio_requests_total",
  opened: "istio_tcp_connections_opened_total",
  closed: "istio_tcp_connections_closed_total",
  atGateway: "istio_tcp_connections_opened_total",
  toGateway: "istio_tcp_connections_opened_total",
};

/** Both catch-alls; a filled-in destination workload is pod-to-pod traffic by IP (istio proxy, istio_stats.cc, populatePeerInfo). */
const catchAll =
  'reporter="source",destination_service_name=~"PassthroughCluster|BlackHoleCluster",destination_workload=~"unknown|"';

/**
 * Unknown plaintext HTTP of ALLOW_ANY_DYNAMIC_DNS (Istio 1.31): both service labels are the Host and the namespace is unknown.
 * NR and NC are requests that found no route or cluster and so went nowhere.
 */
const dynamicDns =
  'reporter="source",destination_service_namespace="unknown",destination_workload=~"unknown|",destination_service!~"unknown|",' +
  'destination_service_name!~"unknown||PassthroughCluster|BlackHoleCluster|InboundPassthroughCluster.*",response_flags!~"NR|NC"';

/**
 * Connections with an SNI that the egress gateway opened, to whichever ServiceEntry; or that a sidecar opened to the gateway's Service.
 * What the catch-alls have is asked for there.
 */
function gatewayMatchers(counter: "atGateway" | "toGateway", { gateway, labels }: QuerySettings): string {
  const { namespace = "", names = [] } = gateway ?? {};
  const where =
    counter === "atGateway"
      ? ["source_workload_namespace", "source_workload"]
      : ["destination_service_namespace", "destination_service_name"];
  const [sni, ...others] = labels.sni;
  const parts = [
    'reporter="source"',
    oneOf(where[0] ?? "", [namespace]),
    oneOf(where[1] ?? "", names),
    ...(counter === "atGateway" ? ['destination_service_name!~"PassthroughCluster|BlackHoleCluster"'] : []),
    ...(sni === undefined || others.length > 0 ? [] : [`${sni}!=""`]),
  ];
  return parts.join(",");
}

function own(counter: Counter, settings: QuerySettings): string {
  if (counter === "atGateway" || counter === "toGateway") return gatewayMatchers(counter, settings);
  return counter === "dynamic" ? dynamicDns : catchAll;
}

/** The selector of a counter's series, with `extra` matchers where only some of them are asked for. */
export function selector(counter: Counter, settings: QuerySettings, extra = ""): string {
  const parts = [own(counter, settings), settings.matchers.trim().replace(/,$/, ""), extra];
  return `${metricNames[counter]}{${parts.filter((part) => part !== "").join(",")}}`;
}

/** The labels that tell one source and destination from another. */
export function identityLabels(names: LabelNames): string[] {
  const fixed = [
    "source_cluster",
    "source_workload_namespace",
    "source_workload",
    "destination_service",
    "destination_service_name",
    "request_protocol",
  ];
  return [...fixed, ...names.address, ...names.port, ...names.sni];
}

/** Who is there in the `window` ms before the evaluation, and the sum of their counters: one row for any number of pods. */
export function aliveQuery(counter: Counter, settings: QuerySettings, window: number): string {
  const by = identityLabels(settings.labels).join(",");
  return `sum by (${by}) (last_over_time(${selector(counter, settings)}[${formatDuration(window)}]))`;
}

/**
 * How much the counters grew in the `window` ms before the evaluation, a counter without a sample in the `lookback` ms before
 * that counting from zero. Exact but for what a counter counted in the window before it was reset there. A counter that two scrape
 * jobs or two servers see counts once: by the host of its instance and its pod, since an address has several pods in turn.
 * @param variants what else of Istio's own labels tells the calls of one source and destination apart, such as the response code
 */
export function growthQuery(
  counter: Counter,
  settings: QuerySettings,
  window: number,
  lookback: number,
  variants: readonly string[],
): string {
  const by = identityLabels(settings.labels).join(",");
  const now = `last_over_time(${selector(counter, settings)}[${formatDuration(window)}])`;
  const before = lastQuery(counter, settings, lookback, "", window);
  const grown = `(${now} - ${before}) >= 0 or ${now}`;
  const pod = podLabels.reduce((text, name) => `label_replace(${text}, "es_pod", "$1", "${name}", "(.+)")`, grown);
  const host = `label_replace(${pod}, "es_host", "$1", "instance", "(.+):[0-9]+")`;
  return `sum by (${by}) (max by (${[by, ...variants].join(",")},es_host,es_pod) (${host}))`;
}

/** Whose counters have a sample in the `window`, and had none in the `lookback` ms before it: who was called for the first time. */
export function bornQuery(
  counter: Counter,
  settings: QuerySettings,
  window: number,
  lookback: number,
  extra: string,
): string {
  const by = identityLabels(settings.labels).join(",");
  const now = `last_over_time(${selector(counter, settings, extra)}[${formatDuration(window)}])`;
  return `group by (${by}) (${now}) unless group by (${by}) (${lastQuery(counter, settings, lookback, extra, window)})`;
}

/** The last value of each series in `range` ms, `offset` ms before the evaluation. */
export function lastQuery(
  counter: Counter,
  settings: QuerySettings,
  range: number,
  extra: string,
  offset: number,
): string {
  const before = offset === 0 ? "" : ` offset ${formatDuration(offset)}`;
  return `last_over_time(${selector(counter, settings, extra)}[${formatDuration(range)}]${before})`;
}

/** Whose counters were reset in the `window` and `lookback` ms before the evaluation. */
export function resetQuery(counter: Counter, settings: QuerySettings, window: number, lookback: number): string {
  const by = identityLabels(settings.labels).join(",");
  return `group by (${by}) (resets(${selector(counter, settings)}[${formatDuration(window + lookback)}]) > 0)`;
}

/** The stored samples of some series in the `range` ms before the evaluation. */
export function samplesQuery(counter: Counter, settings: QuerySettings, range: number, extra: string): string {
  return `${selector(counter, settings, extra)}[${formatDuration(range)}]`;
}

/** A matcher that holds for exactly the values given: RE2-escaped, then PromQL-escaped. */
export function oneOf(label: string, values: Iterable<string>): string {
  const pattern = [...new Set(values)].sort().map((value) => value.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return `${label}=~"${promqlEscaped(pattern.join("|"))}"`;
}

/** PromQL refuses U+FFFD in a string (promql/parser/lex.go), and a workload may write it: all that is no ASCII goes as a code. */
function promqlEscaped(text: string): string {
  const code = (character: string) => (character.codePointAt(0) ?? 0).toString(16);
  return text
    .toWellFormed()
    .replace(/["\\]/g, "\\$&")
    .replace(/[^\x20-\x7e]/gu, (one) =>
      one.length > 1 ? `\\U${code(one).padStart(8, "0")}` : `\\u${code(one).padStart(4, "0")}`,
    );
}
