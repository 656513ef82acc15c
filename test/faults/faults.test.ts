/** The part of the matrix for every day; `npm run faults` runs all of it. */
import { beforeAll, describe, expect, it } from "vitest";
import { type Matrix, representative, runMatrix } from "./all.ts";
import { countsText, shortfalls } from "./matrix.ts";

describe("faults", () => {
  let matrix: Matrix;
  beforeAll(async () => {
    matrix = await runMatrix(representative);
    console.log(`${countsText(matrix.cells, matrix.outcomes)}, in ${matrix.seconds} s; npm run faults runs all`);
  }, 600_000);

  it("every destination is told in the end, under one id; no exit code lies, no secret is told, nothing is left behind", () => {
    expect(shortfalls(matrix.cells, matrix.outcomes)).toEqual([]);
  });

  it("has cells of every part", () => {
    expect(new Set(matrix.cells.map(({ part }) => part)).size).toBe(14);
    expect(matrix.outcomes.size).toBe(matrix.cells.length);
  });

  it("a cell whose fault no run met fails", () => {
    expect(matrix.planted.get("never met")?.faults).toEqual(["the run never met the fault"]);
  });

  it("a cell fails where somebody says yes and hands nothing on", () => {
    const faults = matrix.planted.get("swallowed")?.faults.join("\n");
    expect(faults).toContain("siem is said to be told of ");
    expect(faults).toContain("siem never heard of new-destination payments/checkout allowed tls new.example.com:443");
  });

  it("a cell that did not run fails", () => {
    const [first] = matrix.outcomes.keys();
    const outcomes = new Map([...matrix.outcomes].slice(1));
    expect(shortfalls(matrix.cells, outcomes)).toEqual([`${first}: did not run`]);
  });
});
