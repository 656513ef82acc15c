import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { known, readSource } from "../../lib/observe/source.ts";

describe("observe/source", () => {
  it("takes Istio's ways of saying nothing for nothing", () => {
    const labels = { a: "", b: "unknown", c: "-", d: "x", e: "Unknown" };
    expect(["a", "b", "c", "d", "e", "f"].map((name) => known(labels, name))).toEqual([
      null,
      null,
      null,
      "x",
      "Unknown",
      null,
    ]);
  });

  it("reads the calling workload", () => {
    const labels = {
      source_cluster: "arn:aws:eks:1",
      source_workload_namespace: "shop",
      source_workload: "web.v2_x-1",
    };
    expect(readSource(labels)).toEqual({ cluster: "arn:aws:eks:1", namespace: "shop", workload: "web.v2_x-1" });
  });

  it("says what is not told: no cluster, an unknown namespace and workload", () => {
    expect(readSource({})).toEqual({ cluster: "", namespace: "unknown", workload: "unknown" });
    expect(readSource({ source_cluster: "unknown", source_workload: "-" })).toEqual(readSource({}));
  });

  it("makes printable whatever else a pod calls itself", () => {
    expect(readSource({ source_workload: "w".repeat(300) }).workload).toBe(`${"w".repeat(120)}...`);
    expect(readSource({ source_workload: "<!here>\n" }).workload).toBe("\\u003c!here\\u003e\\u000a");
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const read = readSource({ source_cluster: text, source_workload_namespace: text, source_workload: text });
        for (const part of Object.values(read)) {
          expect(part).toMatch(/^[\x20-\x7e]{0,253}$/);
          expect(part).not.toMatch(/[<>&`]/);
        }
      }),
    );
  });
});
