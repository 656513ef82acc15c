/** The mesh that the docs speak of: its calls, its DNS, its files. Commands of the docs run on it, and samples are made from it. */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Timetable } from "../mesh/history.ts";
import type { Mesh } from "../mesh/mesh.ts";
import type { DnsData } from "../tools/dns.ts";
import { root } from "./pages.ts";

export const minute = 60_000;
export const hour = 60 * minute;

export const townDns: DnsData = {
  ptr: { "192.0.2.40": "orders.db.example.net" },
  a: {
    "orders.db.example.net": ["192.0.2.40"],
    "weather.example.com": ["198.51.100.30"],
    "api.partner.example": ["198.51.100.40"],
  },
};

/** What goes on for hours, and what is new in the last ten minutes before `end`. */
export const townCalls = (end: number) => (mesh: Mesh, timetable: Timetable) => {
  const frontend = mesh.pod({ namespace: "shop", workload: "frontend" });
  const cart = mesh.pod({ namespace: "shop", workload: "cart" });
  const checkout = mesh.pod({ namespace: "payments", workload: "checkout" });
  const reports = mesh.pod({ namespace: "data", workload: "reports" });
  const importer = mesh.pod({ namespace: "data", workload: "importer" });
  timetable.every({ from: end - 3 * hour + minute, to: end, everyMs: 5 * minute }, () => {
    frontend.http({ host: "weather.example.com", to: "198.51.100.30:80", times: 12 });
    checkout.tls({ sni: "fraud-check.example.com", to: "198.51.100.31:443", times: 9 });
    importer.tcp({ to: "192.0.2.50:9092", times: 2 });
  });
  timetable.every({ from: end - 10 * minute, to: end, everyMs: 4 * minute }, () => {
    reports.tcp({ to: "192.0.2.40:5432", times: 4 });
    checkout.tls({ sni: "api.stripe.com", to: "198.51.100.7:443", times: 2 });
    cart.http({ host: "tracking.example.org", to: "198.51.100.80:80", blocked: true });
  });
};

/** Beside it, something for each other detector. */
export const troubles = (end: number) => (mesh: Mesh, timetable: Timetable) => {
  townCalls(end)(mesh, timetable);
  const crawler = mesh.pod({ namespace: "batch", workload: "crawler" });
  const web = mesh.pod({ namespace: "shop", workload: "web" });
  const mailer = mesh.pod({ namespace: "ops", workload: "mailer" });
  timetable.every({ from: end - 48 * hour + minute, to: end, everyMs: 10 * minute }, () => {
    mailer.tcp({ to: "203.0.113.25:25", blocked: true });
  });
  timetable.at(end - 8 * minute, () => {
    for (let n = 1; n <= 25; n++) crawler.http({ host: `shop-${n}.example.net`, to: `203.0.113.${n}:80` });
    web.http({ host: "en.wikipedia.org", to: "198.51.100.90:80", times: 3 });
    web.tls({ sni: "api.partner.example", to: "203.0.113.99:443", times: 2 });
    mailer.tcp({ to: "203.0.113.25:25", blocked: true, times: 300 });
  });
};

export const townSpan = (end: number) => ({ from: end - 3 * hour, to: end, everyMs: 15_000 });
/** Long enough for a habit. */
export const troubleSpan = (end: number) => ({ from: end - 48 * hour, to: end, everyMs: minute });

/** A ServiceEntry in force, as Git or `kubectl get -o yaml` has it. */
export const entry = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: weather, namespace: shop }
spec:
  hosts: [weather.example.com]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  location: MESH_EXTERNAL
  resolution: DNS
  exportTo: ["."]
`;

/** Two calls as the sidecar of shop/web writes them, by Istio's default text. */
export const logLines = (at: number): string =>
  [1, 2]
    .map(
      (call) =>
        `[${new Date(at - call * minute).toISOString()}] "- - -" 0 - - - "-" 805 15199 158 - "-" "-" "-" "-" "203.0.113.251:443" PassthroughCluster 10.0.0.35:45584 203.0.113.251:443 10.0.0.35:45582 api.example.com -\n`,
    )
    .join("");

export interface TownConfig {
  prometheus: string;
  /** The base of a stand-in for GitHub. */
  github?: string;
  more?: object;
}

/** JSON is YAML. */
export const configOf = ({ prometheus, github, more = {} }: TownConfig): string =>
  JSON.stringify({
    clusters: [{ name: "prod-eu", prometheus: { url: prometheus } }],
    owners: [
      { match: { namespace: "payments" }, team: "payments" },
      { match: { namespace: "shop" }, team: "storefront" },
      { match: { namespace: "data" }, team: "analytics" },
      { team: "platform", channels: ["slack"] },
    ],
    teams: Object.fromEntries(["payments", "storefront", "analytics"].map((team) => [team, { channels: ["slack"] }])),
    channels: { slack: { slack: { webhook: { env: "SLACK_WEBHOOK" } } } },
    policies: [{ name: "wikipedia", from: { namespace: "*" }, deny: ["en.wikipedia.org"] }],
    ...(github === undefined
      ? {}
      : { pullRequests: { github: { repository: "acme/mesh", token: { env: "GITHUB_TOKEN" }, apiUrl: github } } }),
    ...more,
  });

/** The files that the docs' commands name, beside a config. `now` is for the times in logs. */
export function layOut(folder: string, config: string, now: number): void {
  for (const name of ["manifests", "egress"]) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, "weather.yaml"), entry);
  }
  writeFileSync(join(folder, "entries.yaml"), entry);
  writeFileSync(join(folder, "egress-scout.yaml"), config);
  writeFileSync(join(folder, "proxy.log"), logLines(now));
  writeFileSync(join(folder, "old.log.gz"), gzipSync(logLines(now)));
  cpSync(join(root, "infra"), join(folder, "infra"), { recursive: true });
}
