import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readInForce } from "../../../lib/istio/in-force.ts";
import { covers } from "../../../lib/istio/route/covers.ts";
import type { Flow } from "../../../lib/istio/route/flow.ts";
import { route } from "../../../lib/istio/route/route.ts";
import { prepare } from "../../../lib/istio/route/table.ts";
import { entry, from, settings, table, tls } from "./make.ts";

const odd: unknown = JSON.parse(readFileSync(new URL("../../data/hostile-names.json", import.meta.url), "utf8"));
const texts = (value: unknown): string[] =>
  typeof value === "string"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.values(value).flatMap(texts)
      : [];
const hostile = [
  ...new Set([...texts(odd), "__proto__", "constructor", "toString", "*", "*.", "", " ", "pending a b c", "1.2.3.4/8"]),
];
const text = fc.oneof(fc.constantFrom(...hostile), fc.string());
const value = fc.oneof(
  text,
  fc.integer(),
  fc.constant(null),
  fc.array(text, { maxLength: 3 }),
  fc.anything({ maxDepth: 2 }),
);

const flows: fc.Arbitrary<Flow> = fc.record({
  source: fc.record({ namespace: text, workload: text, labels: fc.dictionary(text, text, { maxKeys: 2 }) }),
  protocol: fc.constantFrom<Flow["protocol"]>("http", "grpc", "tls", "tcp"),
  host: fc.option(text),
  sni: fc.option(text),
  address: fc.option(text),
  port: fc.oneof(fc.constantFrom(80, 443), fc.integer()),
});
const objects = fc.record({
  apiVersion: fc.constantFrom("networking.istio.io/v1", "v1"),
  kind: fc.constantFrom("ServiceEntry", "Sidecar", "Namespace", "List"),
  metadata: fc.oneof(value, fc.record({ namespace: text, name: text, labels: value, creationTimestamp: value })),
  items: value,
  status: value,
  spec: fc.oneof(
    value,
    fc.record({
      hosts: fc.oneof(value, fc.array(text)),
      addresses: value,
      ports: fc.oneof(
        value,
        fc.array(fc.oneof(value, fc.record({ number: fc.constantFrom(80, 443), name: text, protocol: value }))),
      ),
      resolution: fc.oneof(fc.constantFrom("NONE", "DNS"), value),
      endpoints: value,
      exportTo: value,
      egress: fc.oneof(value, fc.array(fc.record({ hosts: fc.array(text), port: value, bind: value }))),
      workloadSelector: value,
      outboundTrafficPolicy: value,
    }),
  ),
});

describe("hostile texts", () => {
  it("throw nothing, and what is said of manifests is printable", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(objects, fc.anything()), { maxLength: 5 }),
        flows,
        fc.boolean(),
        (all, flow, dnsCapture) => {
          const inForce = readInForce(all);
          expect(inForce.leftOut.map(({ what, why }) => what + why).join("")).toMatch(/^[\x20-\x7e]*$/);
          const of = prepare(inForce, settings({ dnsCapture }));
          route(flow, of);
          covers([flow], of, all);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each(hostile)("%j as every part of a flow", (one) => {
    const of = table([
      entry("payments/api", "api.example.com, *.example.org", "443 TLS, 80 HTTP, 5432 TCP", { resolution: "NONE" }),
    ]);
    for (const protocol of ["http", "tls", "tcp"] as const) {
      const flow: Flow = {
        source: { namespace: one, workload: one },
        protocol,
        host: one,
        sni: one,
        address: one,
        port: 443,
      };
      expect(["entry", "passthrough"]).toContain(route(flow, of).to);
    }
  });

  it("long names cost no more than their length", () => {
    const long = `${"a.".repeat(20_000)}example.com`;
    const of = table([
      entry("payments/all", "*.example.com, *-x.example.com", "443 TLS, 80 HTTP", { resolution: "NONE" }),
    ]);
    expect(route(tls(long, 443, from("payments")), of).to).toBe("entry");
  });
});
