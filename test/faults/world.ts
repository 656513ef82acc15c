/** What all cells share: a real Prometheus with a past, a real Alertmanager, DynamoDB, and states that have learned until `learned`. */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { type HeldPast, holdPast } from "../command/past.ts";
import { runScout } from "../command/run-scout.ts";
import type { Flow } from "../mesh/truth.ts";
import * as line from "../observe/logs/make.ts";
import { type Alertmanager, startAlertmanager } from "../tools/alertmanager.ts";
import { type Dynamodb, startDynamodb } from "../tools/dynamodb.ts";
import type { Entry } from "../tools/loki.ts";
import { type Certificate, makeCertificate } from "./certificate.ts";

const minute = 60_000;

/** When runs end. Alertmanager and the machine's clock know no other now than the real one. */
export interface Times {
  learned: number;
  /** Of the run that meets the fault, of the one after it, and of one more. */
  first: number;
  second: number;
  third: number;
}

/** A new destination as the mesh knows it: the ways in which it may be told, since a log may know more of it than the metrics. */
export type News = readonly string[];

export interface World {
  dir: string;
  times: Times;
  prometheus: string;
  /** Another one, whose past and clock end with the first run. */
  early: { url: string; stop(): Promise<void> };
  alertmanager: Alertmanager;
  dynamodb: Dynamodb;
  /** A table and a state file that have learned clusters. */
  table: string;
  learned: string;
  learn(clusters: readonly string[], store: "sqlite" | "dynamodb"): Promise<void>;
  /** Log lines for Loki. */
  lines: readonly Entry[];
  /** What was new to the mesh after `learned`, until then. */
  news(until: number): News[];
  certificate: Certificate;
  stop(): Promise<void>;
}

export const zone = {
  ptr: { "9.113.0.203.in-addr.arpa": "db1.customer.example", "1.0.0.127.in-addr.arpa": "localhost" },
  a: { "db1.customer.example": "203.0.113.9" },
};

/** `namespace/workload verdict protocol place:port` */
export const newsOf = (source: { namespace: string; workload: string }, to: Omit<Flow, "source" | "count">): string =>
  `${source.namespace}/${source.workload} ${to.verdict} ${to.protocol} ${to.host ?? to.address}:${to.port}`;

const named = { address: "203.0.113.30:443", host: "named.example.com" };
const onlyLogged = { address: "203.0.113.99:443", host: "only-logged.example.net" };

export async function startWorld(folder: string): Promise<World> {
  const now = Math.floor(Date.now() / minute) * minute - minute;
  const second = now - 6 * minute;
  const first = second - 120 * minute;
  const times: Times = { learned: first - 10 * minute, first, second, third: now - minute };
  const held = (to: number) =>
    holdPast((mesh, timetable) => calls(mesh, timetable, times), {
      ...{ from: times.learned - 60 * minute, to, everyMs: minute },
    });
  const [past, beginning, alertmanager, dynamodb] = await Promise.all([
    held(now),
    held(first),
    startAlertmanager(join(folder, "alertmanager")),
    startDynamodb(),
  ]);
  const table = await dynamodb.table();
  const learned = join(folder, "learned.db");
  const early = await standingStill(beginning.prometheus.url, first);
  return {
    early,
    ...{ dir: folder, times, prometheus: past.prometheus.url, alertmanager, dynamodb, table, learned },
    lines: linesOf(times),
    learn: async (names, store) => {
      const state = store === "sqlite" ? `sqlite:${learned}` : `dynamodb:${table}`;
      if (names.length > 0) await learnAll({ names, state, folder, past, dynamodb, times });
    },
    news: (until) => newsUntil(past, times, until),
    certificate: makeCertificate(folder),
    async stop() {
      await early.stop();
      await Promise.all([past.stop(), beginning.stop(), alertmanager.stop(), dynamodb.stop()]);
    },
  };
}

function calls(...[mesh, timetable, times]: [...Parameters<Parameters<typeof holdPast>[0]>, Times]): void {
  const checkout = mesh.pod({ namespace: "payments", workload: "checkout" });
  const web = mesh.pod({ namespace: "shop", workload: "web" });
  const known = { sni: "known.example.com", to: "198.51.100.1:443" };
  timetable.every({ from: times.learned - 30 * minute, to: times.third, everyMs: 5 * minute }, () =>
    checkout.tls(known),
  );
  timetable.at(times.learned + 3 * minute, () => {
    checkout.tls({ sni: "new.example.com", to: "198.51.100.2:443", times: 3 });
    checkout.tcp({ to: named.address });
    web.tcp({ to: "203.0.113.9:5432" });
    web.http({ host: "tracker.example.org", to: "198.51.100.3:80", blocked: true });
  });
  timetable.at(times.first + 30 * minute, () => {
    checkout.tls({ sni: "later.example.com", to: "198.51.100.4:443" });
    web.tcp({ to: "203.0.113.41:6379" });
  });
}

function linesOf({ learned }: Times): Entry[] {
  const start = new Date(learned + 4 * minute).toISOString();
  const to = ({ address, host }: typeof named) => ({
    start,
    duration: "20",
    local: address,
    upstream: address,
    sni: host,
  });
  const of = (pod: string, namespace: string) => ({ container: "istio-proxy", namespace, pod });
  const at = BigInt(learned + 4 * minute) * 1_000_000n;
  return [
    { at, text: line.tls(to(named)), labels: of("checkout-7dc8cb9d9b-6hfhg", "payments") },
    { at: at + 1n, text: line.tls(to(onlyLogged)), labels: of("web-7dc8cb9d9b-6hfhg", "shop") },
  ];
}

function newsUntil({ past: { mesh } }: HeldPast, { learned }: Times, until: number): News[] {
  const known = new Set(mesh.truth(0, learned).map((flow) => newsOf(flow.source, flow)));
  const seen = mesh.truth(learned, until).map((flow) => newsOf(flow.source, flow));
  const tls = (source: string, { host }: typeof named) => `${source} allowed tls ${host}:443`;
  return [
    ...seen
      .filter((one) => !known.has(one))
      .map((one) => (one.includes(named.address) ? [one, tls("payments/checkout", named)] : [one])),
    [tls("shop/web", onlyLogged)],
  ];
}

/** The same server with a clock that stands still, as its answers tell. */
async function standingStill(url: string, now: number): Promise<World["early"]> {
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const { connection: _, ...headers } = request.headers;
    const kept = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
    const answer = await fetch(`${url}${request.url}`, { method: request.method ?? "GET", headers: kept, body });
    response.setHeader("date", new Date(now).toUTCString());
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
    response.end(Buffer.from(await answer.arrayBuffer()));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

interface Learning {
  names: readonly string[];
  state: string;
  folder: string;
  past: HeldPast;
  dynamodb: Dynamodb;
  times: Times;
}

/** One process learns them all. */
async function learnAll({ names, state, folder, past, dynamodb, times }: Learning): Promise<void> {
  const config = join(folder, "learn.json");
  const clusters = names.map((name) => ({ name, prometheus: { url: past.prometheus.url } }));
  writeFileSync(config, JSON.stringify({ clusters, enrich: { dns: { servers: ["127.0.0.1:1"] } } }));
  const at = ["--at", String(times.learned / 1000), "--learn", "1h", "--format", "json"];
  const { code, stderr } = await runScout(["scan", "--config", config, "--state", state, ...at], { env: dynamodb.env });
  if (code !== 0) throw new Error(`learning: exit ${code}: ${stderr}`);
}
