/** What is remembered, found without a look at all of it: the same as by looking at each. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Sighting, Source } from "../../lib/model.ts";
import { Memory } from "../../lib/words/memory.ts";
import { observation, sighting } from "../detect/make.ts";

const at = (key: string, place: { host?: string | null; address?: string | null }, namespace = "web"): Sighting => {
  const source = { cluster: "prod", namespace, workload: "app" };
  const { host = null, address = null } = place;
  const one = sighting(observation());
  return { ...one, key, source, destination: { ...one.destination, host, address } };
};
const nobody = () => false;
const from =
  (namespace: string) =>
  (source: Source): boolean =>
    source.namespace === namespace;
const keysOf = (all: readonly Sighting[]): string[] => all.map(({ key }) => key);

describe("finds", () => {
  const memory = new Memory([
    at("a", { host: "a.example.com", address: "203.0.113.1" }),
    at("b", { address: "203.0.113.1" }, "shop"),
    at("c", { host: "a.example.com" }, "shop"),
    at("d", {}, "pay"),
  ]);

  it.each<[string, (source: Source) => boolean, string[], string[]]>([
    ["callers", from("shop"), [], ["b", "c"]],
    ["a host", nobody, ["a.example.com"], ["a", "c"]],
    ["an address of what has no host", nobody, ["203.0.113.1"], ["b"]],
    ["both, each once", from("shop"), ["a.example.com"], ["a", "b", "c"]],
    ["nothing", nobody, ["", "null", "b.example.com"], []],
  ])("%s", (_, isCaller, places, found) => {
    expect(keysOf(memory.about(isCaller, new Set(places))).sort()).toEqual(found);
  });

  it("how many are of a source, equal ones being one", () => {
    const counts = ["web", "shop", "none"].map((namespace) =>
      memory.countOf({ cluster: "prod", namespace, workload: "app" }),
    );
    expect(counts).toEqual([1, 2, 0]);
    expect(keysOf(memory.about(from("none")))).toEqual([]);
  });

  it("what has no host and was not looked up", () => {
    const named = { ...at("e", { address: "203.0.113.2" }), namedAt: 1 };
    expect(keysOf(new Memory([...memory.values(), named]).nameless())).toEqual(["b", "d"]);
  });

  it("what was put in another's place, as it is now", () => {
    const all = new Memory(memory.values());
    all.set("b", at("b", { address: "203.0.113.9" }, "shop"));
    all.set("d", { ...at("d", {}, "pay"), namedAt: 1 });
    expect(all.size).toBe(4);
    expect(all.countOf({ cluster: "prod", namespace: "shop", workload: "app" })).toBe(2);
    expect(keysOf(all.about(nobody, new Set(["203.0.113.1"])))).toEqual([]);
    expect(keysOf(all.about(nobody, new Set(["203.0.113.9"])))).toEqual(["b"]);
    expect(keysOf(all.nameless())).toEqual(["b"]);
  });

  it("no other host that has the same hash", () => {
    // 31 × "A" + "a" is 31 × "B" + "B".
    const twins = new Memory([at("a", { host: "Aa.example.com" }), at("b", { host: "BB.example.com" })]);
    expect(keysOf(twins.about(nobody, new Set(["BB.example.com"])))).toEqual(["b"]);
  });
});

it("is a map of its sightings by key", () => {
  const one = at("a", { host: "a.example.com" });
  expect([...new Memory([one])]).toEqual([["a", one]]);
});

it("finds whatever a look at each finds", () => {
  const names = fc.constantFrom("a", "b", "c", "d");
  const some = fc.record({ key: names, host: fc.option(names), address: fc.option(names), namespace: names });
  fc.assert(
    fc.property(fc.array(some), names, fc.array(names), (list, namespace, wanted) => {
      const memory = new Memory(
        list.map(({ key, namespace, ...place }) => at(`${key}-${namespace}`, place, namespace)),
      );
      const places = new Set<string>(wanted);
      const looked = [...memory.values()].filter(
        ({ source, destination: { host, address } }) =>
          source.namespace === namespace || places.has(host ?? address ?? ""),
      );
      expect(keysOf(memory.about(from(namespace), places)).sort()).toEqual(keysOf(looked).sort());
    }),
  );
});
