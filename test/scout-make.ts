/** Whole runs over hand-made ports: a Prometheus that is an array, a store that is memory, channels that write down what they get. */
import type { Labels } from "../lib/model.ts";
import type { Channel } from "../lib/notify/channel.ts";
import { policiesOf } from "../lib/policy/index.ts";
import { memory } from "../lib/remember/memory.ts";
import type { Store } from "../lib/remember/store.ts";
import { type Order, type Parts, type Scan, scout } from "../lib/scout.ts";
import type { NotifySettings } from "../lib/tell.ts";
import { fakeResolver } from "./enrich/fake-resolver.ts";
import { blocked, http, names, tcp } from "./observe/make.ts";
import { type FakeTelemetry, fakeTelemetry, type Stored } from "./poll/fake-telemetry.ts";

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;
/** When the tests' first runs end. */
export const noon = Date.UTC(2026, 10, 22, 12);

export interface World {
  telemetry: FakeTelemetry;
  store: Store;
  /** Message ids by the order in which channels took them. */
  sent: string[];
  /** Called before a channel takes a message: what it throws, the channel throws. */
  onSend: (channel: string, id: string) => void | Promise<void>;
  parts: Parts;
  /** A run that ends then. */
  run(to: number, change?: Partial<Order>): Promise<Scan>;
}

/** A world where Prometheus scraped every minute for a month, and nobody called anybody but as `stored` says. */
export function world(...stored: Stored[]): World {
  const telemetry = fakeTelemetry(
    { metric: "up", labels: {}, values: scraped(noon - 30 * day, noon + 9 * day, () => 1) },
    ...stored,
  );
  const sent: string[] = [];
  const channel = (name: string): Channel => ({
    name,
    async send({ id }) {
      await one.onSend(name, id);
      sent.push(id);
    },
  });
  const parts: Parts = {
    telemetry,
    store: memory(),
    channels: new Map(["slack", "sns"].map((name) => [name, channel(name)])),
    resolver: fakeResolver({}),
    owners: [{ team: "shop", channels: ["slack"] }],
    teams: {},
    warnings: [],
    entries: [],
    objects: [],
    reviewed: [],
    logs: [],
    log: { error() {}, warn() {}, info() {}, debug() {}, progress() {} },
  };
  const one: World = {
    telemetry,
    store: parts.store,
    sent,
    onSend: () => {},
    parts,
    run: (to, change = {}) => scout(parts, { ...usualOrder, to, now: to, ...change }),
  };
  return one;
}

/** What a config without a word about it comes to. */
export const usualNotify: NotifySettings = {
  ...{ repeat: day, backoff: 2, quietAfter: 3, digest: null },
  ...{ quiet: {}, fallbacks: {}, others: [], budget: 10_000 },
};

export const usualOrder: Omit<Order, "to" | "now"> = {
  cluster: "prod",
  since: null,
  learn: day,
  noLearn: false,
  dryRun: false,
  lateNames: true,
  ambient: true,
  labels: names,
  matchers: "",
  internal: [],
  routes: [],
  notify: usualNotify,
  policies: policiesOf([]),
  detect: { fanOut: 20, spike: { falseAlarmsPerWeek: 1, floor: 5, ratio: 2 } },
  suggest: { exportTo: ["."], dnsCapture: false },
};

/** One scrape a minute in (from, to]; a value that is null was not scraped. */
function scraped(from: number, to: number, value: (time: number) => number | null): Stored["values"] {
  const values: Stored["values"] = [];
  for (let time = from + minute; time <= to; time += minute) {
    const seen = value(time);
    if (seen !== null) values.push([time, seen]);
  }
  return values;
}

const series = (metric: string, labels: Labels, calls: readonly number[], until: number): Stored => {
  const first = Math.min(...calls);
  const count = (time: number) => calls.filter((call) => call <= time).length;
  return { metric, labels, values: scraped(Math.floor((first - 1) / minute) * minute, until, count) };
};

/** A counter of requests to a host at those times, scraped each minute from the first one until two days after noon. */
export const requested = (
  host: string,
  calls: readonly number[],
  change: Labels = {},
  until = noon + 9 * day,
): Stored => series("istio_requests_total", http(host, change), calls, until);

/** A counter of connections opened. */
export const connected = (address: string, calls: readonly number[], change: Labels = {}): Stored =>
  series("istio_tcp_connections_opened_total", tcp(address, change), calls, noon + 9 * day);

export { blocked };

/** What a run found: `kind place xCOUNT`. */
export const found = ({ findings }: Scan): string[] =>
  findings.map(
    ({ kind, destination: { host, address, port }, count }) => `${kind} ${host ?? address}:${port} x${count}`,
  );
