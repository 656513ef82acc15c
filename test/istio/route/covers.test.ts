import { describe, expect, it } from "vitest";
import { covers, inWords } from "../../../lib/istio/route/covers.ts";
import type { Flow } from "../../../lib/istio/route/flow.ts";
import { entry, from, http, type KubeObject, type settings, sidecar, table, tcp, tls, verdict } from "./make.ts";

const none = { resolution: "NONE" };
const judge = (
  flows: Flow[],
  current: KubeObject[],
  proposed: unknown[],
  change: Partial<ReturnType<typeof settings>> = {},
) => covers(flows, table(current, change), proposed);
const ways = (coverage: ReturnType<typeof covers>) =>
  coverage.flows.map(({ flow, before, after }) => `${verdict(flow, before)} → ${verdict(flow, after)}`);

describe("covers", () => {
  it("counts what is covered, and finds no conflicts", () => {
    const flows = [tls("a.example.com"), tls("b.example.com"), http("a.example.com", 443)];
    const coverage = judge(flows, [], [entry("payments/a", "a.example.com, b.example.com", "443 TLS")]);
    expect(ways(coverage)).toEqual([
      "passthrough → payments/a",
      "passthrough → payments/a",
      "passthrough → passthrough",
    ]);
    expect(coverage).toMatchObject({ before: 0, covered: 2, conflicts: [], wide: [], leftOut: [] });
    expect(inWords(coverage)).toBe("covers 2 of 3 flows seen, conflicts: none");
  });

  it("counts what was covered before", () => {
    const old = entry("payments/a", "a.example.com", "443 TLS");
    expect(judge([tls("a.example.com")], [old], [])).toMatchObject({ before: 1, covered: 1, conflicts: [] });
    const dead = entry("payments/a", "a.example.com", "443 TLS", { resolution: "STATIC" });
    expect(judge([tls("a.example.com")], [dead], [])).toMatchObject({ before: 0, covered: 0 });
  });

  it("says so where an entry takes a stranger's connections", () => {
    const mine = tcp("203.0.113.7", 5432, { host: "db.example.com" });
    const strangers = tcp("198.51.100.1", 5432, from("payments/other", {}));
    const coverage = judge([mine, strangers], [], [entry("payments/db", "db.example.com", "5432 TCP")]);
    expect(coverage).toMatchObject({
      covered: 1,
      conflicts: [
        {
          kind: "captured",
          flow: strangers,
          why: "payments/other to 198.51.100.1:5432 (tcp): payments/db takes it, and is about db.example.com",
        },
      ],
      wide: [{ port: 5432, why: "payments/db takes all of port 5432, and sends it to db.example.com" }],
    });
  });

  it("calls an entry wide that opens a port without a word, and no conflict where it goes where it went", () => {
    const coverage = judge(
      [tcp("203.0.113.7"), tcp("198.51.100.1")],
      [],
      [entry("payments/db", "db.example.com", "5432 TCP", none)],
    );
    expect(coverage).toMatchObject({
      covered: 2,
      conflicts: [],
      wide: [{ port: 5432, why: "payments/db takes all of port 5432, and sends it wherever it was dialled" }],
    });
  });

  it("says so where a host's second entry takes the host from the first, for ports it does not have itself", () => {
    const old = entry("istio-system/api", "api.example.com", "443 TLS, 80 HTTP");
    const coverage = judge(
      [tls("api.example.com"), http("api.example.com")],
      [old],
      [entry("payments/api", "api.example.com", "8443 TLS")],
    );
    expect(ways(coverage)).toEqual(["istio-system/api → passthrough", "istio-system/api → passthrough"]);
    expect(coverage).toMatchObject({ before: 2, covered: 0 });
    expect(coverage.conflicts.map((one) => one.kind)).toEqual(["uncovered", "uncovered", "shadowed", "shadowed"]);
    expect(coverage.conflicts.at(-1)).toMatchObject({
      namespace: "payments",
      port: 80,
      why: "istio-system/api loses api.example.com on port 80: payments/api has api.example.com too, and is of the workload's own namespace",
    });
  });

  it("sees the shadow where no flow was seen", () => {
    const old = entry("istio-system/api", "api.example.com", "443 TLS");
    expect(judge([], [old], [entry("payments/api", "api.example.com", "443 TLS")]).conflicts).toMatchObject([
      {
        kind: "shadowed",
        entry: { name: "api", namespace: "istio-system" },
        host: "api.example.com",
        port: 443,
        namespace: "payments",
      },
    ]);
    const narrow = entry("tools/new", "b.example.com", "5432 TCP", { ...none, exportTo: ["shop"] });
    expect(judge([], [entry("istio-system/raw", "a.example.com", "5432 TCP", none)], [narrow]).conflicts).toMatchObject(
      [
        {
          kind: "shadowed",
          namespace: "shop",
          why: "istio-system/raw loses a.example.com on port 5432: tools/new has it first",
        },
      ],
    );
  });

  it("says where no entry is of its own: everybody else", () => {
    const old = entry("istio-system/api", "api.example.com", "443 TLS", { exportTo: ["*"] });
    const changed = [entry("istio-system/api", "api.example.com", "443 TLS", { exportTo: ["."] })];
    expect(judge([tls("api.example.com")], [old], changed).conflicts).toMatchObject([{ kind: "uncovered" }]);
  });

  it("lets the old one be where the new one comes second", () => {
    const old = entry("istio-system/raw", "a.example.com", "5432 TCP", none);
    const coverage = judge([tcp("203.0.113.7")], [old], [entry("tools/new", "b.example.com", "5432 TCP", none)]);
    expect(ways(coverage)).toEqual(["istio-system/raw → istio-system/raw"]);
    expect(coverage.conflicts).toEqual([]);
  });

  it("says so where a flow moves from one entry to another", () => {
    const old = entry("payments/wild", "*.example.com", "443 TLS", none);
    const coverage = judge(
      [tls("a.example.com"), tls("b.example.com")],
      [old],
      [entry("payments/a", "a.example.com", "443 TLS")],
    );
    expect(coverage).toMatchObject({
      before: 2,
      covered: 2,
      conflicts: [
        { kind: "moved", why: "payments/checkout to a.example.com:443 (tls): from payments/wild to payments/a" },
      ],
    });
  });

  it("replaces an entry of the same name, which keeps its age", () => {
    const old = [
      entry("payments/a", "a.example.com", "443 TLS", {}, { day: 2 }),
      entry("payments/raw", "raw.example.com", "5432 TCP", none, { day: 5 }),
    ];
    const more = entry("payments/a", "a.example.com", "443 TLS, 80 HTTP, 5432 TCP", none, { day: null });
    const coverage = judge([tls("a.example.com"), http("a.example.com"), tcp("203.0.113.7")], old, [more]);
    expect(ways(coverage)).toEqual([
      "payments/a → payments/a",
      "passthrough → payments/a",
      "payments/raw → payments/a",
    ]);
    expect(coverage.conflicts.map((one) => one.kind)).toEqual(["moved", "shadowed", "shadowed"]);
  });

  it("sees what a proposed Sidecar cuts off", () => {
    const cut = sidecar("payments/s", ["./*"], { outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } });
    const coverage = judge(
      [tls("a.example.com"), tls("b.example.com")],
      [entry("tools/a", "a.example.com", "443 TLS")],
      [cut],
    );
    expect(ways(coverage)).toEqual(["tools/a → blocked", "passthrough → blocked"]);
    expect(coverage.conflicts.map((one) => one.kind)).toEqual(["uncovered", "uncovered"]);
  });

  it("is not certain which of two proposed ones will be the older", () => {
    const both = ["a", "b"].map((name) => entry(`payments/${name}`, `${name}.example.com`, "5432 TCP", none));
    expect(judge([tcp("203.0.113.7")], [], both).flows).toMatchObject([{ after: { to: "entry", certain: false } }]);
    const old = entry("payments/old", "old.example.com", "5432 TCP", none, { day: null });
    expect(judge([tcp("203.0.113.7")], [old], both.slice(0, 1)).flows).toMatchObject([
      { after: { entry: { name: "old" }, certain: true } },
    ]);
  });

  it("counts a name asked of the mesh's DNS", () => {
    const flow = tls("a.example.com");
    expect(judge([flow], [], [entry("payments/a", "a.example.com", "443 TLS")], { dnsCapture: true })).toMatchObject({
      covered: 1,
      conflicts: [],
      flows: [{ after: { certain: false } }],
    });
  });

  it("says what of the proposed it could not read", () => {
    expect(judge([], [], [entry("p/a", "a.example.com", "443 TLS", { resolution: "X" })]).leftOut).toMatchObject([
      { what: "ServiceEntry p/a" },
    ]);
  });
});
