/** What a plan says of flows that are covered and pass through a catch-all. */
import { expect, it } from "vitest";
import type { PlannedFlow } from "../../lib/plan/coverage.ts";
import { stillPassing } from "../../lib/plan/still-passing.ts";
import { finding, http } from "../suggest/make.ts";

const noon = Date.UTC(2026, 10, 22, 12);
const minute = 60_000;
const flow = (host: string, minutesAgo: number, change: Partial<PlannedFlow> = {}): PlannedFlow => ({
  finding: { ...finding(http(host)), lastSeen: noon - minutesAgo * minute },
  ...{ isCovered: true, isClosed: true, why: "", certain: true },
  ...change,
});

it("names the one flow, and says which manifest it should go by", () => {
  expect(stillPassing([flow("a.example.com", 5), flow("b.example.com", 90)], noon)).toEqual([
    "1 flow went through a catch-all in the last hour although a manifest in force covers it (payments/checkout to a.example.com:80): `scan --existing` says why (entry-bypassed)",
  ]);
});

it("names the first of several", () => {
  expect(stillPassing([flow("a.example.com", 5), flow("b.example.com", 50)], noon)).toEqual([
    "2 flows went through a catch-all in the last hour although manifests in force cover them, such as payments/checkout to a.example.com:80: `scan --existing` says why (entry-bypassed)",
  ]);
});

it("says nothing of what is not covered for certain", () => {
  const unsure = [flow("a.example.com", 5, { isCovered: false }), flow("b.example.com", 5, { certain: false })];
  expect(stillPassing(unsure, noon)).toEqual([]);
});
