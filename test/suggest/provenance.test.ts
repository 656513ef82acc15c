import { describe, expect, it } from "vitest";
import { reviewBy } from "../../lib/suggest/provenance.ts";
import { entryOf, finding, onlyOne, sighting, source, suggestAll, suggestOne, tls } from "./make.ts";

const host = "api.stripe.com";
const day = 86_400_000;
const noon = Date.UTC(2026, 10, 22, 12);
const notes = (one: ReturnType<typeof onlyOne>) => entryOf(one.manifest).metadata.annotations ?? {};

describe("what a manifest says of itself", () => {
  it("is who was seen calling, since when, and until when to look at it again", () => {
    expect(notes(suggestOne(finding(tls(host)), [], { now: noon }))).toEqual({
      "egress-scout/seen-from": "checkout",
      "egress-scout/first-seen": "2026-11-22",
      "egress-scout/review-by": "2027-02-20",
    });
  });

  it("names five workloads at most, each once and in alphabetical order", () => {
    const called = (workload: string) => sighting(tls(host), { source: source({ workload }) });
    const many = ["z", "a", "b", "a", "c", "d", "e", "f"].map(called);
    expect(notes(suggestOne(finding(tls(host)), many))["egress-scout/seen-from"]).toBe(
      "a, b, c, checkout, d and 3 more",
    );
  });

  it("is the same for every finding and in every run, for as long as the traffic is", () => {
    const known = [sighting(tls(host), { firstSeen: noon - 3 * day })];
    const runs = [0, 1, 20, 55].map((days) => suggestOne(finding(tls(host)), known, { now: noon + days * day }).yaml);
    expect(new Set(runs).size).toBe(1);
    const spike = finding(tls(host), { kind: "blocked-spike", count: 900, lastSeen: noon + day, id: "other" });
    expect(new Set(suggestAll([finding(tls(host)), spike], known).map((one) => onlyOne(one).yaml)).size).toBe(1);
  });

  it("counts a call from when it was first remembered, and the review from the newest of the calls", () => {
    const own = finding(tls(host), { kind: "blocked-spike" });
    const first = sighting(tls(host), { key: own.key, firstSeen: noon - 10 * day });
    expect(notes(suggestOne(own, [first]))).toMatchObject({
      "egress-scout/first-seen": "2026-11-12",
      "egress-scout/review-by": "2027-02-10",
    });
    const older = sighting(tls(host, 8443), { firstSeen: noon - 40 * day });
    expect(notes(suggestOne(finding(tls(host)), [older]))).toMatchObject({
      "egress-scout/first-seen": "2026-10-13",
      "egress-scout/review-by": "2027-02-20",
    });
  });

  it.each([
    ["new", 0, 90],
    ["a month old", 30, 90],
    ["with a month left", 60, 90],
    ["with less than a month left", 61, 180],
    ["over", 90, 180],
    ["years old", 1000, 1080],
    ["to come, where clocks differ", -1, 90],
  ])("is never to be looked at within a month: a call that is %s", (_, age, after) => {
    expect(reviewBy(noon - age * day, noon)).toBe(noon + (after - age) * day);
  });

  it("is text, whatever a workload is called", () => {
    const workload = `<!here>\n"${"x".repeat(500)}`;
    const { yaml, manifest } = suggestOne(finding(tls(host), { source: source({ workload }) }));
    expect(yaml).toMatch(/^[\x20-\x7e\n]+$/);
    expect(yaml).not.toMatch(/[<>&`]/);
    expect(manifest.metadata.annotations?.["egress-scout/seen-from"]?.length).toBeLessThan(140);
  });

  it("leaves out a date that there is not", () => {
    expect(notes(suggestOne(finding(tls(host), { firstSeen: 9e15 })))).toEqual({
      "egress-scout/seen-from": "checkout",
    });
  });
});
