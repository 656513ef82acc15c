/** A tenth of `npm run soak`: what it shows of weeks has to hold of days. */
import { expect, it } from "vitest";
import { type Soaked, soak } from "./soak.ts";
import { faultsOf, growth } from "./table.ts";

it("200 runs tell the truth once, forget what ends, and leave no more behind than they met", {
  timeout: 180_000,
}, async () => {
  const soaked = await soak(200);
  expect(faultsOf(soaked)).toEqual([]);
  // A soak in which nothing happened shows nothing.
  const { failed, findings, told, refused, verdicts, expired, spikes } = soaked;
  for (const count of [failed, findings, told, refused, verdicts, expired, spikes]) expect(count).toBeGreaterThan(0);
  expect(soaked.marks.length).toBeGreaterThanOrEqual(40);
});

it("a leak, a state that grows and queries that become more are faults", () => {
  const marks = Array.from({ length: 40 }, (_, index) => ({
    ...{ run: 5 * (index + 1), heap: 20_000_000 + (index % 3) * 50_000, bytes: 200_000, called: 60, rows: {} },
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
  const leaking = marks.map((one) => ({ ...one, heap: one.heap + one.run * 12_000 }));
  expect(growth({ ...good, marks: leaking })).toBeCloseTo(12_000 + growth(good));
  expect(faultsOf({ ...good, marks: leaking })).toEqual([expect.stringMatching(/^the heap grows by 1\d\d\d\d bytes/)]);
  const fat = marks.map((one) => ({ ...one, bytes: one.run === 200 ? 900_000 : one.bytes }));
  expect(faultsOf({ ...good, marks: fat })).toEqual(["after 200 runs the state has 900000 bytes for 60 destinations"]);
  const slower = good.quiet.with(3, new Map([[12, 9]]));
  expect(faultsOf({ ...good, quiet: slower })).toEqual(["a quiet run asks 11, 12 queries"]);
});
