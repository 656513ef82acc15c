import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Observation } from "../../lib/model.ts";
import { firstSighting, laterSighting } from "../../lib/remember/sighting.ts";
import { noon, observation } from "../detect/make.ts";

const day = 86_400_000;
const seen = (change: Partial<Observation>) => observation({}, change);
const known = firstSighting(seen({ total: 5, count: 2, lastSeen: noon }));

describe("remember/sighting", () => {
  it("remembers a new destination as it was seen, with the calls that were counted", () => {
    const one = seen({ total: 5, count: 2 });
    const { key, source, destination, firstSeen, lastSeen } = one;
    const unnamed = { name: null, namedAt: null };
    expect(firstSighting(one)).toEqual({
      key,
      source,
      destination,
      firstSeen,
      lastSeen,
      count: 2,
      total: 5,
      ...unnamed,
    });
  });

  it("takes all that the counters show for its calls where they were not counted", () => {
    expect(firstSighting(seen({ total: 5, count: null })).count).toBe(5);
  });

  it("writes nothing for a destination that nobody called since", () => {
    expect(laterSighting(known, seen({ total: 5, lastSeen: noon + 9 * day }))).toBeNull();
    expect(laterSighting(known, seen({ total: 5, lastSeen: noon + 9 * day }), true)).toBeNull();
  });

  it("writes a known destination once a day, or every change while it learns", () => {
    const called = (ms: number) => seen({ total: 9, lastSeen: noon + ms });
    expect(laterSighting(known, called(day - 1))).toBeNull();
    expect(laterSighting(known, called(day))).toMatchObject({ lastSeen: noon + day, count: 6, total: 9 });
    expect(laterSighting(known, called(1), true)).toMatchObject({ lastSeen: noon + 1, count: 6, total: 9 });
  });

  it("counts nothing where pods went and the counters add up to less, and sees that it was called", () => {
    const later = laterSighting(known, seen({ total: 3, lastSeen: noon + day }));
    expect(later).toMatchObject({ lastSeen: noon + day, count: 2, total: 3 });
  });

  it("keeps the name it has, and when that was looked for", () => {
    const name = { name: "api.example.com", from: "ptr", trust: "confirmed", why: "w" } as const;
    const named = { ...known, name, namedAt: noon };
    expect(laterSighting(named, seen({ total: 9, lastSeen: noon + day }))).toMatchObject({
      name,
      namedAt: noon,
      total: 9,
    });
  });

  it("keeps when it was first seen, who called and what it is; the address is the latest one known", () => {
    const moved = {
      ...seen({ total: 9, firstSeen: 0, lastSeen: noon + day }),
      source: { ...known.source, workload: "x" },
    };
    const later = (address: string | null) =>
      laterSighting(known, { ...moved, destination: { ...moved.destination, address, port: 1 } });
    expect(later("203.0.113.7")).toMatchObject({
      key: known.key,
      source: known.source,
      firstSeen: known.firstSeen,
      destination: { ...known.destination, address: "203.0.113.7" },
    });
    const addressed = { ...known, destination: { ...known.destination, address: "203.0.113.8" } };
    const bare = { ...moved, destination: { ...moved.destination, address: null } };
    expect(laterSighting(addressed, bare)?.destination.address).toBe("203.0.113.8");
  });

  it("never counts more than was called: a lower bound, run after run", () => {
    const step = fc.record({ calls: fc.nat(9), gone: fc.nat(9), after: fc.nat(2 * day) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.boolean(), (steps, urgent) => {
        let [time, counters, truth, sighting] = [noon, 5, 2, known];
        for (const { calls, gone, after } of steps) {
          time += after;
          counters = Math.max(0, counters - gone) + calls;
          truth += calls;
          sighting = laterSighting(sighting, seen({ total: counters, lastSeen: time }), urgent) ?? sighting;
          expect(sighting.count).toBeLessThanOrEqual(truth);
          expect(sighting.lastSeen).toBeLessThanOrEqual(time);
        }
      }),
    );
  });
});
