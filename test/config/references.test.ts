import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { danglingReferences } from "../../lib/config/references.ts";

describe("config/references", () => {
  it("finds nothing wrong where every channel is there", () => {
    const config = {
      clusters: [{ name: "a" }, { name: "b" }],
      owners: [{ team: "x", channels: ["slack"] }, { team: "y" }],
      teams: { x: { channels: ["slack", "sns"] } },
      channels: { slack: {}, sns: {}, unused: {} },
      routes: [{ match: {}, channels: ["sns"] }],
    };
    expect(danglingReferences(config)).toEqual([]);
  });

  it("names each place that refers to a channel that is not there, and the channels there are", () => {
    const config = {
      owners: [{ channels: ["slack"] }, { channels: ["slack", "slak"] }],
      teams: { shop: { channels: ["pager"] } },
      channels: { sns: {}, slack: {} },
      routes: [{ match: {}, channels: ["constructor"] }],
    };
    expect(danglingReferences(config)).toEqual([
      "owners[1].channels[1]: no such channel; there are slack, sns",
      "teams.shop.channels[0]: no such channel; there are slack, sns",
      "routes[0].channels[0]: no such channel; there are slack, sns",
    ]);
  });

  it("says so where there are no channels at all", () => {
    expect(danglingReferences({ owners: [{ channels: ["slack"] }] })).toEqual([
      "owners[0].channels[0]: no such channel; there are none",
    ]);
  });

  it("refuses a second cluster of a name, not a cluster without one", () => {
    const clusters = [{ name: "a" }, { name: "b" }, { name: "a" }, {}, {}, { name: "a" }];
    expect(danglingReferences({ clusters })).toEqual([
      "clusters[2].name: a second cluster of that name",
      "clusters[5].name: a second cluster of that name",
    ]);
  });

  it("refuses a fallback that is not there, and each loop of them once", () => {
    const channels = {
      a: { fallback: "b" },
      b: { fallback: "c" },
      c: { fallback: "b" },
      d: { fallback: "d" },
      e: { fallback: "constructor" },
      f: { fallback: 7 },
      "odd name": { fallback: "g" },
      g: {},
    };
    expect(danglingReferences({ channels })).toEqual([
      "channels.b.fallback: a loop: b, c, b",
      "channels.d.fallback: a loop: d, d",
      "channels.e.fallback: no such channel; there are a, b, c, d, e, f, g, odd name",
    ]);
  });

  it("looks past other mistakes to those it is after, and throws at nothing", () => {
    const config = {
      clusters: "none",
      owners: [7, { channels: "slack" }, { channels: ["slack"] }],
      channels: [],
      teams: null,
    };
    expect(danglingReferences(config)).toEqual(["owners[2].channels[0]: no such channel; there are none"]);
    fc.assert(fc.property(fc.anything(), (value) => void danglingReferences(value)));
  });
});
