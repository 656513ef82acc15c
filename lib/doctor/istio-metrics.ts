/** Are Istio's counters of the catch-alls there, and what do they say of the mesh's outbound mode? */

import { type QuerySettings, selector } from "../poll/queries.ts";
import type { Telemetry } from "../poll/telemetry.ts";
import { formatDuration } from "../words/duration.ts";
import { grouped } from "../words/grouped.ts";
import { fail, listed, ok, type Said, skip, some, warn } from "./check.ts";

const hour = 3_600_000;

/** Those of the catch-alls. */
const counters = ["requests", "dynamic", "opened", "closed"] as const;
type Counter = (typeof counters)[number];

interface Seen {
  /** Series by counter. */
  series: Record<Counter, number>;
  allowed: number;
  blocked: number;
  /** ztunnel's, which tell nothing of where to. */
  ambient: number;
}

/** @param hasLogs the config names a Loki, which ambient traffic needs */
export async function checkIstioMetrics(
  telemetry: Telemetry,
  settings: QuerySettings,
  at: number,
  hasLogs: boolean,
): Promise<Said> {
  for (const range of [hour, 24 * hour]) {
    const seen = await look(telemetry, settings, range, at);
    const sum = counters.reduce((total, counter) => total + seen.series[counter], 0);
    if (sum > 0) return judge(seen, range, hasLogs);
    if (seen.ambient > 0) return ambientAlone(seen.ambient, range, hasLogs);
  }
  // Proxies up to 1.17 write a label that they were not told of into the metric's name (istio #28910, #45775).
  const [prefixed] = await telemetry.vector(
    `count({__name__=~".+___istio_(requests|tcp_connections_opened|tcp_connections_closed)_total"})`,
    at,
  );
  if (prefixed !== undefined) {
    return fail(
      `${some(prefixed.value, "series", "series")} with a label in the metric's name (…___istio_…_total), and none of the catch-alls`,
      "The proxies do not know the added labels as labels, and hide what they count.",
      "merge what `egress-scout telemetry --old` prints of the mesh config, and restart the workloads",
    );
  }
  const any = ["istio_requests_total", "istio_tcp_connections_opened_total"]
    .map((metric) => `count(${metric}{${settings.matchers}})`)
    .join(" or ");
  const [found] = await telemetry.vector(any, at);
  if (found === undefined) {
    return fail(
      "no Istio metrics at all",
      "There is nothing to watch: egress-scout reads what sidecars count.",
      "let Prometheus scrape the sidecars (port 15020 or 15090, path /stats/prometheus), and check prometheus.matchers in the config",
    );
  }
  return warn(
    `${some(found.value, "series", "series")} of Istio, but none of the catch-alls in the last day`,
    "Either nothing leaves the mesh but through ServiceEntries, or what would is dropped before Prometheus stores it.",
    'look for destination_service_name="PassthroughCluster" in a sidecar\'s /stats/prometheus, and for metric_relabel_configs that drop it',
  );
}

async function look(telemetry: Telemetry, settings: QuerySettings, range: number, at: number): Promise<Seen> {
  const over = formatDuration(range);
  const seen: Seen = { series: { requests: 0, dynamic: 0, opened: 0, closed: 0 }, allowed: 0, blocked: 0, ambient: 0 };
  const ask = async (counter: Counter) => {
    // Behind ALLOW_ANY_DYNAMIC_DNS the name is the Host: as many rows as there are hosts.
    const by = counter === "dynamic" ? "" : "by (destination_service_name) ";
    const rows = await telemetry.vector(`count ${by}(last_over_time(${selector(counter, settings)}[${over}]))`, at);
    for (const { labels, value } of rows) {
      seen.series[counter] += value;
      if (labels.destination_service_name === "BlackHoleCluster") seen.blocked += value;
      else if (counter !== "dynamic") seen.allowed += value;
    }
  };
  await Promise.all(counters.map(ask));
  const unknown = [
    'reporter="source",destination_service_name="unknown",destination_workload="unknown"',
    settings.matchers,
  ];
  const ambient = `istio_tcp_connections_opened_total{${unknown.filter((part) => part !== "").join(",")}}`;
  const [zTunnel] = await telemetry.vector(`count(last_over_time(${ambient}[${over}]))`, at);
  return { ...seen, ambient: zTunnel?.value ?? 0 };
}

function judge(seen: Seen, range: number, hasLogs: boolean): Said {
  const { requests, dynamic, opened, closed } = seen.series;
  const parts = [
    [requests, "HTTP"],
    [dynamic, "HTTP by dynamic DNS"],
    [opened, "TCP opened"],
    [closed, "TCP closed"],
  ] as const;
  const kinds = parts.filter(([count]) => count > 0).map(([count, name]) => `${grouped(count)} ${name}`);
  const when = range === hour ? "the last hour" : "the last day";
  const found = `catch-all series in ${when}: ${listed(kinds)}; ${mode(seen)}`;
  if (seen.ambient > 0 && !hasLogs) {
    return warn(
      `${found}; ${some(seen.ambient, "series", "series")} of ztunnel say nothing of where to`,
      "What ambient workloads call cannot be seen in metrics: ztunnel has no label for it, and none can be added.",
      "give ztunnel's access logs (logs.loki in the config, or scan --logs)",
    );
  }
  return ok(found, "Egress is counted. The mode is what traffic shows, and may differ by namespace (Sidecar).");
}

function mode({ allowed, blocked, series }: Seen): string {
  if (series.dynamic > 0) return "outbound mode ALLOW_ANY_DYNAMIC_DNS, as it seems";
  if (allowed > 0 && blocked > 0) return "let through and blocked, both: the outbound mode is mixed";
  return allowed > 0 ? "all let through: outbound mode ALLOW_ANY" : "all blocked: outbound mode REGISTRY_ONLY";
}

function ambientAlone(series: number, range: number, hasLogs: boolean): Said {
  const found = `no catch-all series, ${some(series, "series", "series")} of ztunnel in the last ${range === hour ? "hour" : "day"}: an ambient mesh`;
  const means = "ztunnel does not tell in metrics where connections go: its access logs are the only source.";
  if (hasLogs) return skip(found, means);
  return warn(found, means, "give ztunnel's access logs (logs.loki in the config, or scan --logs)");
}
