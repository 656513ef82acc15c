import { describe, expect, it } from "vitest";
import type { Evidence } from "../../lib/detect/detector.ts";
import { goneBlind } from "../../lib/detect/gone-blind.ts";
import type { Blindness } from "../../lib/model.ts";
import { Memory } from "../../lib/words/memory.ts";
import { bare, byId, evidence, noon, observation, sighting, window } from "./make.ts";

const memory = new Memory([sighting(observation()), sighting(observation(bare("203.0.113.7")))]);
const detect = (blind: Blindness["code"][], change: Partial<Evidence> = {}) =>
  goneBlind.detect(
    evidence({ memory, blind: blind.map((code) => ({ code, text: `no data because of ${code}` })), ...change }),
  );

describe("detect/gone-blind", () => {
  it.each<Blindness["code"]>(["gap", "no-series", "no-address"])(
    "finds %s when it begins, as the cluster's own",
    (code) => {
      const { findings, opened } = detect([code]);
      expect(findings).toMatchObject([
        {
          kind: "blind",
          severity: "warning",
          state: "open",
          source: { cluster: "prod", namespace: "", workload: "" },
          summary: `prod: no data because of ${code}.`,
          firstSeen: window.from,
          lastSeen: window.to,
        },
      ]);
      expect(opened).toEqual(findings);
    },
  );

  it.each<Blindness["code"]>(["some-addresses", "no-sni"])("leaves %s to the run's own words", (code) => {
    expect(detect([code])).toEqual({ findings: [], opened: [], closed: [] });
  });

  it("finds nothing where nothing was ever seen: what a set-up never showed has not gone", () => {
    expect(detect(["gap", "no-series", "no-address"], { memory: new Memory() }).findings).toEqual([]);
    const httpOnly = new Memory([sighting(observation())]);
    expect(detect(["no-address"], { memory: httpOnly }).findings).toEqual([]);
    const unaddressed = new Memory([sighting(observation({ ...bare(""), address: null }))]);
    expect(detect(["no-address"], { memory: unaddressed }).findings).toEqual([]);
  });

  it("is told once while it lasts, and once when it is over", () => {
    const open = byId(detect(["gap"]).opened ?? []);
    expect(detect(["gap"], { open })).toEqual({ findings: [], opened: [], closed: [] });
    const later = { from: noon, to: noon + 900_000 };
    expect(detect([], { open, window: later })).toMatchObject({
      findings: [{ id: [...open.keys()][0], state: "resolved", lastSeen: later.to }],
      opened: [],
      closed: [[...open.keys()][0]],
    });
  });

  it("tells each kind of blindness apart, and each cluster's", () => {
    const ids = [
      ...(detect(["gap", "no-series"]).findings ?? []),
      ...(detect(["gap"], { cluster: "test" }).findings ?? []),
    ].map((one) => one.id);
    expect(new Set(ids).size).toBe(3);
  });

  it("leaves other findings that are open as they are", () => {
    const other = {
      ...(detect(["gap"]).opened?.[0] as NonNullable<ReturnType<typeof detect>["opened"]>[0]),
      kind: "fan-out" as const,
    };
    expect(detect([], { open: byId([other]) })).toEqual({ findings: [], opened: [], closed: [] });
  });
});
