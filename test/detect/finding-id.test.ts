import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findingId, sourceKey } from "../../lib/detect/finding-id.ts";

const source = { cluster: "", namespace: "shop", workload: "web" };

describe("detect/finding-id", () => {
  it("is the same in every run, process and release: what was told stays told", () => {
    expect(findingId("new-destination", "k1")).toBe("af0af81ec26451a9c3b16363f6c458ff");
    expect(findingId("blocked-spike", "k1", 7)).toBe("3c8c6ac702b8e72ba8f0d55cff5743bc");
    expect(sourceKey("prod", source)).toBe("9008b9ad8fd23af67945b5a9d8fd7829");
  });

  it("differs by kind and by every part of the cause", () => {
    const kinds = fc.constantFrom("new-destination", "new-blocked", "blind");
    const part = fc.constantFrom("", "a", "b", "a\nb", '"a"', '","', "1", 1);
    const cause = fc.tuple(kinds, fc.array(part, { minLength: 2, maxLength: 3 }));
    fc.assert(
      fc.property(cause, cause, ([kind, parts], [otherKind, otherParts]) => {
        const same = JSON.stringify([kind, parts]) === JSON.stringify([otherKind, otherParts]);
        expect(findingId(kind, ...parts) === findingId(otherKind, ...otherParts)).toBe(same);
      }),
      { numRuns: 2000 },
    );
  });

  it("tells sources apart by cluster, label, namespace and workload", () => {
    const keys = [
      sourceKey("prod", source),
      sourceKey("test", source),
      sourceKey("prod", { ...source, cluster: "c1" }),
      sourceKey("prod", { ...source, namespace: "shopweb", workload: "" }),
      sourceKey("prod", { ...source, workload: "api" }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});
