import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Counted, Counter, Labels, Series } from "../../lib/model.ts";
import { calls, observe, type Sifted } from "../../lib/observe/observe.ts";
import { blocked, dynamic, http, row, settings, tcp } from "./make.ts";

const window = { from: 1000, to: 2000 };
const of = (counter: Counter, ...series: Series[]): Counted<Series> => ({ counter, series });
const seen = (...counted: Counted<Series>[]): Sifted[] => [...observe(counted, window, settings).values()];
const only = (...counted: Counted<Series>[]): Sifted => {
  const all = seen(...counted);
  expect(all).toHaveLength(1);
  return all[0]!;
};

/** Rows of few sources and destinations, so that they meet; addresses more than one observation holds. */
const address = fc.integer({ min: 1, max: 40 }).map((n) => `203.0.113.${n}:443`);
const labels: fc.Arbitrary<[Counter, Labels]> = fc.oneof(
  fc
    .tuple(fc.constantFrom("a.example.com", "A.example.com.", "b.example.com:81", "x y", "203.0.113.9"), address)
    .map(([host, to]): [Counter, Labels] => ["requests", http(host, { destination_address: to })]),
  fc.constantFrom("a.example.com", "cart").map((host): [Counter, Labels] => ["dynamic", dynamic(host)]),
  fc
    .tuple(fc.constantFrom<Counter>("opened", "closed"), fc.oneof(address, fc.constant("")), fc.boolean())
    .map(([counter, to, isBlocked]): [Counter, Labels] => [counter, tcp(to, isBlocked ? blocked : {})]),
);
const rows = fc
  .array(fc.tuple(labels, fc.constantFrom("", "c1", "c2"), fc.nat(9)), { maxLength: 40 })
  .map((all) =>
    all.map(([[counter, one], cluster, value]) => ({ counter, labels: { ...one, source_cluster: cluster }, value })),
  );
/** All that is said of the rows, in an order of its own. */
const told = (list: readonly { counter: Counter; labels: Labels; value: number }[]) =>
  seen(...list.map(({ counter, ...series }) => of(counter, series)))
    .map(({ observation, requests, opened, closed }) => ({ ...observation, requests, opened, closed }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));

describe("observe/observe", () => {
  it("makes one observation of all rows of a source and destination", () => {
    const one = only(
      of(
        "requests",
        row(http("api.example.com", { destination_address: "203.0.113.8:80" }), 2),
        row(http("API.example.com", { destination_address: "203.0.113.7:80" }), 3),
      ),
      of("dynamic", row(dynamic("api.example.com"), 5)),
    );
    expect(one.observation).toMatchObject({
      source: { cluster: "prod", namespace: "shop", workload: "web" },
      destination: { host: "api.example.com", address: "203.0.113.7", port: 80 },
      addresses: ["203.0.113.7", "203.0.113.8"],
      total: 10,
      count: null,
      firstSeen: window.from,
      lastSeen: window.to,
    });
    expect(one.rows.map(({ counter }) => counter)).toEqual(["requests", "requests", "dynamic"]);
  });

  it("passes over rows that count nothing or no number, and what is no egress", () => {
    const nothing = [0, -1, Number.NaN, Number.POSITIVE_INFINITY].map((value) => row(http("a.example.com"), value));
    expect(seen(of("requests", ...nothing), of("dynamic", row(dynamic("cart"))))).toEqual([]);
  });

  it("does not depend on the order of rows, nor on how a sum is split into rows", () => {
    const dice = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(rows, dice, (list, thrown) => {
        const split = list.flatMap((one) => {
          const part = Math.floor((thrown.next().value ?? 0) * one.value);
          return part === 0
            ? [one]
            : [
                { ...one, value: part },
                { ...one, value: one.value - part },
              ];
        });
        const shuffled = split.map((one) => ({ one, at: thrown.next().value ?? 0 })).sort((a, b) => a.at - b.at);
        expect(told(shuffled.map(({ one }) => one))).toEqual(told(list));
      }),
      { numRuns: 1000 },
    );
  });

  it("keeps sixteen addresses, the first in order", () => {
    const many = Array.from({ length: 30 }, (_, n) => `198.51.100.${129 - n}:443`);
    const series = many.map((to) => row(http("cdn.example.com", { destination_address: to })));
    const { addresses, destination } = only(of("requests", ...series)).observation;
    expect(addresses).toEqual(Array.from({ length: 16 }, (_, n) => `198.51.100.${100 + n}`));
    expect(destination.address).toBe("198.51.100.100");
  });

  it("counts a connection once, though it is counted as opened and as closed", () => {
    const one = only(of("opened", row(tcp("203.0.113.7:25"), 5)), of("closed", row(tcp("203.0.113.7:25"), 3)));
    expect(one).toMatchObject({ observation: { total: 5 }, requests: 0, opened: 5, closed: 3 });
    expect(calls({ requests: 0, opened: 0, closed: 3 }, { requests: 0, opened: 5, closed: 9 })).toBe(0);
  });

  it("counts closings where nothing was ever counted as opened, as Mixer did for what it blocked", () => {
    expect(only(of("closed", row(tcp("203.0.113.7:25", blocked), 3))).observation.total).toBe(3);
  });

  it("does not tell openings without an address apart from their closings that have one, as Mixer told them", () => {
    const opened = of("opened", row(tcp(""), 4));
    const closed = of("closed", row(tcp("203.0.113.7:25"), 3), row(tcp("203.0.113.8:25"), 1));
    expect(seen(opened, closed).map((one) => one.observation.addresses)).toEqual([["203.0.113.7"], ["203.0.113.8"]]);
    const another = { source_workload: "job" };
    expect(seen(of("opened", row(tcp("", another), 4)), closed)).toHaveLength(3);
    expect(seen(of("opened", row(tcp("", blocked), 4)), closed)).toHaveLength(3);
  });

  it("calls the source's cluster by the config's name, or by its label where there are several", () => {
    const clusters = (...labels: string[]) =>
      seen(...labels.map((one) => of("requests", row(http("a.example.com", { source_cluster: one }))))).map(
        ({ observation }) => observation.source.cluster,
      );
    expect(clusters("")).toEqual(["prod"]);
    expect(clusters("Kubernetes")).toEqual(["prod"]);
    expect(clusters("c1", "c2")).toEqual(["c1", "c2"]);
    expect(clusters("c1", "", "c2")).toEqual(["c1", "prod", "c2"]);
  });

  it("keeps a source's key when a second cluster turns up", () => {
    const first = of("requests", row(http("a.example.com", { source_cluster: "c1" })));
    const second = of("requests", row(http("a.example.com", { source_cluster: "c2" })));
    const keys = seen(first, second).map(({ observation }) => observation.key);
    expect(keys).toEqual([only(first).observation.key, only(second).observation.key]);
    expect(new Set(keys).size).toBe(2);
  });
});
