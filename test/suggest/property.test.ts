import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Destination, Finding, Manifest, Name, Sighting, Suggestion } from "../../lib/model.ts";
import { suggest } from "../../lib/suggest/suggest.ts";
import { Memory } from "../../lib/words/memory.ts";
import { admitAll } from "./admit-all.ts";
import { entryOf, finding, name, objects, onlyOne, ports, sighting, source, spec } from "./make.ts";

// Few values of each kind, so that hosts, addresses and ports meet again and again; some of them bad.
const hosts = [
  "a.example.com",
  "b.example.com",
  "c.example.com",
  "a.github.io",
  `${"x".repeat(63)}.${"y".repeat(63)}.example.com`,
  "1e100.net",
  "db.svc.cluster.local",
  "*.example.com",
  "localhost",
];
const addresses = [
  "203.0.113.7",
  "203.0.113.8",
  "2001:db8::7",
  "10.1.2.3",
  "fd00::1",
  "240.240.1.1",
  "127.0.0.1",
  "169.254.169.254",
  "junk",
];
const numbers = [22, 80, 443, 5432, 8080, 65535, null, 0, 70000];
const pick = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

const destination: fc.Arbitrary<Destination> = fc.record({
  verdict: pick(["allowed", "blocked"] as const),
  protocol: pick(["http", "grpc", "tls", "tcp"] as const),
  host: fc.option(pick(hosts)),
  address: fc.option(pick(addresses)),
  port: pick(numbers),
  sni: fc.constant(null),
  claim: fc.option(fc.string(), { freq: 8 }),
});
const named: fc.Arbitrary<Name> = fc
  .tuple(
    pick(hosts),
    pick(["host", "sni", "service-entry", "forward", "ptr", "range"] as const),
    pick(["confirmed", "confirmed", "claimed", "generic", "contradicted", "refused"] as const),
  )
  .map(([text, from, trust]) => name(text, from, trust));
const caller = fc
  .record({
    cluster: pick(["prod", "test"]),
    namespace: pick(["payments", "web", "a.b"]),
    workload: fc.oneof(pick(["one", "two"]), fc.string()),
  })
  .map(source);
const found: fc.Arbitrary<Finding> = fc
  .tuple(
    destination,
    caller,
    fc.array(named, { maxLength: 3 }),
    pick([1, 2, 3]),
    fc.subarray(addresses),
    pick([
      "new-destination",
      "new-destination",
      "new-destination",
      "blocked-spike",
      "fan-out",
      "policy-violation",
    ] as const),
  )
  .map(([place, from, names, firstSeen, dialled, kind]) =>
    finding(place, { source: from, names, firstSeen, addresses: dialled, kind }),
  );
const seen: fc.Arbitrary<Sighting> = fc
  .tuple(destination, caller, pick([0, 1, 2, 3]))
  .map(([place, from, firstSeen]) => sighting(place, { source: from, firstSeen }));
const settings = fc.record({
  exportTo: pick([["."], ["*"], [], [".", "payments"], ["web", "payments"]]),
  dnsCapture: fc.boolean(),
  istio: pick(["1.20", "1.30"]),
  now: fc.option(pick([Date.UTC(2026, 10, 22), Date.UTC(2027, 3, 1)]), { nil: 0 }),
  egressGateway: pick([undefined, { namespace: "istio-system", selector: { istio: "egressgateway" } }]),
});
/** An address alone, of few, so that several are of one entry: TCP, and of what is spoken in it some. */
const bare: fc.Arbitrary<Finding> = fc
  .tuple(
    pick(addresses),
    pick(["tcp", "tcp", "tls", "http"] as const),
    pick([22, 443, 5432]),
    caller,
    fc.array(named, { maxLength: 1 }),
  )
  .map(([address, protocol, port, from, names]) =>
    finding(
      { verdict: "allowed", protocol, host: null, address, port, sni: null, claim: null },
      { source: from, names },
    ),
  );
const remembered = (maxLength: number) => fc.array(seen, { maxLength }).map((all) => new Memory(all));
const scene = fc.record({
  findings: fc.array(found, { maxLength: 12 }),
  memory: remembered(12),
  settings,
});
/** Findings that are alike often enough to be of one family. */
const alike = fc
  .tuple(
    fc.oneof({ weight: 5, arbitrary: pick(["a", "b", "c"].map((label) => `${label}.example.com`)) }, pick(hosts)),
    pick(["tls", "tls", "http"] as const),
    pick([443, 443, 80]),
    fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, named),
    pick(["payments", "payments", "web"]),
  )
  .map(([host, protocol, port, called, namespace]) =>
    finding(
      { verdict: "allowed", protocol, host, address: null, port, sni: null, claim: null },
      { source: source({ namespace }), names: called === null ? [] : [called] },
    ),
  );
const family = fc.record({
  findings: fc.array(fc.oneof({ weight: 12, arbitrary: alike }, { weight: 1, arbitrary: found }), {
    minLength: 3,
    maxLength: 12,
  }),
  memory: remembered(6),
  settings,
});
const runs = { numRuns: 1500 };

const identity = ({ metadata }: Manifest): string => `${metadata.namespace}/${metadata.name}`;

describe("whatever is found", () => {
  it("is answered, by a manifest that a cluster takes or by a reason", () => {
    fc.assert(
      fc.property(fc.oneof(scene, family), ({ findings, ...context }) => {
        const answered = suggest(findings, context);
        expect(answered.map(({ id, key, kind }) => [id, key, kind])).toEqual(
          findings.map(({ id, key, kind }) => [id, key, kind]),
        );
        for (const one of answered) expect(one.suggestions.length > 0).toBe(one.noSuggestion === null);
        for (const { suggestions } of answered) {
          for (const { manifest } of suggestions) expect(admitAll(manifest)).toEqual([]);
        }
      }),
      runs,
    );
  });

  it("routes the finding that carries it: its host or address, its port, one protocol a port", () => {
    const ran = { named: 0, byAddress: 0 };
    const scenes = scene.chain((one) =>
      fc.array(bare, { maxLength: 4 }).map((more) => ({ ...one, findings: [...one.findings, ...more] })),
    );
    fc.assert(
      fc.property(scenes, ({ findings, ...context }) => {
        for (const one of suggest(findings, context)) {
          for (const { manifest } of one.suggestions.slice(0, 1)) {
            const { hosts: written, ports: all, addresses: vips = [] } = spec(manifest);
            const { host, address, port } = one.destination;
            const own = all.find((each) => each.number === port);
            if (host !== null) expect(written).toEqual([host]);
            else {
              ran.named += 1;
              expect(written[0]).toMatch(
                /^ip-[0-9a-f-]+\.egress\.internal$|^([abc]|x+\.y+)\.example\.com$|^a\.github\.io$|^1e100\.net$/,
              );
            }
            // HTTP goes by its Host alone; all else has to find the address it dialled where the entry lists any.
            const isByAddress = host === null && vips.length > 0 && !["HTTP", "GRPC"].includes(own?.protocol ?? "");
            if (isByAddress) ran.byAddress += 1;
            if (isByAddress) expect(vips.map((vip) => vip.replace(/\/.*/, ""))).toContain(address);
            expect(all.map((each) => each.number)).toContain(port);
            for (const key of ["number", "name"] as const)
              expect(new Set(all.map((each) => each[key])).size).toBe(all.length);
            expect(entryOf(manifest).metadata.namespace).toBe(one.source.namespace);
          }
        }
      }),
      runs,
    );
    expect(ran.named).toBeGreaterThan(100);
    expect(ran.byAddress).toBeGreaterThan(100);
  });

  it("has a wildcard beside its own entry only where that is one party's, covers it, and is fit for Istio", () => {
    let seenAny = 0;
    fc.assert(
      fc.property(family, ({ findings, ...context }) => {
        for (const { destination, suggestions } of suggest(findings, context)) {
          const [wildcard, ...more] = suggestions.filter((one) => spec(one.manifest).hosts[0]?.startsWith("*"));
          expect(more).toEqual([]);
          if (wildcard === undefined) continue;
          expect(suggestions.at(-1)).toBe(wildcard);
          seenAny += 1;
          const { hosts: written, ports: all, resolution, addresses: vips } = spec(wildcard.manifest);
          expect([written, wildcard.confidence, vips]).toEqual([["*.example.com"], "low", undefined]);
          expect(destination.host).toMatch(/\.example\.com$/);
          expect(destination.protocol).not.toBe("tcp");
          expect(all.map(({ number }) => number)).toContain(destination.port);
          for (const { protocol } of all) expect(["HTTP", "GRPC", "TLS"]).toContain(protocol);
          expect(resolution).toBe(context.settings.istio === "1.30" ? "DYNAMIC_DNS" : "NONE");
        }
      }),
      { numRuns: 500 },
    );
    expect(seenAny).toBeGreaterThan(50);
  });

  it("is the same in YAML, read as 1.1 and as 1.2", () => {
    fc.assert(
      fc.property(scene, ({ findings, ...context }) => {
        for (const { suggestions } of suggest(findings, context)) {
          for (const { manifest, yaml } of suggestions) {
            expect(parse(yaml, { version: "1.1" })).toEqual(manifest);
            expect(parse(yaml, { version: "1.2" })).toEqual(manifest);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it("does not depend on the order of what comes in", () => {
    fc.assert(
      fc.property(
        fc.oneof(scene, family),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        ({ findings, memory, settings: set }, dice) => {
          const shuffled = <T>(list: readonly T[]): T[] =>
            list
              .map((value) => ({ value, at: dice.next().value }))
              .sort((a, b) => a.at - b.at)
              .map(({ value }) => value);
          const order = shuffled(findings.map((_, index) => index));
          const straight = suggest(findings, { memory, settings: set });
          const mixed = suggest(
            order.map((index) => findings[index]!),
            { memory: new Memory(shuffled([...memory.values()])), settings: set },
          );
          expect(order.map((_, at) => mixed[order.indexOf(at)])).toEqual(straight);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("keeps names and ports when more is remembered", () => {
    fc.assert(
      fc.property(
        fc.oneof(scene, family),
        fc.array(seen, { maxLength: 6 }),
        ({ findings, memory, settings: set }, more) => {
          const before = suggest(findings, { memory, settings: set });
          const after = suggest(findings, { memory: new Memory([...memory.values(), ...more]), settings: set });
          before.forEach((one, index) => {
            if (one.suggestions.length === 0 || after[index]!.suggestions.length === 0) return;
            const [first, second] = [onlyOne(one).manifest, onlyOne(after[index]).manifest];
            expect(identity(second)).toBe(identity(first));
            const kept = ports(first).map((port) => port.split(" ")[0]);
            expect(ports(second).map((port) => port.split(" ")[0])).toEqual(expect.arrayContaining(kept));
          });
        },
      ),
      { numRuns: 500 },
    );
  });

  it("is one manifest for one host of one namespace, and one of each kind of alternative", () => {
    fc.assert(
      fc.property(fc.oneof(scene, family), ({ findings, ...context }) => {
        const manifests = new Map<string, Suggestion["manifest"]>();
        suggest(findings, context).forEach((one) => {
          for (const [place, { manifest }] of one.suggestions.entries()) {
            const kinds = objects(manifest).map(({ kind }) => kind);
            const form = place === 0 ? "exact" : `${kinds} ${spec(manifest).exportTo}`;
            const key = `${one.source.cluster} ${identity(entryOf(manifest))} ${form}`;
            expect(manifest).toEqual(manifests.get(key) ?? manifest);
            manifests.set(key, manifest);
          }
        });
      }),
      { numRuns: 500 },
    );
  });

  it("comes with the exact entry first, whatever the config offers besides", () => {
    fc.assert(
      fc.property(fc.oneof(scene, family), ({ findings, memory, settings: set }) => {
        const { egressGateway: _, ...plain } = set;
        const [one, other] = [set, plain].map((each) => suggest(findings, { memory, settings: each }));
        expect(one!.map(({ suggestions }) => suggestions[0])).toEqual(other!.map(({ suggestions }) => suggestions[0]));
      }),
      { numRuns: 300 },
    );
  });
});
