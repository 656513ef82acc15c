import { describe, expect, it } from "vitest";
import { ScoutError } from "../../lib/errors.ts";
import type { Labels, LogLine, Window } from "../../lib/model.ts";
import type { AccessLogs } from "../../lib/poll/logs/access-logs.ts";
import type { Scan } from "../../lib/scout.ts";
import { fakeResolver } from "../enrich/fake-resolver.ts";
import * as line from "../observe/logs/make.ts";
import { tcp } from "../observe/make.ts";
import { connected, day, hour, minute, noon, requested, type World, world } from "../scout-make.ts";

const quarter = 15 * minute;
const later = noon + quarter;
const web: Labels = { namespace: "shop", pod: "web-7dc8cb9d9b-6hfhg" };
const iso = (time: number) => new Date(time).toISOString();
/** A connection that ended then, in the default text format. */
const tls = (at: number, sni: string, address = "203.0.113.5", change: Partial<line.Columns> = {}): LogLine => ({
  text: line.tls({
    start: iso(at),
    duration: "0",
    sni,
    local: `${address}:443`,
    upstream: `${address}:443`,
    ...change,
  }),
  time: null,
  labels: web,
});
const times = (count: number, at: number, ...rest: [sni: string, address?: string]): LogLine[] =>
  Array.from({ length: count }, () => tls(at, ...rest));

/** Logs in an array; `fail` comes after the lines. */
interface FakeLogs extends AccessLogs {
  kept: LogLine[];
  /** What it was asked for. */
  asked: Window[];
  fail: ScoutError | null;
}

function keeping(one: World, change: Partial<AccessLogs> = {}): FakeLogs {
  const logs: FakeLogs = {
    name: "the test's log",
    late: false,
    most: null,
    kept: [],
    asked: [],
    fail: null,
    async *read(window) {
      logs.asked.push(window);
      yield logs.kept;
      if (logs.fail !== null) throw logs.fail;
    },
    ...change,
  };
  one.parts.logs = [...one.parts.logs, logs];
  return logs;
}

const told = ({ findings }: Scan): string[] =>
  findings
    .map(({ kind, source, destination: { protocol, host, address, port, sni }, count }) => {
      const place = `${host ?? address}:${port}`;
      return `${kind} ${source.namespace}/${source.workload} ${protocol} ${place}${sni === null ? "" : ` (${sni})`} x${count}`;
    })
    .sort();

const known = requested("known.example.com", [noon - hour]);

describe("access logs beside metrics", () => {
  it("find what no metric shows, once, and are quiet in the next run", async () => {
    const one = world(known);
    const logs = keeping(one);
    await one.run(noon);
    logs.kept = times(3, noon + minute, "new.example.com");
    const scan = await one.run(later);
    expect(told(scan)).toEqual(["new-destination shop/web tls new.example.com:443 (new.example.com) x3"]);
    expect(scan.findings[0]).toMatchObject({ firstSeen: noon + minute, addresses: ["203.0.113.5"] });
    logs.kept = times(2, later + minute, "new.example.com");
    expect(await one.run(later + quarter)).toMatchObject({ findings: [], known: 2, observations: 2 });
  });

  it("name what the metrics know by its address: one flow, with the larger count and never the sum", async () => {
    const calls = Array.from({ length: 10 }, (_, n) => noon + minute + n);
    for (const logged of [3, 14]) {
      const one = world(known, connected("203.0.113.5:443", calls));
      const logs = keeping(one);
      await one.run(noon);
      logs.kept = times(logged, noon + minute, "api.example.com");
      const scan = await one.run(later);
      expect(told(scan)).toEqual([
        `new-destination shop/web tls api.example.com:443 (api.example.com) x${Math.max(10, logged)}`,
      ]);
      expect(scan.observations).toBe(2);
      logs.kept = [];
      expect((await one.run(later + quarter)).findings).toEqual([]);
    }
  });

  it("share a count among the names behind one address, and count an address's parts together", async () => {
    const calls = Array.from({ length: 10 }, (_, n) => noon + minute + n);
    const one = world(known, connected("203.0.113.5:443", calls), connected("203.0.113.6:443", calls.slice(0, 4)));
    const logs = keeping(one);
    await one.run(noon);
    logs.kept = [
      ...times(1, noon + minute, "a.example.com"),
      ...times(3, noon + minute, "b.example.com"),
      ...times(1, noon + minute, "b.example.com", "203.0.113.6"),
    ];
    expect(told(await one.run(later))).toEqual([
      "new-destination shop/web tls a.example.com:443 (a.example.com) x3",
      "new-destination shop/web tls b.example.com:443 (b.example.com) x11",
    ]);
  });

  it("are one with the metrics where those have the SNI too, and where they have no address at all", async () => {
    const calls = [noon + minute, noon + 2 * minute];
    const sni = { requested_server_name: "api.example.com" };
    for (const labels of [sni, { destination_address: "" }, { destination_address: "", requested_server_name: "" }]) {
      const one = world(known, connected("203.0.113.5:443", calls, labels));
      const logs = keeping(one);
      await one.run(noon);
      logs.kept = times(2, noon + minute, "api.example.com");
      expect(told(await one.run(later))).toEqual([
        "new-destination shop/web tls api.example.com:443 (api.example.com) x2",
      ]);
      expect((await one.run(later + quarter)).findings).toEqual([]);
    }
  });

  it("are one with requests: by Host, with the port that a label would tell, and as gRPC", async () => {
    const http = (change: Partial<line.Columns> = {}): LogLine => ({
      text: line.http({ start: iso(noon + minute), ...change }),
      time: null,
      labels: web,
    });
    const at = [noon + minute];
    const grpc = requested("grpc.example.org", at, {
      request_protocol: "grpc",
      destination_address: "198.51.100.80:80",
    });
    const one = world(known, requested("httpbin.example.org", at), grpc, requested("other.example.org", at));
    const logs = keeping(one);
    await one.run(noon);
    logs.kept = [
      http(),
      http({ authority: "grpc.example.org" }),
      http({ authority: "other.example.org", local: "198.51.100.80:8080" }),
    ];
    expect(told(await one.run(later))).toEqual([
      "new-destination shop/web grpc grpc.example.org:80 x1",
      "new-destination shop/web http httpbin.example.org:80 x1",
      "new-destination shop/web http other.example.org:8080 x1",
    ]);
    expect((await one.run(later + quarter)).findings).toEqual([]);
  });

  it("are no flood on the day they are turned on, and then find another name behind a known address", async () => {
    const calls = [noon - hour, noon + minute];
    const one = world(known, connected("203.0.113.5:443", calls), connected("203.0.113.6:443", calls));
    await one.run(noon);
    const logs = keeping(one);
    logs.kept = [
      ...times(2, noon + minute, "a.example.com"),
      ...times(2, noon + minute, "b.example.com", "203.0.113.6"),
    ];
    expect(told(await one.run(later))).toEqual([]);
    logs.kept = times(1, later + minute, "second.example.com");
    expect(told(await one.run(later + quarter))).toEqual([]);
    const tomorrow = later + day + hour;
    logs.kept = [...times(1, tomorrow, "evil.example.net"), ...times(1, tomorrow, "a.example.com")];
    expect(told(await one.run(tomorrow + quarter))).toEqual([
      "new-destination shop/web tls evil.example.net:443 (evil.example.net) x1",
    ]);
  });

  it("find another name behind an address that was new together with its name, on the same day", async () => {
    const one = world(known, connected("203.0.113.5:443", [noon + minute, later + minute]));
    const logs = keeping(one);
    await one.run(noon);
    logs.kept = times(1, noon + minute, "a.example.com");
    expect(told(await one.run(later))).toHaveLength(1);
    logs.kept = times(1, later + minute, "evil.example.net");
    expect(told(await one.run(later + quarter))).toEqual([
      "new-destination shop/web tls evil.example.net:443 (evil.example.net) x1",
    ]);
  });

  it("are no second news where the metric comes a run later than the log", async () => {
    const one = world(known);
    const logs = keeping(one);
    await one.run(noon);
    logs.kept = times(1, later - 1000, "api.example.com");
    expect(told(await one.run(later))).toHaveLength(1);
    one.telemetry.stored.push(connected("203.0.113.5:443", [later + 10_000]));
    expect(told(await one.run(later + quarter))).toEqual([]);
    expect(told(await one.run(later + 2 * quarter))).toEqual([]);
  });

  it("are remembered where they fail meanwhile, and where they do not know what cluster the metrics say they are of", async () => {
    const poor = connected("203.0.113.5:443", [later + 8 * minute]);
    const labelled = connected("203.0.113.5:443", [later + 8 * minute], {
      source_cluster: "Kubernetes",
      requested_server_name: "api.example.com",
    });
    for (const metric of [poor, labelled]) {
      const one = world(known);
      const logs = keeping(one);
      await one.run(noon);
      logs.kept = times(1, later - 1000, "api.example.com");
      expect(told(await one.run(later))).toHaveLength(1);
      logs.kept = [];
      one.telemetry.stored.push(metric);
      expect(told(await one.run(later + quarter))).toEqual([]);
    }
  });

  it("are asked for the window, and for the minutes before it that a metric may count only now", async () => {
    const one = world(known);
    const logs = keeping(one);
    await one.run(noon);
    await one.run(later);
    expect(logs.asked.at(-1)).toEqual({ from: noon - 5 * minute, to: later });
  });

  it("doubt a name that does not answer to the address, as metrics do", async () => {
    const one = world(known);
    one.parts.trusting = () => true;
    one.parts.resolver = fakeResolver({ "4 api.example.com": ["198.51.100.1"] });
    const logs = keeping(one);
    await one.run(noon);
    logs.kept = times(2, noon + minute, "api.example.com");
    expect(told(await one.run(later)).map((text) => text.split(" ")[0])).toContain("name-mismatch");
  });

  it("name a new address by what was logged shortly before the window", async () => {
    const one = world(known);
    await one.run(noon);
    const logs = keeping(one);
    logs.kept = times(1, noon - 1000, "api.example.com");
    one.telemetry.stored.push(connected("203.0.113.5:443", [noon + 10_000]));
    expect(told(await one.run(later))).toEqual([
      "new-destination shop/web tls api.example.com:443 (api.example.com) x1",
    ]);
  });

  it("count only what is in the window, so that a file that is read again counts nothing twice", async () => {
    const one = world(known);
    const logs = keeping(one);
    await one.run(noon);
    logs.kept = [
      ...times(2, noon - hour, "old.example.com"),
      ...times(1, noon, "edge.example.com"),
      ...times(1, later, "a.example.com"),
    ];
    expect(told(await one.run(later))).toEqual(["new-destination shop/web tls a.example.com:443 (a.example.com) x1"]);
    expect(told(await one.run(later + quarter))).toEqual([]);
  });

  it("count a line that came late, of a log whose lines may", async () => {
    const one = world(known);
    const logs = keeping(one, { late: true });
    await one.run(noon);
    logs.kept = times(2, noon - minute, "late.example.com");
    expect(told(await one.run(later))).toEqual([
      "new-destination shop/web tls late.example.com:443 (late.example.com) x2",
    ]);
    expect(told(await one.run(later + quarter))).toEqual([]);
  });

  it("take two logs that tell the same for one, and the parts of one for more", async () => {
    const one = world(known);
    const logs = [{ late: true, name: "Loki" }, { late: true, name: "CloudWatch" }, {}, {}].map((change) =>
      keeping(one, change),
    );
    await one.run(noon);
    logs[0]!.kept = times(2, noon + minute, "both.example.com");
    logs[1]!.kept = times(3, noon + minute, "both.example.com");
    logs[2]!.kept = times(4, noon + minute, "parts.example.com");
    logs[3]!.kept = times(5, noon + minute, "parts.example.com");
    expect(told(await one.run(later))).toEqual([
      "new-destination shop/web tls both.example.com:443 (both.example.com) x3",
      "new-destination shop/web tls parts.example.com:443 (parts.example.com) x9",
    ]);
  });

  it("learn in a first run, and tell a name and its address as one", async () => {
    const one = world(known, connected("203.0.113.5:443", [noon - hour]));
    const logs = keeping(one);
    logs.kept = times(2, noon - hour, "api.example.com");
    const scan = await one.run(noon);
    expect([...(scan.learned ?? [])].map(({ destination }) => destination.host).sort()).toEqual([
      "api.example.com",
      "known.example.com",
    ]);
    logs.kept = times(2, noon + minute, "api.example.com");
    expect(told(await one.run(later))).toEqual([]);
  });

  it("open a fan-out, and remember no more of it than of one in metrics", async () => {
    const one = world(known);
    const logs = keeping(one);
    await one.run(noon);
    logs.kept = Array.from({ length: 1500 }, (_, n) =>
      tls(noon + minute, `h${n}.example.com`, `198.51.${100 + (n >> 8)}.${n & 255}`),
    );
    expect((await one.run(later)).findings).toMatchObject([{ kind: "fan-out", destinations: 1500 }]);
    expect((await one.store.recall("prod")).size).toBeLessThanOrEqual(1001);
  });

  it("leave of the addresses behind a fan-out no more than that in memory", async () => {
    const one = world(known);
    const logs = keeping(one);
    await one.run(noon);
    for (let n = 0; n < 1100; n += 1) {
      const address = `198.51.${100 + (n >> 8)}.${n & 255}`;
      const labels = tcp(`${address}:443`);
      one.telemetry.stored.push({ metric: "istio_tcp_connections_opened_total", labels, values: [[noon + minute, 1]] });
      logs.kept.push(tls(noon + minute, `h${n}.example.com`, address));
    }
    expect((await one.run(later)).findings).toMatchObject([{ kind: "fan-out", destinations: 1100, count: 1100 }]);
    expect((await one.store.recall("prod")).size).toBeLessThanOrEqual(2001);
  });

  it("tell blocked calls", async () => {
    const one = world(known);
    const logs = keeping(one);
    await one.run(noon);
    logs.kept = [tls(noon + minute, "-", "203.0.113.9", { ...line.blackHole, local: "203.0.113.9:443" })];
    expect(told(await one.run(later))).toEqual(["new-blocked shop/web tcp 203.0.113.9:443 x1"]);
  });
});

describe("who called", () => {
  const bare = (sni: string, address: string, labels: Labels = {}): LogLine => ({
    ...tls(noon + minute, sni, address),
    labels,
  });

  it("is who the metrics say calls so, where a line does not tell and it is one alone", async () => {
    const calls = [noon + minute];
    const cart = { source_workload: "cart" };
    const one = world(
      known,
      connected("203.0.113.5:443", calls),
      connected("203.0.113.6:443", calls),
      connected("203.0.113.6:443", calls, cart),
    );
    const logs = keeping(one);
    await one.run(noon);
    logs.kept = [
      bare("one.example.com", "203.0.113.5"),
      bare("two.example.com", "203.0.113.6"),
      bare("ns.example.com", "203.0.113.7", { pod: "web-0" }),
    ];
    const scan = await one.run(later);
    expect(told(scan)).toContain("new-destination shop/web tls one.example.com:443 (one.example.com) x1");
    expect(told(scan)).toContain("new-destination unknown/unknown tls two.example.com:443 (two.example.com) x1");
    expect(told(scan)).toContain("new-destination shop/web tls ns.example.com:443 (ns.example.com) x1");
    expect(scan.blind.join()).toContain("do not tell who called in 1 flow:");
  });

  it("is the service account behind an egress gateway, which is said; the gateway's own metric is the same flow", async () => {
    const gateway = {
      source_workload_namespace: "istio-system",
      source_workload: "istio-egressgateway",
      requested_server_name: "www.example.org",
    };
    const one = world(known, connected("203.0.113.9:443", [noon + minute], gateway));
    const logs = keeping(one);
    await one.run(noon);
    const more = { downstream_peer_uri_san: "spiffe://cluster.local/ns/shop/sa/web" };
    logs.kept = [
      {
        text: line.tlsJson({ ...line.gateway, start: iso(noon + minute) }, more),
        time: null,
        labels: { namespace: "istio-system", pod: "istio-egressgateway-5d8c7b9f46-x2x5k" },
      },
    ];
    const scan = await one.run(later);
    expect(told(scan)).toEqual(["new-destination shop/web tls www.example.org:443 (www.example.org) x1"]);
    expect(scan.warnings.join()).toContain("service account");
    expect(told(await one.run(later + quarter))).toEqual([]);
  });

  it("is no news behind a gateway that is known, on the day that logs first tell it; another workload later on is", async () => {
    const gateway = {
      source_workload_namespace: "istio-system",
      source_workload: "istio-egressgateway",
      requested_server_name: "www.example.org",
    };
    const one = world(known, connected("203.0.113.9:443", [noon - hour], gateway));
    await one.run(noon);
    const logs = keeping(one);
    const through = (time: number, account: string): LogLine => ({
      text: line.tlsJson(
        { ...line.gateway, start: iso(time) },
        { downstream_peer_uri_san: `spiffe://cluster.local/ns/shop/sa/${account}` },
      ),
      time: null,
      labels: { namespace: "istio-system", pod: "istio-egressgateway-5d8c7b9f46-x2x5k" },
    });
    logs.kept = [through(noon + minute, "web"), through(noon + minute, "cart")];
    expect(told(await one.run(later))).toEqual([]);
    const tomorrow = later + day + hour;
    logs.kept = [through(tomorrow, "web"), through(tomorrow, "intruder")];
    expect(told(await one.run(tomorrow + quarter))).toEqual([
      "new-destination shop/intruder tls www.example.org:443 (www.example.org) x1",
    ]);
  });

  it("is told as soon as the metrics know it, though it was unknown before", async () => {
    const one = world(known);
    const logs = keeping(one);
    await one.run(noon);
    logs.kept = [bare("one.example.com", "203.0.113.5")];
    expect(told(await one.run(later))).toEqual([
      "new-destination unknown/unknown tls one.example.com:443 (one.example.com) x1",
    ]);
    one.telemetry.stored.push(connected("203.0.113.5:443", [later + minute]));
    logs.kept = [{ ...tls(later + minute, "one.example.com", "203.0.113.5"), labels: {} }];
    expect(told(await one.run(later + quarter))).toEqual([
      "new-destination shop/web tls one.example.com:443 (one.example.com) x1",
    ]);
  });

  it("leaves private addresses to metrics that tell addresses: those of pods are not among them", async () => {
    const pods = [tls(noon + minute, "-", "10.28.1.220")];
    for (const address of ["203.0.113.5:443", ""]) {
      const one = world(known, connected(address, [noon + minute]));
      const logs = keeping(one);
      await one.run(noon);
      logs.kept = pods;
      const found = told(await one.run(later)).filter((text) => text.includes("10.28.1.220"));
      expect(found).toHaveLength(address === "" ? 1 : 0);
    }
  });
});

describe("logs that fail", () => {
  it("do not fail the run: what was read counts, and what was not is said", async () => {
    const one = world(known);
    const logs = keeping(one);
    await one.run(noon);
    logs.kept = times(1, noon + minute, "new.example.com");
    logs.fail = new ScoutError("logs/unavailable", "the test's log is away", { mend: "bring it back" });
    const scan = await one.run(later);
    expect(told(scan)).toHaveLength(1);
    expect(scan.warnings).toEqual(["the test's log is away; bring it back"]);
    expect(scan.blind.join()).toContain("the test's log is away");
  });

  it("are read so far as they may, and what is beyond is said", async () => {
    const one = world(known);
    const logs = keeping(one, { most: 2 });
    await one.run(noon);
    logs.kept = times(5, noon + minute, "new.example.com");
    const scan = await one.run(later);
    expect(told(scan)).toEqual(["new-destination shop/web tls new.example.com:443 (new.example.com) x2"]);
    expect(scan.blind.join()).toContain("more than 2 lines");
  });

  it("say in one warning how many lines were no log, with one of them", async () => {
    const one = world(known);
    const logs = keeping(one);
    await one.run(noon);
    logs.kept = ["\u001b[2Jjunk<script>", "more junk", '{"upstream_cluster":'].map((text) => ({
      text,
      time: null,
      labels: {},
    }));
    const { warnings } = await one.run(later);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^the test's log: 3 of 3 lines [ -~]*such as "\\u001b\[2Jjunk\\u003cscript\\u003e"$/);
  });

  it("do not save a run whose Prometheus is away", async () => {
    const one = world(known);
    keeping(one);
    await one.run(noon);
    one.telemetry.refuse = () => {
      throw new ScoutError("prometheus/unavailable", "away");
    };
    await expect(one.run(later)).rejects.toMatchObject({ code: "prometheus/unavailable" });
  });
});

describe("ambient", () => {
  const unknown = { destination_service_name: "unknown", destination_address: "" };
  const ambient = (workload: string) =>
    connected("", [noon - minute, noon + minute], { ...unknown, source_workload: workload });

  it("is said where ztunnel counts calls that nobody can name, with what would show them", async () => {
    const one = world(known, ambient("web"), ambient("cart"));
    expect((await one.run(noon)).blind.join()).toContain("2 workloads call the outside through ztunnel");
    const scan = await one.run(later);
    expect(scan.findings).toEqual([]);
    expect(scan.blind).toEqual([expect.stringMatching(/^2 workloads .*access logs would show/)]);
    expect(scan.queries).toBe(one.telemetry.questions.length);
  });

  it("is not said, nor asked for, where there are logs or no such calls", async () => {
    const one = world(known, ambient("web"));
    const logs = keeping(one);
    await one.run(noon);
    logs.kept = [{ text: line.ztunnelJson({ time: iso(noon + minute) }), time: null, labels: {} }];
    const scan = await one.run(later);
    expect(told(scan)).toEqual(["new-destination tools/debug tcp 203.0.113.142:443 x1"]);
    expect(scan.blind.join()).not.toContain("ztunnel");
    expect(one.telemetry.questions.some(({ promql }) => promql.startsWith("group by (source_workload"))).toBe(false);
    const other = world(known);
    await other.run(noon);
    expect((await other.run(later)).blind).toEqual([]);
  });
});

describe("a denied destination", () => {
  it("that only a log shows is found when it is called again, with its own count", async () => {
    const one = world(known);
    const logs = keeping(one);
    await one.run(noon);
    logs.kept = times(3, noon + minute, "new.example.com");
    const [first] = (await one.run(later)).findings;
    const id = first?.id ?? "";
    await one.store.rule({ id, verdict: "denied", until: null, reason: null, by: null, at: null });
    logs.kept = times(2, later + minute, "new.example.com");
    const scan = await one.run(later + quarter);
    expect(told(scan)).toEqual(["new-destination shop/web tls new.example.com:443 (new.example.com) x2"]);
    expect(scan.findings[0]).toMatchObject({ id, severity: "critical" });
  });

  it("is counted once by runs that follow each other closely, though the log's lines may come late", async () => {
    const one = world(known);
    const logs = keeping(one, { late: true });
    await one.run(noon);
    logs.kept = times(3, noon + minute, "new.example.com");
    const [first] = (await one.run(later)).findings;
    const id = first?.id ?? "";
    await one.store.rule({ id, verdict: "denied", until: null, reason: null, by: null, at: null });
    logs.kept = times(1, later + minute, "new.example.com");
    const counts: (number | undefined)[] = [];
    for (const minutes of [2, 4, 5]) {
      await one.run(later + minutes * minute);
      counts.push((await one.store.open("prod")).get(id)?.count);
    }
    expect(counts).toEqual([1, 1, 1]);
  });

  it("that metrics and a log tell of is counted once", async () => {
    const calls = [noon + minute, later + minute, later + 2 * minute];
    const one = world(known, connected("203.0.113.5:443", calls));
    const logs = keeping(one);
    await one.run(noon);
    logs.kept = times(1, noon + minute, "api.example.com");
    const [first] = (await one.run(later)).findings;
    const id = first?.id ?? "";
    await one.store.rule({ id, verdict: "denied", until: null, reason: null, by: null, at: null });
    logs.kept = times(2, later + minute, "api.example.com");
    expect(told(await one.run(later + quarter))).toEqual([
      "new-destination shop/web tls api.example.com:443 (api.example.com) x2",
    ]);
    const other = world(known, requested("plain.example.com", calls));
    const both = keeping(other);
    await other.run(noon);
    const [plain] = (await other.run(later)).findings;
    await other.store.rule({ id: plain?.id ?? "", verdict: "denied", until: null, reason: null, by: null, at: null });
    both.kept = [line.http({ start: iso(later + minute), authority: "plain.example.com" })].map((text) => ({
      ...{ text, time: null, labels: web },
    }));
    expect(told(await other.run(later + quarter))).toEqual(["new-destination shop/web http plain.example.com:80 x2"]);
  });
});
