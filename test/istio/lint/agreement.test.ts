/** `lint` against two that do not know it: Istio's own verdicts, measured, and the checker of test/admission/. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { admit, errors } from "../../admission/admit.ts";
import golden from "./golden.json" with { type: "json" };
import { bare, entry, type Fields, linted, tls } from "./make.ts";
import { manifest, mildManifest } from "./manifests.ts";

/** As a cluster answers: what the API server or istiod refuses, what istiod warns of. */
function verdict(one: unknown): string {
  const problems = linted(one);
  if (problems.some(({ level }) => level === "error")) return "rejected";
  return problems.some(({ by }) => by === "istiod") ? "warned" : "accepted";
}

/**
 * The API server's own schema checks (k8s.io/apiextensions-apiserver 0.36, with Istio's CRD) and istiod's webhook (istio.io/istio of
 * 2026-08-27, VERSION 1.31) were asked about manifests that manifests.ts made. docs/lint.md says how.
 */
describe("Istio's own verdicts", () => {
  const cases = Object.entries(golden);

  it("are many, of each kind", () => {
    for (const kind of ["accepted", "warned", "rejected"]) {
      expect(cases.filter(([, said]) => said === kind).length).toBeGreaterThan(80);
    }
  });

  it("are those of lint, on every manifest", () => {
    const wrong = cases.filter(([text, said]) => verdict(JSON.parse(text)) !== said);
    expect(wrong).toEqual([]);
  });
});

describe("the independent checker of test/admission/", () => {
  it("refuses what lint refuses, of manifests whose fields are sound each by itself", () => {
    fc.assert(
      fc.property(mildManifest(), (one) => {
        expect(verdict(one) === "rejected").toBe(errors(admit(one)).length > 0);
      }),
      { numRuns: 5000 },
    );
  });

  /** It is for manifests of ours, and was written from the fact sheet; each of these was decided by asking Istio. */
  const knownDifferences: [what: string, manifest: Fields, istio: string][] = [
    ["a field that is null is one left out", entry({ endpoints: null, location: null }), "accepted"],
    ["capitals in exportTo", entry({ exportTo: ["Team"] }), "accepted"],
    ["capitals in the name of a port", entry({ ports: [{ ...tls, name: "TLS" }] }), "accepted"],
    ["a last label too large for a number", entry({ hosts: ["a.9223372036854775808"] }), "accepted"],
    ["a number before a trailing dot", entry({ hosts: ["a.1."] }), "accepted"],
    ["a single label that is a number", bare({ hosts: ["123"] }), "accepted"],
    ["an address with a zone", bare({ addresses: ["fe80::1%eth0"] }), "accepted"],
    ["a status", entry({}, {}, { status: {} }), "accepted"],
    ["an empty namespace", entry({}, { namespace: "" }), "accepted"],
    ["an unknown field of metadata", entry({}, { nmae: "x" }), "rejected"],
    ["an unknown field of workloadSelector", entry({ workloadSelector: { matchLabels: {} } }), "rejected"],
    ["labels of workloadSelector that are none", entry({ workloadSelector: { labels: { a: 7 } } }), "rejected"],
    ["a null endpoint", entry({ endpoints: [null] }), "rejected"],
    ["an annotation's key", entry({}, { annotations: { "a b": "c" } }), "rejected"],
    ["generateName", entry({}, { generateName: "API-" }), "rejected"],
  ];
  it.each(knownDifferences)("differs from Istio: %s", (_, one, istio) => {
    expect(verdict(one)).toBe(istio);
    expect(errors(admit(one)).length > 0 ? "rejected" : "accepted").not.toBe(istio);
  });
});

describe("lint", () => {
  it("says the same of the same, and throws nothing, whatever it is given", () => {
    fc.assert(
      fc.property(fc.oneof(manifest, fc.jsonValue()), (one) => {
        expect(linted(one, one)).toEqual(linted(structuredClone(one), structuredClone(one)));
      }),
      { numRuns: 1000 },
    );
    const spec = { hosts: 1, ports: {}, endpoints: [7, {}], exportTo: {}, workloadSelector: { labels: [] } };
    for (const odd of [7, "x", [], {}, { kind: "ServiceEntry" }, { kind: "ServiceEntry", apiVersion: 7, spec }])
      linted(odd);
  });
});
