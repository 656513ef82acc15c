import fc from "fast-check";
import { expect, test } from "vitest";
import { labelsBySource } from "../../lib/enrich/owner-label.ts";
import type { OwnerLabel } from "../../lib/model.ts";

const source = { cluster: "prod", namespace: "shop", workload: "web" };
const label = (value: string, change: Partial<OwnerLabel> = {}): OwnerLabel => ({
  ...{ cluster: null, namespace: "shop", workloads: [], value, count: 1 },
  ...change,
});

test.each<[string, OwnerLabel[], string | null]>([
  ["of its namespace", [label("a"), label("b", { namespace: "other" })], "a"],
  [
    "of the workload before its namespace",
    [label("a", { count: 9 }), label("b", { workloads: ["web-1", "web"] })],
    "b",
  ],
  ["none of another workload", [label("a", { workloads: ["api"] })], null],
  ["of its cluster before others", [label("a", { cluster: "stage", count: 9 }), label("b", { cluster: "prod" })], "b"],
  ["of another cluster where its own tells none", [label("a", { cluster: "eu-1" })], "a"],
  ["the one that most say", [label("a"), label("b"), label("b")], "b"],
  ["the first where as many say another", [label("b", { count: 2 }), label("a", { count: 2 })], "a"],
  ["none", [], null],
])("%s", (_, labels, value) => {
  expect(labelsBySource(labels)(source)?.value ?? null).toBe(value);
});

test("the order of the rows says nothing, and several values are told", () => {
  const labels = [label("a"), label("b"), label("c", { count: 2 }), label("d", { count: 2 })];
  fc.assert(
    fc.property(fc.shuffledSubarray(labels, { minLength: 4 }), (rows) => {
      expect(labelsBySource(rows)(source)).toEqual({ value: "c", all: ["a", "b", "c", "d"] });
    }),
  );
});
