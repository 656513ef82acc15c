import { describe, expect, it } from "vitest";
import type { Evidence } from "../../lib/detect/detector.ts";
import { fanOut } from "../../lib/detect/fan-out.ts";
import type { Observation } from "../../lib/model.ts";
import { Memory } from "../../lib/words/memory.ts";
import { bare, byId, evidence, noon, observation, sighting, window } from "./make.ts";

const minute = 60_000;
const scan = (many: number, change: Partial<Observation> = {}): Observation[] =>
  Array.from({ length: many }, (_, n) => observation(bare(`203.0.${n >> 8}.${n & 255}`), change));
const detect = (change: Partial<Evidence>) => fanOut.detect(evidence(change));
/** What is open after a run that saw so many. */
const opened = (many: number) => detect({ observations: scan(many) }).opened ?? [];

describe("detect/fan-out", () => {
  it("takes 200,000 at once", () => {
    const observations = Array.from({ length: 200_000 }, (_, n) =>
      observation(bare(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`), { firstSeen: noon - n }),
    );
    expect(detect({ observations }).findings).toMatchObject([{ destinations: 200_000, firstSeen: noon - 199_999 }]);
  });

  it("is one finding of many new destinations, with their number, their calls and a sample", () => {
    const { findings, opened: kept, taken, forgotten } = detect({ observations: scan(30) });
    expect(findings).toMatchObject([
      {
        kind: "fan-out",
        severity: "critical",
        state: "open",
        source: { namespace: "shop", workload: "web" },
        destination: { verdict: "allowed", protocol: "tcp", host: null, address: null, port: 443 },
        count: 90,
        destinations: 30,
      },
    ]);
    expect(findings?.[0]?.summary).toMatch(
      /^shop\/web touched 30 new destinations: .*443 \(30\).*203\.0\.0\.0\/24 \(30\).*such as /,
    );
    expect([kept, taken?.size, forgotten?.size]).toEqual([findings, 30, 0]);
  });

  it("leaves fewer than the config's number to the other detectors", () => {
    expect(detect({ observations: scan(19) })).toMatchObject({ findings: [], opened: [], taken: new Set() });
    expect(detect({ observations: scan(20) }).taken?.size).toBe(20);
  });

  it("counts what is new of each workload alone, and nothing that is remembered", () => {
    const half = scan(12);
    const other = scan(12, { source: { cluster: "prod", namespace: "shop", workload: "job" } });
    expect(detect({ observations: [...half, ...other] }).findings).toEqual([]);
    const all = scan(25);
    expect(
      detect({ observations: all, memory: new Memory(all.slice(0, 6).map((one) => sighting(one))) }).findings,
    ).toEqual([]);
  });

  it("expects much of a first run that does not learn, where all is new", () => {
    expect(detect({ observations: scan(199), isFirst: true }).findings).toEqual([]);
    expect(detect({ observations: scan(200), isFirst: true }).findings).toHaveLength(1);
  });

  it("is told once, and grows silently while it lasts", () => {
    const open = byId(opened(30));
    const again = detect({ open, observations: [observation(bare("198.51.100.1"))] });
    expect(again.findings).toEqual([]);
    expect(again.opened).toMatchObject([{ id: [...open.keys()][0], destinations: 31, count: 93 }]);
    expect(again.taken?.size).toBe(1);
  });

  it("is over after an hour without anything new, and said to be", () => {
    const open = byId(opened(30));
    const later = (ms: number) => detect({ open, window: { from: noon, to: noon - 2 * minute + ms } });
    expect(later(59 * minute).findings).toEqual([]);
    expect(later(60 * minute)).toMatchObject({
      findings: [{ state: "resolved" }],
      opened: [],
      closed: [[...open.keys()][0]],
    });
  });

  it("has the same id whenever the same workload does it", () => {
    const other = scan(40).slice(15);
    expect(detect({ observations: other, window }).findings?.[0]?.id).toBe(opened(30)[0]?.id);
  });

  it("remembers a thousand destinations of a workload at most, the first seen", () => {
    const { findings, forgotten } = detect({ observations: scan(1200) });
    expect(findings?.[0]?.destinations).toBe(1200);
    expect(forgotten?.size).toBe(200);
    const memory = new Memory(scan(1000).map((one) => sighting(one)));
    const more = detect({ memory, observations: [observation(bare("198.51.100.1"))] });
    expect([more.findings?.length, more.forgotten?.size]).toEqual([1, 1]);
  });

  it("forgets nothing that is remembered, or what was found again would be so in every run", () => {
    const long = { quietSince: noon - 100 * 24 * 60 * minute };
    const again = scan(1000, long);
    const memory = new Memory(again.map((one) => sighting(one)));
    expect(detect({ memory, observations: again }).forgotten).toEqual(new Set());
    const fresh = scan(1100).slice(1000);
    const half = new Memory(again.slice(0, 950).map((one) => sighting(one)));
    const { forgotten } = detect({ memory: half, observations: [...again.slice(0, 950), ...fresh] });
    expect([forgotten?.size, again.some((one) => forgotten?.has(one.key))]).toEqual([50, false]);
  });

  it("says one destination where it is one", () => {
    const memory = new Memory(scan(1000).map((one) => sighting(one)));
    const { findings } = detect({ memory, observations: [observation(bare("198.51.100.1"))] });
    expect(findings?.[0]?.summary).toMatch(/^shop\/web touched 1 new destination: /);
  });

  it("says of the destination only what all have in common", () => {
    const mixed = scan(30).map((one, n) => ({ ...one, destination: { ...one.destination, port: n } }));
    expect(detect({ observations: mixed }).findings?.[0]?.destination).toMatchObject({ protocol: "tcp", port: null });
  });

  it("does not depend on the order of what was observed", () => {
    const all = scan(40).map((one, n) => ({ ...one, firstSeen: noon - (n % 7) * minute }));
    expect(detect({ observations: [...all].reverse() })).toEqual(detect({ observations: all }));
  });
});
