/** A tenth of `npm run soak`: what it shows of weeks has to hold of days. */
import { expect, it } from "vitest";
import { type Soaked, soak, warmUp } from "./soak.ts";
import { faultsOf, growth } from "./table.ts";

it("200 runs tell the truth once, forget what ends, and leave nothing behind; 300 bytes a run would be seen", {
  timeout: 300_000,
}, async () => {
  const seed = 2;
  const before = await warmUp(seed);
  const soaked = await soak(200, { seed, measures: 20 });
  expect(before.faults).toEqual([]);
  expect(faultsOf(soaked)).toEqual([]);
  // A soak in which nothing happened shows nothing.
  const { failed, findings, told, refused, verdicts, expired, spikes } = soaked;
  for (const count of [failed, findings, told, refused, verdicts, expired, spikes]) expect(count).toBeGreaterThan(0);
  expect(soaked.marks.length).toBe(20);

  const kept: Uint8Array[] = [];
  const after = () => kept.push(new Uint8Array(64));
  const leaking = await soak(120, { seed, measures: 20, after });
  expect(faultsOf(leaking)).toEqual([expect.stringMatching(/^the heap grows by \d\d\d bytes a run$/)]);
});

it("a leak, a state that grows and queries that become more are faults", () => {
  const marks = Array.from({ length: 40 }, (_, index) => ({
    ...{ run: 5 * (index + 1), heap: 20_000_000 + (index % 3) * 500, bytes: 200_000, called: 60, rows: {} },
  }));
  const good: Soaked = {
    ...{
      runs: 200,
      failed: 1,
      days: 4,
      findings: 9,
      told: 9,
      refused: 1,
      verdicts: 1,
      expired: 1,
      bursts: 1,
      spikes: 1,
    },
    ...{ marks, quiet: [11, 11, 11, 11].map((count) => new Map([[count, 9]])), faults: [] },
  };
  expect(faultsOf(good)).toEqual([]);
  const leaking = marks.map((one) => ({ ...one, heap: one.heap + one.run * 120 }));
  expect(growth({ ...good, marks: leaking })).toBeCloseTo(120 + growth(good));
  expect(faultsOf({ ...good, marks: leaking })).toEqual([expect.stringMatching(/^the heap grows by 1\d\d bytes/)]);
  const fat = marks.map((one) => ({ ...one, bytes: one.run === 200 ? 900_000 : one.bytes }));
  expect(faultsOf({ ...good, marks: fat })).toEqual(["after 200 runs the state has 900000 bytes for 60 destinations"]);
  const slower = good.quiet.with(3, new Map([[12, 9]]));
  expect(faultsOf({ ...good, quiet: slower })).toEqual(["a quiet run asks 11, 12 queries"]);
});
