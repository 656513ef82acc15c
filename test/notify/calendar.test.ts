import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { breaksQuiet, type DigestTime, digestBefore, isQuiet, type QuietHours } from "../../lib/notify/calendar.ts";
import { finding } from "./sample.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const at = (text: string) => Date.parse(`${text}Z`);
const night: QuietHours = { from: "22:00", to: "07:00", zone: "Europe/Berlin", except: "critical" };

/** The times (UTC) between two at which it becomes quiet, or no longer is. */
function turns(hours: QuietHours, from: string, to: string): string[] {
  const out: string[] = [];
  for (let time = at(from); time <= at(to); time += minute) {
    const [before, now] = [isQuiet(hours, time - minute), isQuiet(hours, time)];
    if (before !== now) out.push(`${now ? "quiet" : "awake"} ${new Date(time).toISOString().slice(5, 16)}`);
  }
  return out;
}

describe("quiet hours", () => {
  it("are those of the zone's own clock, over midnight", () => {
    expect(turns(night, "2026-11-21T12:00", "2026-11-23T12:00")).toEqual([
      "quiet 11-21T21:00",
      "awake 11-22T06:00",
      "quiet 11-22T21:00",
      "awake 11-23T06:00",
    ]);
  });

  it("may be within a day, and in zones of odd minutes", () => {
    expect(
      turns({ ...night, from: "12:00", to: "13:30", zone: "Asia/Kathmandu" }, "2026-11-21T00:00", "2026-11-22T00:00"),
    ).toEqual(["quiet 11-21T06:15", "awake 11-21T07:45"]);
  });

  it("are an hour shorter in the night that clocks go forward, an hour longer when they go back", () => {
    expect(turns(night, "2026-03-28T12:00", "2026-03-29T12:00")).toEqual(["quiet 03-28T21:00", "awake 03-29T05:00"]);
    expect(turns(night, "2026-10-24T12:00", "2026-10-25T12:00")).toEqual(["quiet 10-24T20:00", "awake 10-25T06:00"]);
  });

  it("may begin in an hour that a day does not have, and end in one that it has twice", () => {
    const skipped = { ...night, from: "02:30", to: "04:00" };
    expect(turns(skipped, "2026-03-28T22:00", "2026-03-29T12:00")).toEqual(["quiet 03-29T01:00", "awake 03-29T02:00"]);
    const twice = { ...night, from: "01:00", to: "02:30" };
    expect(turns(twice, "2026-10-24T20:00", "2026-10-25T12:00")).toEqual([
      "quiet 10-24T23:00",
      "awake 10-25T00:30",
      "quiet 10-25T01:00",
      "awake 10-25T01:30",
    ]);
  });

  it("are broken by what is as severe as they say, or worse", () => {
    const broken = (except: QuietHours["except"]) =>
      (["info", "warning", "critical"] as const).filter((severity) =>
        breaksQuiet(finding({ severity }), { ...night, except }),
      );
    expect([broken("critical"), broken("warning"), broken("none")]).toEqual([
      ["critical"],
      ["warning", "critical"],
      [],
    ]);
  });
});

describe("digests", () => {
  const daily: DigestTime = { every: "daily", at: "09:00", zone: "Europe/Berlin" };
  const due = (digest: DigestTime, text: string) => new Date(digestBefore(digest, at(text))).toISOString().slice(0, 16);

  it("are due every day at that time, by the zone's clock", () => {
    expect(due(daily, "2026-11-22T08:00")).toBe("2026-11-22T08:00");
    expect(due(daily, "2026-11-22T07:59")).toBe("2026-11-21T08:00");
    expect(due(daily, "2026-07-01T08:00")).toBe("2026-07-01T07:00");
  });

  it("weekly ones are due on Mondays", () => {
    const weekly = { ...daily, every: "weekly" } as const;
    expect(due(weekly, "2026-11-23T08:00")).toBe("2026-11-23T08:00");
    expect(due(weekly, "2026-11-23T07:59")).toBe("2026-11-16T08:00");
    expect(due(weekly, "2026-11-22T12:00")).toBe("2026-11-16T08:00");
    expect(due(weekly, "2026-11-29T23:59")).toBe("2026-11-23T08:00");
  });

  it("are due once on days when clocks change", () => {
    const early = { ...daily, at: "02:30" };
    expect(due(early, "2026-03-29T00:59")).toBe("2026-03-28T01:30");
    expect(due(early, "2026-03-29T01:00")).toBe("2026-03-29T01:00");
    expect(due(early, "2026-03-29T12:00")).toBe("2026-03-29T01:00");
    expect(due(early, "2026-10-25T00:30")).toBe("2026-10-25T00:30");
    expect(due(early, "2026-10-25T01:40")).toBe("2026-10-25T00:30");
  });

  it("there is one each day or week, and none comes twice, in any zone", () => {
    const zones = ["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Kiritimati", "Pacific/Pago_Pago", "+05:45"];
    const digest = fc.record({
      every: fc.constantFrom("daily" as const, "weekly" as const),
      at: fc.tuple(fc.nat(23), fc.nat(59)).map((parts) => parts.map((part) => String(part).padStart(2, "0")).join(":")),
      zone: fc.constantFrom(...zones),
    });
    fc.assert(
      fc.property(digest, fc.integer({ min: at("2026-01-01T00:00"), max: at("2027-12-31T00:00") }), (one, time) => {
        const last = digestBefore(one, time);
        expect(last).toBeLessThanOrEqual(time);
        expect(time - last).toBeLessThan((one.every === "daily" ? 1 : 7) * day + 2 * hour);
        expect(digestBefore(one, last)).toBe(last);
        expect(digestBefore(one, last - 1)).toBeLessThan(last - 20 * hour);
      }),
      { numRuns: 60 },
    );
  });
});
