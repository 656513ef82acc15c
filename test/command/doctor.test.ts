/** doctor on a real Prometheus: what is well, and each way in which its metrics are not. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkNames } from "../../lib/report/doctor.ts";
import { answering, json } from "../poll/answering.ts";
import type { Receiver } from "../receivers/receiver.ts";
import { slackReceiver, slackUrl } from "../receivers/slack.ts";
import { type Dns, startDns } from "../tools/dns.ts";
import { runScout } from "./run-scout.ts";
import { configOf, day, examined, hour, minute, setUp } from "./set-up.ts";

const open: { stop(): Promise<void> }[] = [];
afterAll(async () => {
  for (const one of open) await one.stop();
});
async function opened<T extends { stop(): Promise<void> }>(made: Promise<T>): Promise<T> {
  const one = await made;
  open.push(one);
  return one;
}

let dns: Dns;
beforeAll(async () => {
  dns = await opened(startDns({ a: { "api.partner.example": ["198.51.100.7"] }, ptr: { "127.0.0.1": "localhost" } }));
});

/** What is said of a set-up of its own, which is gone after that. */
async function metricsOf(
  settings: Parameters<typeof setUp>[0],
  added = "",
  cluster: Parameters<typeof configOf>[2] = {},
) {
  const made = await setUp(settings);
  try {
    const file = join(made.dir, "scout.yaml");
    writeFileSync(file, configOf(made.url, `state: "memory:"\n${added}`, cluster));
    return await examined(["--config", file, "--dns", dns.server]);
  } finally {
    await made.stop();
  }
}

describe("a set-up where all is well", () => {
  let made: Awaited<ReturnType<typeof setUp>>;
  let slack: Receiver;
  let file: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    const labels = (at: number) =>
      `# TYPE kube_namespace_labels gauge\n${["shop", "batch"].map((one) => `kube_namespace_labels{namespace="${one}",label_team="x"} 1 ${at}\n`).join("")}`;
    made = await opened(setUp({ earlier: [7 * day, 30 * day], more: labels }));
    const loki = await opened(answering(json({ status: "success", data: ["app"] })));
    slack = await slackReceiver();
    open.push({ stop: () => slack.close() });
    env = { SLACK: slackUrl(slack) };
    file = join(made.dir, "scout.yaml");
    const added = `owners:
  - { label: { metric: kube_namespace_labels, name: label_team }, channels: [slack] }
channels: { slack: { slack: { webhook: { env: SLACK } } } }
enrich: { dns: { servers: ["${dns.server}"], trusted: [api.partner.example] } }
`;
    writeFileSync(file, configOf(made.url, added, { logs: { loki: { url: `${loki.url}/` } } }));
  });

  it("says ok to everything, in the contract's order, and exits 0", async () => {
    const { code, stderr, checks } = await examined(["--config", file], { env });
    expect(checks.filter(({ status }) => status !== "ok")).toEqual([]);
    expect(checks.map(({ name }) => name)).toEqual([...checkNames]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const found = Object.fromEntries(checks.map((one) => [one.name, one.found]));
    expect(found).toMatchObject({
      prometheus: expect.stringMatching(/^Prometheus [23]\.\d+\.\S+ at http:\/\/127\.0\.0\.1:\d+, answers in \d+m?s$/),
      "istio-metrics":
        "catch-all series in the last hour: 1 HTTP, 2 TCP opened and 2 TCP closed; all let through: outbound mode ALLOW_ANY",
      "address-label":
        "100% of 10 TCP connections of the last hour have an address label (destination_address, destination_ip)",
      "sni-label": "connections of the last hour with an SNI label (requested_server_name), by port: 443 100%",
      "duplicate-scrapes": "each of 2 proxies is scraped once",
      "scrape-interval": "kubernetes-pods every 15s",
      retention: "data of 30d ago is there; the server says it keeps 10y",
      "owner-labels": "kube_namespace_labels has label_team on 2 of 2",
      dns: expect.stringMatching(/^127\.0\.0\.1:\d+ answers in \d+m?s \(backward and forward\)$/),
      store: expect.stringMatching(/egress-scout\.db can be made$/),
      channels: "slack (slack): set up; nobody was asked",
      clock: "within 1s of ours",
    });
    expect(slack.got).toEqual([]);
  });

  it("reads as a table, without colours in a pipe", async () => {
    const { stdout } = await runScout(["doctor", "--config", file], { env });
    expect(stdout).toMatch(/^13 checks: 13 ok\.\n\nSTATUS {2}CHECK {14}FOUND\nok {6}prometheus {9}Prometheus/);
    expect(stdout.trimEnd().split("\n")).toHaveLength(16);
    expect(stdout).not.toContain("\u001b");
  });

  it("--send gives each channel one message, that it takes, and that holds no finding", async () => {
    const { code, by } = await examined(["--config", file, "--send"], { env });
    expect(code).toBe(0);
    expect(by.channels?.found).toBe("told slack (slack): a test message has arrived");
    expect(slack.taken).toHaveLength(1);
    expect(slack.faults).toEqual([]);
    expect(slack.taken[0]).toContain("0 findings for a test by egress-scout doctor in prod");
  });

  it("asks the DNS nothing that anybody else need not know", async () => {
    const before = dns.questions().length;
    await examined(["--config", file], { env });
    expect(dns.questions().slice(before).sort()).toEqual([
      "A api.partner.example",
      "PTR 1.0.0.127.in-addr.arpa",
      "PTR 1.2.0.192.in-addr.arpa",
    ]);
  });

  it("leaves no state behind where there was none, and changes none that is there", async () => {
    const state = join(made.dir, "own.db");
    await runScout([
      "scan",
      "--prometheus",
      made.url,
      "--cluster",
      "prod",
      "--state",
      `sqlite:${state}`,
      "--dns",
      dns.server,
    ]);
    const { by } = await examined(["--config", file, "--state", `sqlite:${state}`], { env });
    expect(by.store?.found).toMatch(/own\.db can be read and written; the last run ended at 20..-/);
  });
});

describe("metrics that are not well", () => {
  it("none of Istio's: fail, and what would be judged by them is skipped", async () => {
    const { code, by } = await metricsOf({
      script: () => {},
      more: (at) => `# TYPE up gauge\nup{job="node"} 1 ${at}\n`,
    });
    expect(code).toBe(1);
    expect(by["istio-metrics"]).toMatchObject({ status: "fail", found: "no Istio metrics at all" });
    for (const name of ["address-label", "sni-label", "duplicate-scrapes", "scrape-interval"]) {
      expect(by[name]).toMatchObject({ status: "skip" });
    }
    expect(by.prometheus).toMatchObject({ status: "ok" });
  });

  it("Istio's, but none of the catch-alls: warn", async () => {
    const { code, by } = await metricsOf({
      script(mesh, timetable, at) {
        const web = mesh.pod({ namespace: "shop", workload: "web" });
        timetable.at(at, () => web.inMesh({ namespace: "shop", workload: "cart" }));
      },
    });
    expect(code).toBe(0);
    expect(by["istio-metrics"]).toMatchObject({
      status: "warn",
      found: expect.stringContaining("none of the catch-alls"),
    });
  });

  it("labels in the metrics' names, as proxies up to 1.17 write them: fail", async () => {
    const name = "destination_address___203_0_113_7_443___istio_tcp_connections_opened";
    const more = (at: number) => `# TYPE ${name} counter\n${name}_total{reporter="source"} 1 ${at}\n`;
    const { by } = await metricsOf({ script: () => {}, more });
    expect(by["istio-metrics"]).toMatchObject({
      status: "fail",
      found: expect.stringContaining("in the metric's name"),
      mend: expect.stringContaining("telemetry --old"),
    });
  });

  it("all blocked, and both: the outbound mode as seen", async () => {
    const blocked = await metricsOf({
      script(mesh, timetable, at) {
        const web = mesh.pod({ namespace: "shop", workload: "web" });
        timetable.at(at, () => web.tcp({ to: "203.0.113.4:25", blocked: true }));
      },
    });
    expect(blocked.by["istio-metrics"]?.found).toContain("outbound mode REGISTRY_ONLY");
    const both = await metricsOf({
      script(mesh, timetable, at) {
        const web = mesh.pod({ namespace: "shop", workload: "web" });
        timetable.at(at, () => {
          web.tcp({ to: "203.0.113.4:25", blocked: true });
          web.tcp({ to: "203.0.113.5:25" });
          mesh.ambient({ namespace: "amb", workload: "a" }, 3);
        });
      },
    });
    expect(both.by["istio-metrics"]).toMatchObject({
      status: "warn",
      found: expect.stringMatching(/mode is mixed; 1 series of ztunnel/),
      mend: expect.stringContaining("logs"),
    });
  });

  it("ambient alone: only logs can tell", async () => {
    const { by } = await metricsOf({
      script: (mesh, timetable, at) => timetable.at(at, () => mesh.ambient({ namespace: "amb", workload: "a" }, 3)),
    });
    expect(by["istio-metrics"]).toMatchObject({ status: "warn", found: expect.stringContaining("ambient mesh") });
  });

  it("no address label: fail; no SNI on 443: warn", async () => {
    const { code, by } = await metricsOf({ address: "none", sni: false });
    expect(code).toBe(1);
    expect(by["address-label"]).toMatchObject({
      status: "fail",
      found: expect.stringMatching(/^0% of 10 TCP connections/),
      mend: expect.stringContaining("egress-scout telemetry"),
    });
    expect(by["sni-label"]).toMatchObject({ status: "warn", found: expect.stringContaining("unknown port 0%") });
  });

  it("half the SNI, by port; ports that are not TLS's do not count", async () => {
    const { code, by } = await metricsOf({
      script(mesh, timetable, at) {
        const web = mesh.pod({ namespace: "shop", workload: "web" });
        timetable.at(at, () => {
          web.tls({ sni: "a.example", to: "198.51.100.1:443", times: 3 });
          web.tls({ to: "198.51.100.2:443", times: 3 });
          web.tls({ sni: "b.example", to: "198.51.100.1:8443" });
          web.tls({ sni: "outbound_.443_._.c.example", to: "198.51.100.3:8443", times: 4 });
          web.tcp({ to: "203.0.113.4:5432" });
        });
      },
    });
    expect(code).toBe(0);
    expect(by["sni-label"]).toMatchObject({
      status: "warn",
      found: "connections of the last hour with an SNI label (requested_server_name), by port: 443 50% and 8443 20%",
    });
    expect(by["address-label"]).toMatchObject({ status: "ok" });
  });

  it("two scrape jobs see the same proxies, and a pair of servers does", async () => {
    const jobs = await metricsOf({ jobs: ["kubernetes-pods", "envoy-stats"] });
    expect(jobs.by["duplicate-scrapes"]).toMatchObject({
      status: "warn",
      found: "2 of 2 proxies are scraped more than once: envoy-stats (2) and kubernetes-pods (2)",
      mend: expect.stringContaining(`prometheus.matchers: 'job!="envoy-stats"'`),
    });
    expect(jobs.by["address-label"]?.found).toMatch(/^100% of 10 /);
    const pair = await metricsOf({ replicas: ["a", "b"] });
    expect(pair.by["duplicate-scrapes"]).toMatchObject({
      status: "warn",
      found: expect.stringContaining("kubernetes-pods/a (2)"),
    });
  });

  it("scrapes too far apart for the runs, and short retention", async () => {
    const { code, by } = await metricsOf({ everyMs: 4 * minute, earlier: [8 * day] });
    expect(code).toBe(0);
    expect(by["scrape-interval"]).toMatchObject({ status: "warn", found: "kubernetes-pods every 4m" });
    expect(by.retention).toMatchObject({ status: "warn", found: expect.not.stringContaining("30d ago") });
    const young = await metricsOf({ earlier: [6 * hour] });
    expect(young.by.retention).toMatchObject({
      status: "warn",
      found: "data of 6h ago is there; the server says it keeps 10y",
      means: expect.stringContaining("will know less"),
      mend: "wait: it keeps enough, and is young. Until then: plan --since 6h",
    });
  });

  it("owner labels: not there, on some, and names that are none", async () => {
    const owners = (name: string, ...metrics: string[]) =>
      `owners: [${metrics.map((metric) => `{ label: { metric: "${metric}", name: "${name}" } }`).join(", ")}]\n`;
    const more = (at: number) =>
      `# TYPE kube_namespace_labels gauge\nkube_namespace_labels{namespace="a",label_team="x"} 1 ${at}\nkube_namespace_labels{namespace="b"} 1 ${at}\n`;
    const some = await metricsOf({ more }, owners("label_team", "kube_namespace_labels", "no_such_metric"));
    expect(some.by["owner-labels"]).toMatchObject({
      status: "warn",
      found: "kube_namespace_labels has label_team on 1 of 2 and no_such_metric is not there",
    });
    const odd = await metricsOf({}, owners("x", 'up{a=\\"b\\"} or vector(1)'));
    expect(odd.by["owner-labels"]).toMatchObject({ status: "fail" });
  });

  it("the config's matchers and label names are used", async () => {
    const { by } = await metricsOf({ address: "ip", jobs: ["kubernetes-pods", "envoy-stats"] }, "", {
      labels: { address: ["destination_ip"] },
      prometheus: { matchers: 'job!="envoy-stats",' },
    });
    expect(by["address-label"]?.found).toBe(
      "100% of 10 TCP connections of the last hour have an address label (destination_ip)",
    );
    expect(by["duplicate-scrapes"]?.found).toBe("each of 2 proxies is scraped once");
    expect(by["scrape-interval"]?.found).toBe("kubernetes-pods every 15s");
  });
});
