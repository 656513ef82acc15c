/** Which hosts the forward index looks up: the entries', then what was called last, and never one that is not trusted. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { familiesOf, knownHosts } from "../../lib/enrich/known-hosts.ts";
import { trusting } from "../../lib/enrich/trusted.ts";
import type { EntryInForce, Sighting } from "../../lib/model.ts";
import { noon, observation, sighting } from "../detect/make.ts";

const entry = (...hosts: string[]): EntryInForce => ({
  namespace: "shop",
  name: "pay",
  hosts,
  addresses: [],
  endpoints: [],
});
const seen = (host: string | null, change: Partial<Sighting> = {}): Sighting =>
  sighting(observation({ host }), { lastSeen: noon, ...change });
const many = (count: number, make: (n: number) => string) => Array.from({ length: count }, (_, n) => make(n));
const isTrusted = trusting([], ["example.com", "example.org"]);
const hosts = (entries: EntryInForce[], sightings: Sighting[]) =>
  knownHosts(entries, sightings, isTrusted).map(({ host }) => host);

describe("which hosts", () => {
  it("of entries first, then of sightings, and says how each is known", () => {
    expect(knownHosts([entry("pay.example.org")], [seen("api.example.com")], isTrusted)).toEqual([
      { host: "pay.example.org", why: "the ServiceEntry shop/pay names pay.example.org" },
      { host: "api.example.com", why: "shop/web calls api.example.com" },
    ]);
  });

  it("each once: an entry's host as an entry's, a host of several workloads as of the one that called last", () => {
    const source = { cluster: "prod", namespace: "batch", workload: "job" };
    const calls = [
      seen("api.example.com", { lastSeen: noon - 1 }),
      seen("api.example.com", { lastSeen: noon, source }),
      seen("api.example.com", { lastSeen: noon - 2 }),
      seen("pay.example.org"),
    ];
    const all = knownHosts([entry("pay.example.org"), entry("pay.example.org")], calls, isTrusted);
    expect(all.map(({ why }) => why)).toEqual([
      "the ServiceEntry shop/pay names pay.example.org",
      "batch/job calls api.example.com",
    ]);
  });

  it("no wildcard, no bare address, no name that is not trusted, none of the inside", () => {
    const entries = [entry("*.example.com", "evil.example.net", "pay.shop.svc.cluster.local")];
    expect(hosts(entries, [seen(null), seen("c2VjcmV0.evil.net"), seen("a.b.svc.cluster.local")])).toEqual([]);
  });
});

describe("how many", () => {
  const entries = (count: number) => [entry(...many(count, (n) => `e${n}.example.org`))];
  const sightings = (count: number) =>
    many(count, (n) => `s${n}.example.com`).map((host, n) => seen(host, { lastSeen: noon - n }));

  it.each<[entries: number, seen: number, ofEntries: number, ofSeen: number]>([
    [300, 0, 200, 0],
    [0, 300, 0, 200],
    [300, 300, 100, 100],
    [300, 10, 190, 10],
    [50, 300, 50, 150],
    [10, 10, 10, 10],
    [200, 101, 100, 100],
  ])("of %i in entries and %i seen: %i and %i", (inEntries, called, ofEntries, ofSeen) => {
    const all = hosts(entries(inEntries), sightings(called));
    expect(all.filter((host) => host.endsWith(".org"))).toEqual(many(ofEntries, (n) => `e${n}.example.org`));
    expect(all.filter((host) => host.endsWith(".com"))).toEqual(many(ofSeen, (n) => `s${n}.example.com`));
  });

  it("the newest, whatever the order they are remembered in", () => {
    const all = sightings(300);
    expect(hosts([], all.toReversed())).toEqual(hosts([], all));
    const same = all.map((one) => ({ ...one, lastSeen: noon }));
    expect(hosts([], same.toReversed())).toEqual(hosts([], same));
  });
});

test("never more than 200, each once, never an untrusted one", () => {
  const host = fc.oneof(
    fc.integer({ min: 0, max: 400 }).map((n) => `h${n}.example.com`),
    fc.constantFrom("*.example.com", "evil.net", "example.com.evil.net", "a.svc", `${"x".repeat(41)}.example.com`),
  );
  const called = fc.record({ host, lastSeen: fc.integer({ min: 0, max: 50 }) });
  fc.assert(
    fc.property(fc.array(host, { maxLength: 300 }), fc.array(called, { maxLength: 300 }), (inEntries, calls) => {
      const all = hosts(
        [entry(...inEntries)],
        calls.map((one) => seen(one.host, { lastSeen: one.lastSeen })),
      );
      expect(all.length).toBeLessThanOrEqual(200);
      expect(new Set(all).size).toBe(all.length);
      expect(all.every((one) => /^h\d+\.example\.com$/.test(one))).toBe(true);
      const trusted = new Set([...inEntries, ...calls.map((one) => one.host)].filter(isTrusted));
      if (trusted.size <= 200) expect(all.length).toBe(trusted.size);
    }),
  );
});

test("families are those of the addresses", () => {
  expect([...familiesOf([])]).toEqual([]);
  expect([...familiesOf(["203.0.113.7", "198.51.100.1"])]).toEqual([4]);
  expect([...familiesOf(["2001:db8::1", "203.0.113.7"])].sort()).toEqual([4, 6]);
});
