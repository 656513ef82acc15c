import { describe, expect, it } from "vitest";
import { readInForce } from "../../lib/istio/in-force.ts";
import { prepare } from "../../lib/istio/route/table.ts";
import { unusedHosts, wideHosts } from "../../lib/plan/hosts.ts";
import { namesUnder, usedHosts } from "../../lib/poll/used.ts";
import { fakeTelemetry } from "../poll/fake-telemetry.ts";
import { finding, source, tcp, tls } from "../suggest/make.ts";

const noon = Date.UTC(2026, 10, 22, 12);
const day = 24 * 60 * 60_000;
const window = { from: noon - 3 * day, to: noon };

const entry = (name: string, spec: object) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "ServiceEntry",
  metadata: { name, namespace: "shop" },
  spec: { ports: [{ number: 443, name: "tls", protocol: "TLS" }], resolution: "DNS", ...spec },
});
const table = (...objects: object[]) =>
  prepare(readInForce(objects), { outboundMode: "REGISTRY_ONLY", dnsCapture: false, rootNamespace: "i", istio: null });
const hosts = (found: { host: string }[]) => found.map(({ host }) => host);

describe("unused hosts", () => {
  const all = table(
    entry("names", { hosts: ["a.example.com", "b.example.com", "*.example.net"] }),
    entry("address", { hosts: ["raw.internal.example"], addresses: ["203.0.113.0/24"], resolution: "NONE" }),
  );

  it("are those that nobody called, neither by the entry nor through a catch-all", () => {
    expect(hosts(unusedHosts(all, new Set(), []))).toEqual([
      "raw.internal.example",
      "*.example.net",
      "a.example.com",
      "b.example.com",
    ]);
    expect(hosts(unusedHosts(all, new Set(["a.example.com", "*.example.net"]), []))).toEqual([
      "raw.internal.example",
      "b.example.com",
    ]);
    const called = [finding(tls("x.y.example.net")), finding(tcp("203.0.113.9")), finding(tls("b.example.com"))];
    expect(hosts(unusedHosts(all, new Set(), called))).toEqual(["a.example.com"]);
  });

  it("are those of entries that the callers cannot see, too", () => {
    const own = table(
      entry("names", { hosts: ["a.example.com"], exportTo: ["."] }),
      entry("address", { hosts: ["raw.internal.example"], addresses: ["203.0.113.9"], exportTo: ["."] }),
    );
    const calls = (namespace: string) =>
      [tls("a.example.com"), tcp("203.0.113.9")].map((one) => finding(one, { source: source({ namespace }) }));
    expect(hosts(unusedHosts(own, new Set(), calls("shop")))).toEqual([]);
    expect(hosts(unusedHosts(own, new Set(), calls("web")))).toEqual(["raw.internal.example", "a.example.com"]);
  });

  it("but not the wildcard's own domain, which it does not cover", () => {
    expect(hosts(unusedHosts(all, new Set(), [finding(tls("example.net"))]))).toContain("*.example.net");
  });
});

describe("wildcards wider than the traffic", () => {
  const all = table(
    entry("wild", { hosts: ["*.example.com", "c.example.com"] }),
    entry("idle", { hosts: ["*.example.net"] }),
  );

  it("come with the names that were called under them, each once, and no junk that a workload wrote", () => {
    const sent = new Map([
      ["*.example.com", new Set(["b.example.com", "B.example.com.", "not a host", "a.example.com:99"])],
    ]);
    expect(wideHosts(all, sent, [finding(tls("a.example.com")), finding(tls("a.example.com"))])).toEqual([
      { namespace: "shop", name: "wild", host: "*.example.com", names: ["a.example.com", "b.example.com"], count: 2 },
    ]);
  });

  it("are told with twenty names at most", () => {
    const many = Array.from({ length: 30 }, (_, n) => finding(tls(`h${n}.example.com`)));
    expect(wideHosts(all, new Map(), many)).toMatchObject([{ count: 30, names: { length: 20 } }]);
  });

  it("are left out where no name was seen", () => {
    expect(wideHosts(all, new Map([["*.example.com", new Set()]]), [])).toEqual([]);
  });
});

describe("Prometheus is asked", () => {
  const opened = (service: string, at: number, sni = "") => ({
    metric: "istio_tcp_connections_opened_total",
    labels: { reporter: "source", destination_service: service, ...(sni === "" ? {} : { requested_server_name: sni }) },
    values: [[at, 1]] as [number, number][],
  });
  const telemetry = () =>
    fakeTelemetry(
      opened("a.example.com", noon - 2.5 * day),
      opened("*.example.com", noon - day / 2, "one.example.com"),
      opened("*.example.com", noon - 2.5 * day, "two.example.com"),
      opened("*.example.com", noon - day / 2),
      opened("b.example.com", noon - 4 * day),
    );

  it("which hosts were called, a day at a time, and no more of what is found", async () => {
    const one = telemetry();
    const found = await usedHosts(one, ["*.example.com", "a.example.com", "b.example.com"], window, "");
    expect([...found].sort()).toEqual(["*.example.com", "a.example.com"]);
  });

  it("in parts that VictoriaMetrics takes", async () => {
    const one = telemetry();
    const many = Array.from({ length: 2000 }, (_, n) => `host-${n}.example.com`);
    await usedHosts(one, many, { from: noon - day, to: noon }, "");
    expect(one.asked().queries).toBe(2 * Math.ceil((many.join("").length + 4 * many.length) / 10_000));
  });

  it("which names were sent to a wildcard", async () => {
    const names = await namesUnder(telemetry(), ["*.example.com"], window, {
      matchers: "",
      sni: ["requested_server_name"],
    });
    expect([...(names.get("*.example.com") ?? [])].sort()).toEqual(["one.example.com", "two.example.com"]);
    expect(await namesUnder(telemetry(), ["*.example.com"], window, { matchers: "", sni: [] })).toEqual(new Map());
  });
});
