/** A mesh as Prometheus holds it: sources that call destinations, each counted by so many pods, scraped once a minute. */

export const minute = 60_000;
/** When it ends: the run that meets new destinations is made then, ms. */
export const end = Date.UTC(2026, 10, 20, 12);

export interface Fleet {
  /** Sources × destinations. */
  flows: number;
  /** Series of each. */
  pods: number;
  /** Of the flows, those that are TLS by TCP's counter and not HTTP by that of requests: none, or every second one. */
  tls: "none" | "half";
  /** More flows, which are called for the first time three minutes before the end. */
  fresh: number;
  /** Minutes of it. */
  minutes: number;
}

const metrics = {
  http: { family: "istio_requests", name: "istio_requests_total" },
  tls: { family: "istio_tcp_connections_opened", name: "istio_tcp_connections_opened_total" },
} as const;

/** As OpenMetrics, by metric, each series with all its samples. */
export function* fleetPast(fleet: Fleet): Generator<string> {
  for (const kind of ["http", "tls"] as const) {
    yield `# TYPE ${metrics[kind].family} counter\n`;
    for (let n = 0; n < fleet.flows + fleet.fresh; n++) if (kindOf(n, fleet) === kind) yield flow(n, kind, fleet);
  }
  yield "# TYPE up gauge\n";
  for (let before = fleet.minutes; before >= 0; before--) yield `up{job="envoy"} 1 ${secondsAt(before)}\n`;
  yield "# EOF\n";
}

const kindOf = (n: number, { tls }: Fleet) => (tls === "half" && n % 2 === 1 ? "tls" : "http");
const secondsAt = (minutesBefore: number) => (end - minutesBefore * minute) / 1000;

function flow(n: number, kind: keyof typeof metrics, { flows, pods, minutes }: Fleet): string {
  const workload = n % 500;
  const told =
    kind === "http"
      ? `destination_service="api${n}.example${n % 400}.com",request_protocol="http",response_code="200"`
      : `destination_service="unknown",destination_address="198.51.${n % 250}.${n % 199}:443",requested_server_name="h${n}.example${n % 400}.net",request_protocol="tcp"`;
  const who = `reporter="source",source_workload="w${workload}",source_workload_namespace="ns${workload % 40}",source_cluster="bench",destination_service_name="PassthroughCluster",response_flags="-"`;
  const since = n < flows ? minutes : 3;
  const lines: string[] = [];
  for (let pod = 0; pod < pods; pod++) {
    const series = `${metrics[kind].name}{${who},${told},pod="w${workload}-${pod}",instance="10.0.${workload % 250}.${pod}:15020",job="envoy"}`;
    for (let before = since; before >= 0; before--)
      lines.push(`${series} ${10 + pod + 2 * (since - before)} ${secondsAt(before)}\n`);
  }
  return lines.join("");
}
