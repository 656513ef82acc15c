import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ScanDocument } from "../../lib/report/scan-schema.ts";
import { admit } from "../admission/admit.ts";
import { cases } from "../mesh/cases.ts";
import { type HeldPast, holdPast } from "./past.ts";
import { scanJson } from "./run-scout.ts";

const minute = 60_000;
const end = Date.UTC(2026, 10, 20, 12);
const span = { from: end - 30 * minute, to: end, everyMs: 15_000 };

describe.each([
  { labels: "address and SNI labels", telling: {} },
  { labels: "Istio's default labels", telling: { address: "none", sni: false, httpAddress: false } as const },
])("Istio's own case table, with $labels", ({ telling }) => {
  let held: HeldPast;
  let result: ScanDocument;

  beforeAll(async () => {
    held = await holdPast(
      (mesh, timetable) => timetable.at(end - 2 * minute, () => cases.forEach((one) => void one.drive(mesh))),
      span,
      telling,
    );
    const window = ["--at", String(end / 1000), "--since", "10m", "--no-learn", "--state", "memory:"];
    result = await scanJson(["--prometheus", held.prometheus.url, "--dns", "127.0.0.1:1", ...window]);
  });
  afterAll(() => held.stop());

  it.each(cases)("$mode $name", ({ namespace, expect: { says } }) => {
    const found = result.findings.filter((one) => one.source.namespace === namespace);
    if (says === null) return expect(found).toEqual([]);
    const port = telling.address === "none" && says.protocol === "tcp" ? null : says.port;
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ count: 1, source: { workload: "client-v1" }, destination: { ...says, port } });
    expect(found[0]?.kind).toBe(says.verdict === "blocked" ? "new-blocked" : "new-destination");
  });

  it("finds nothing else", () => {
    expect(result.findings).toHaveLength(cases.filter((one) => one.expect.says !== null).length);
  });

  it("suggests manifests that Istio admits, or says why not", () => {
    for (const { suggestions, noSuggestion } of result.findings) {
      expect(suggestions.length > 0).toBe(noSuggestion === null);
      for (const { manifest } of suggestions)
        expect(admit(manifest).filter((one) => one.level === "error")).toEqual([]);
    }
  });

  it("says what it cannot see", () => {
    const blind = result.run.blind.join("\n");
    expect(blind.includes("no address label")).toBe(telling.address === "none");
    expect(blind).toContain("no SNI label");
  });
});
