import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OutboundMode } from "../../../lib/istio/in-force.ts";
import { isCovered } from "../../../lib/istio/route/covered.ts";
import { covers } from "../../../lib/istio/route/covers.ts";
import type { Flow } from "../../../lib/istio/route/flow.ts";
import { route } from "../../../lib/istio/route/route.ts";
import { entry, type KubeObject, sidecar, table, verdict } from "./make.ts";

// Few values of each kind, so that hosts, addresses, ports and namespaces meet again and again.
const pick = <T>(...all: T[]) => fc.constantFrom(...all);
const namespaces = pick("payments", "shop", "istio-system");
const addresses = pick("203.0.113.7", "203.0.113.8", "198.51.100.1", "2001:db8::1", "240.240.0.5");
const ranges = pick("203.0.113.7", "203.0.113.0/24", "203.0.113.4/30", "0.0.0.0/0", "2001:db8::/32");
const numbers = pick(80, 443, 5432);
const protocols = pick(" HTTP", " TLS", " HTTPS", " TCP", " MySQL", " GRPC", " UDP", "");
const names = ["a.example.com", "b.example.com", "c.b.example.com", "db.example.org"];
const patterns = pick(...names, "*.example.com", "*.b.example.com", "*-x.example.com");

const entries = fc
  .uniqueArray(
    fc.record({
      key: fc.tuple(namespaces, pick("one", "two", "three")),
      hosts: fc.uniqueArray(patterns, { minLength: 1, maxLength: 2 }),
      ports: fc.uniqueArray(fc.tuple(numbers, protocols), {
        minLength: 1,
        maxLength: 2,
        selector: ([number]) => number,
      }),
      addresses: fc.uniqueArray(ranges, { maxLength: 2 }),
      resolution: pick("NONE", "DNS", "STATIC", "DYNAMIC_DNS"),
      exportTo: pick<string[] | null>(null, ["."], ["*"], ["~"], ["shop"]),
      day: fc.option(fc.integer({ min: 1, max: 300 })),
    }),
    { maxLength: 7, selector: ({ key }) => key.join() },
  )
  .map((all) =>
    all.map(({ key, hosts, ports, exportTo, day, ...rest }) =>
      entry(
        key.join("/"),
        hosts.join(", "),
        ports.map((port) => port.join("")).join(", "),
        {
          ...rest,
          ...(exportTo === null ? {} : { exportTo }),
          ...(rest.resolution === "STATIC" ? { endpoints: [{ address: "192.0.2.9" }] } : {}),
        },
        { day, vips: { [hosts[0] ?? ""]: "240.240.0.5" } },
      ),
    ),
  );
const sidecars = fc
  .uniqueArray(
    fc.record({
      key: fc.tuple(namespaces, pick("s1", "s2")),
      egress: fc.uniqueArray(pick("./*", "*/*", "~/*", "shop/*", "*/a.example.com", "~*/*.b.example.com"), {
        maxLength: 3,
      }),
      mode: pick<string | null>(null, "REGISTRY_ONLY", "ALLOW_ANY"),
      day: fc.option(fc.integer({ min: 1, max: 300 })),
    }),
    { maxLength: 2, selector: ({ key }) => key.join() },
  )
  .map((all) =>
    all.map(({ key, egress, mode, day }) =>
      sidecar(
        key.join("/"),
        egress.length === 0 ? [] : [egress.join(", ")],
        mode === null ? {} : { outboundTrafficPolicy: { mode } },
        { day },
      ),
    ),
  );
const flows: fc.Arbitrary<Flow> = fc
  .record({
    namespace: namespaces,
    protocol: pick<Flow["protocol"]>("http", "grpc", "tls", "tcp"),
    name: fc.option(pick(...names)),
    address: fc.option(addresses),
    port: numbers,
  })
  .map(({ namespace, protocol, name, address, port }) => ({
    source: { namespace, workload: "app", labels: {} },
    protocol,
    host: name,
    sni: protocol === "tls" ? name : null,
    address,
    port,
  }));
const settings = fc.record({
  outboundMode: pick<OutboundMode>("ALLOW_ANY", "REGISTRY_ONLY"),
  dnsCapture: fc.boolean(),
});

describe("route", () => {
  it("does not depend on the order of the manifests", () => {
    fc.assert(
      fc.property(entries, sidecars, flows, settings, fc.integer(), (some, others, flow, change, by) => {
        const all = [...some, ...others];
        const turned = all.map((_, index) => all[(index + Math.abs(by)) % all.length] ?? {}).toReversed();
        expect(route(flow, table(turned, change))).toEqual(route(flow, table(all, change)));
      }),
      { numRuns: 500 },
    );
  });

  it("differs by outbound mode only in what becomes of the unknown", () => {
    fc.assert(
      fc.property(entries, flows, fc.boolean(), (all, flow, dnsCapture) => {
        const open = route(flow, table(all, { outboundMode: "ALLOW_ANY", dnsCapture }));
        const closed = route(flow, table(all, { outboundMode: "REGISTRY_ONLY", dnsCapture }));
        expect(verdict(flow, closed)).toBe(verdict(flow, open).replace("passthrough", "blocked"));
      }),
      { numRuns: 300 },
    );
  });

  it("is certain exactly where it has no doubts, and never shadows the winner", () => {
    fc.assert(
      fc.property(entries, sidecars, flows, settings, (some, others, flow, change) => {
        const routed = route(flow, table([...some, ...others], change));
        expect(routed.certain).toBe(routed.doubts.length === 0);
        if (routed.to === "entry") expect(routed.shadowed.map((one) => one.entry)).not.toContain(routed.entry);
        expect([routed.why, ...routed.doubts, ...routed.shadowed.map((one) => one.why)].join("")).toMatch(
          /^[\x20-\x7e]+$/,
        );
      }),
      { numRuns: 300 },
    );
  });
});

/** The entry for exactly a flow, the way a suggestion would make it. */
function exactly({ protocol, host, address, port }: Flow): KubeObject | null {
  const name = "payments/made";
  if (protocol === "tcp")
    return address === null
      ? null
      : entry(name, "ip.egress.internal", `${port} TCP`, { addresses: [address], resolution: "NONE" });
  if (host === null) return null;
  return entry(name, host, `${port} ${protocol === "tls" ? "TLS" : "HTTP"}`);
}

describe("covers", () => {
  it("an entry for exactly a flow covers it", () => {
    fc.assert(
      fc.property(flows, settings, (flow, change) => {
        const made = exactly(flow);
        // An address of Istio's own leads to an entry that was there before, and to none that is made now.
        fc.pre(made !== null && flow.address !== "240.240.0.5");
        const coverage = covers([flow], table([], change), [made]);
        expect(coverage).toMatchObject({ before: 0, covered: 1, conflicts: [] });
      }),
      { numRuns: 300 },
    );
  });

  it("un-covers nothing without a conflict, whatever is added", () => {
    fc.assert(
      fc.property(
        entries,
        sidecars,
        entries,
        fc.array(flows, { maxLength: 6 }),
        settings,
        (old, cars, fresh, seen, change) => {
          const current = table([...old, ...cars], change);
          const coverage = covers(seen, current, fresh);
          for (const [index, flow] of seen.entries()) {
            const was = isCovered(flow, route(flow, current));
            const is = isCovered(flow, route(flow, coverage.after));
            expect(coverage.flows[index]).toMatchObject({ flow, wasCovered: was, isCovered: is });
            if (was && !is) expect(coverage.conflicts.some((one) => "flow" in one && one.flow === flow)).toBe(true);
          }
          expect(coverage.covered).toBe(coverage.flows.filter((one) => one.isCovered).length);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("adds as an apply would: the same as if they were in force, and younger than all", () => {
    fc.assert(
      fc.property(entries, entries, flows, settings, (old, fresh, flow, change) => {
        const taken = new Set(old.map(nameOf));
        const added = fresh.filter((one) => !taken.has(nameOf(one))).slice(0, 1);
        const aged = added.map((one) => ({
          ...one,
          metadata: { ...(one.metadata as object), creationTimestamp: "2030-01-01T00:00:00Z" },
        }));
        const known = old.map((one, index) => ({
          ...one,
          metadata: {
            ...(one.metadata as object),
            creationTimestamp: new Date(Date.UTC(2026, 0, 1 + index)).toISOString(),
          },
        }));
        const [judged] = covers([flow], table(known, change), added).flows;
        expect(judged && verdict(flow, judged.after)).toBe(
          verdict(flow, route(flow, table([...known, ...aged], change))),
        );
      }),
      { numRuns: 300 },
    );
  });
});

const nameOf = (one: KubeObject): string => JSON.stringify(one.metadata, ["namespace", "name"]);
