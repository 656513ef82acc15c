import { describe, expect, it } from "vitest";
import { kindOf, retentionOf } from "../../lib/poll/server.ts";

const host = "prometheus.example";
const of = (buildinfo: unknown, more = {}) => kindOf({ host, buildinfo, isVictoria: false, ...more });

describe("which server it is", () => {
  it.each([
    [
      { version: "2.53.1", revision: "x", goVersion: "go1.23" },
      { kind: "Prometheus", version: "2.53.1" },
    ],
    [{ version: "3.5.0-rc.1" }, { kind: "Prometheus", version: "3.5.0-rc.1" }],
    [{ version: "0.36.1" }, { kind: "Thanos", version: "0.36.1" }],
    [
      { application: "Grafana Mimir", version: "2.14.0", features: {} },
      { kind: "Mimir", version: "2.14.0" },
    ],
    [{ version: "1.19.0" }, { kind: null, version: "1.19.0" }],
    [{ version: "\u001b[31mred" }, { kind: null, version: null }],
    [{ version: 7 }, { kind: null, version: null }],
    [{}, { kind: null, version: null }],
    [null, { kind: null, version: null }],
  ])("%j", (buildinfo, told) => {
    expect(of(buildinfo)).toEqual(told);
  });

  it("VictoriaMetrics says Prometheus' version for its own; Amazon's is known by its host", () => {
    expect(of({ version: "2.24.0" }, { isVictoria: true })).toEqual({ kind: "VictoriaMetrics", version: null });
    const amazon = { host: "aps-workspaces.eu-west-1.amazonaws.com" };
    expect(of(null, amazon)).toEqual({ kind: "Amazon Managed Prometheus", version: null });
    expect(of(null, { host: "aps-workspaces.eu-west-1.amazonaws.com.evil.example" }).kind).toBeNull();
  });
});

it("how long it keeps samples, in its own words and no others", () => {
  expect(retentionOf({ storageRetention: "15d or 10GiB" })).toBe("15d or 10GiB");
  for (const odd of [null, {}, { storageRetention: "" }, { storageRetention: "<b>" }, { storageRetention: 3 }]) {
    expect(retentionOf(odd)).toBeNull();
  }
});
