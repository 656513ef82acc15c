import { describe, expect, it } from "vitest";
import { families } from "./cases/index.ts";
import { type RouteCase, table, verdictOf } from "./make.ts";

const cases: [string, RouteCase][] = Object.entries(families).flatMap(([family, all]) =>
  all.map((one): [string, RouteCase] => [`${family}: ${one.name}`, one]),
);

describe("route", () => {
  it.each(cases)("%s", (_, { objects, settings, flows }) => {
    const said = (list: typeof objects) => {
      const of = table(list, settings);
      return flows.map(([flow]) => verdictOf(flow, of));
    };
    const wanted = flows.map(([, want]) => want);
    expect(said(objects)).toEqual(wanted);
    expect(said(objects.toReversed()), "the order of the manifests does not matter").toEqual(wanted);
  });
});
