import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Labels } from "../../lib/model.ts";
import { withoutCopies } from "../../lib/observe/copies.ts";
import { http, names, samples, tcp } from "./make.ts";

const api = (change: Labels) => samples(http("api.example.com", change), [1, 1], [2, 2]);
const left = (...series: Labels[]) => withoutCopies(series.map(api), names).length;

describe("observe/copies", () => {
  it("takes a counter once that two jobs, two ports or two servers scraped", () => {
    expect(left({ instance: "10.0.0.1:15020", job: "pods" }, { instance: "10.0.0.1:15090", job: "envoy-stats" })).toBe(
      1,
    );
    expect(left({ instance: "10.0.0.1:15020", replica: "a" }, { instance: "10.0.0.1:15020", replica: "b" })).toBe(1);
    expect(left({ pod: "web-1", prometheus: "a" }, { pod: "web-1", prometheus: "b" })).toBe(1);
  });

  it("takes a counter once where two jobs write its pod by other names, or one of them not at all", () => {
    const instance = "10.0.0.1:15020";
    expect(left({ instance, pod: "web-1" }, { instance, kubernetes_pod_name: "web-1" })).toBe(1);
    expect(left({ instance, pod: "web-1" }, { instance }, { instance, job: "other" })).toBe(1);
    expect(left({ instance }, { instance, pod: "web-1" }, { instance, pod: "web-2" })).toBe(2);
    expect(left({ instance, pod: "web-1" }, { instance: "10.0.0.2:15020" })).toBe(2);
  });

  it("keeps the counters of two pods, however they are told apart", () => {
    expect(left({ instance: "10.0.0.1:15020" }, { instance: "10.0.0.2:15020" })).toBe(2);
    expect(left({ pod: "web-1" }, { pod: "web-2" })).toBe(2);
    expect(left({ pod_name: "web-1" }, { pod_name: "web-2" })).toBe(2);
    expect(left({ instance: "[2001:db8::1]:15020" }, { instance: "[2001:db8::2]:15020" })).toBe(2);
  });

  it("keeps the counters of one pod that Istio tells apart", () => {
    const instance = "10.0.0.1:15020";
    expect(left({ instance, response_code: "200" }, { instance, response_code: "503" })).toBe(2);
    expect(left({ instance, response_flags: "-" }, { instance, response_flags: "DC" })).toBe(2);
    const both = ["203.0.113.7:443", "203.0.113.8:443"].map((to) => samples(tcp(to, { instance }), [1, 1]));
    expect(withoutCopies(both, names)).toHaveLength(2);
  });

  it("keeps the counters that the config's own labels tell apart, whatever they are called", () => {
    const own = { address: ["dst"], port: [], sni: ["name_sent"] };
    const instance = "10.0.0.1:15020";
    const series = [{ dst: "a" }, { dst: "b" }, { name_sent: "c" }, { other: "d" }].map((label) =>
      api({ instance, ...label }),
    );
    expect(withoutCopies(series, own)).toHaveLength(4);
    expect(withoutCopies(series, { ...own, sni: [] })).toHaveLength(3);
  });

  it("keeps of two copies the one that has more to say", () => {
    const short = samples(http("a.example.com", { instance: "a:1" }), [1, 1]);
    const long = samples(http("a.example.com", { instance: "a:2" }), [1, 1], [2, 2]);
    expect(withoutCopies([short, long], names)).toEqual([long]);
    expect(withoutCopies([long, short], names)).toEqual([long]);
  });

  it("fills the holes of one copy from another, as when one server takes over from the other", () => {
    const a = samples(
      http("a.example.com", { instance: "a:1" }),
      ...[0, 1, 2, 3, 4, 5, 6, 7].map((n): [number, number] => [n * 15_000, 5]),
    );
    const b = samples(http("a.example.com", { instance: "a:2" }), [90_100, 5], [102_000, 5], [120_000, 6]);
    const whole = withoutCopies([a, b], names)[0]?.values ?? [];
    expect(whole.at(-1)).toEqual([120_000, 6]);
    expect(whole).toHaveLength(9);
    expect(withoutCopies([b, a], names)).toEqual(withoutCopies([a, b], names));
  });

  it("takes no sample so near to another that clocks may have told them in the wrong order", () => {
    const a = samples(http("a.example.com", { instance: "a:1" }), [0, 5], [15_000, 6], [30_000, 7]);
    const b = samples(http("a.example.com", { instance: "a:2" }), [30_100, 6], [31_000, 6]);
    expect(withoutCopies([a, b], names)).toEqual([a]);
  });

  it("does not depend on the order", () => {
    const one = fc.record({ pod: fc.constantFrom("a", "b"), job: fc.constantFrom("x", "y", "z"), value: fc.nat(3) });
    const all = fc
      .array(one, { maxLength: 8 })
      .map((list) => list.map(({ value, ...labels }) => samples(labels, [1, value])));
    fc.assert(
      fc.property(all, (series) => {
        const sorted = (list: readonly unknown[]) => list.map((each) => JSON.stringify(each)).sort();
        expect(sorted(withoutCopies([...series].reverse(), names))).toEqual(sorted(withoutCopies(series, names)));
      }),
    );
  });
});
