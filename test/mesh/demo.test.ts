import { Resolver } from "node:dns/promises";
import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { queryInstant } from "../tools/prometheus-query.ts";
import { demo } from "./demo.ts";

interface Seen {
  args: string[];
  /** The demo's temporary folder. */
  folder: string;
  prometheus: string;
  /** host or address → calls, as Prometheus has them at the scan's time. */
  calls: Record<string, number>;
  ptr: string[];
}

/** Looks at what a scan of the demo is given, as the scan itself would. */
async function look(args: string[]): Promise<Seen> {
  const option = (name: string) => args[args.indexOf(name) + 1] ?? "";
  const config = JSON.parse(readFileSync(option("--config"), "utf8")) as {
    clusters: [{ prometheus: { url: string } }];
  };
  const prometheus = config.clusters[0].prometheus.url;
  const catchAlls = 'destination_service_name=~"(Passthrough|BlackHole)Cluster",destination_workload="unknown"';
  const promql = `sum by (destination_service, destination_address) ({__name__=~"istio_(requests|tcp_connections_opened)_total",${catchAlls}})`;
  const rows = await queryInstant(prometheus, promql, Number(option("--at")) * 1000);
  const resolver = new Resolver();
  resolver.setServers([option("--dns")]);
  const name = ({ destination_service: host = "", destination_address: at = "" }) => (host === "unknown" ? at : host);
  return {
    args,
    folder: dirname(option("--config")),
    prometheus,
    calls: Object.fromEntries(rows.map(({ labels, value }) => [name(labels), value])),
    ptr: await resolver.resolvePtr("40.2.0.192.in-addr.arpa"),
  };
}

async function expectGone(seen: Seen | undefined): Promise<void> {
  expect(existsSync(seen?.folder ?? "/")).toBe(false);
  await expect(queryInstant(seen?.prometheus ?? "", "up")).rejects.toThrow();
}

describe("demo", () => {
  it("tells a story of three scans, answers its truth, and leaves nothing behind", async () => {
    const seen: Seen[] = [];
    const printed: string[] = [];
    const scan = async (args: string[]) => seen.push(await look(args));
    const signal = new AbortController().signal;
    const fresh = await demo({ scan, print: (line) => printed.push(line), signal });
    const told = fresh.map(({ verdict, protocol, host, address, port, count }) => [
      verdict,
      protocol,
      host,
      address,
      port,
      count,
    ]);
    expect(told).toEqual([
      ["allowed", "http", "httpbin.org", "198.51.100.20", 80, 3],
      ["allowed", "tls", "api.stripe.com", "198.51.100.7", 443, 2],
      ["allowed", "tcp", null, "192.0.2.40", 5432, 1],
      ["allowed", "tcp", null, "203.0.113.66", 4444, 1],
      ["blocked", "http", "tracking.example.org", "198.51.100.80", 80, 4],
      ["blocked", "tcp", null, "203.0.113.25", 25, 1],
    ]);
    const usual = { "weather.example.com": 12, "198.51.100.31:443": 9, "192.0.2.50:9092": 2, "192.0.2.60:465": 5 };
    const more = { "198.51.100.7:443": 2, "192.0.2.40:5432": 1, "203.0.113.66:4444": 1, "203.0.113.25:25": 1 };
    const all = { ...usual, ...more, "httpbin.org": 3, "tracking.example.org": 4 };
    const twice = Object.fromEntries(Object.entries(all).map(([name, count]) => [name, 2 * count]));
    expect(seen.map(({ calls }) => calls)).toEqual([usual, all, twice]);
    expect(seen[0]?.ptr).toEqual(["orders.db.example.net"]);
    expect(seen[0]?.args.slice(-2)).toEqual(["--learn", "10m"]);
    expect(printed).toHaveLength(4);
    await expectGone(seen[0]);
  });

  it("stops at once when it is aborted, and leaves nothing behind", async () => {
    const stop = new AbortController();
    let seen: Seen | undefined;
    const scan = async (args: string[]) => {
      seen = await look(args);
      stop.abort(new Error("enough"));
      return 130;
    };
    await expect(demo({ scan, print: () => undefined, signal: stop.signal })).rejects.toThrow("enough");
    await expectGone(seen);
  });

  it("stops while it waits for Prometheus, too, and starts nothing once aborted", async () => {
    const signal = AbortSignal.timeout(1000);
    const scan = async () => expect.unreachable();
    await expect(demo({ scan, print: () => undefined, signal })).rejects.toThrow(/timeout/);
    await expect(demo({ scan, print: () => expect.unreachable(), signal })).rejects.toThrow(/timeout/);
  });

  it("cleans up after a scan that throws", async () => {
    let seen: Seen | undefined;
    const scan = async (args: string[]) => {
      seen = await look(args);
      throw new Error("no such scan");
    };
    const signal = new AbortController().signal;
    await expect(demo({ scan, print: () => undefined, signal })).rejects.toThrow("no such scan");
    await expectGone(seen);
  });
});
