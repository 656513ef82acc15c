import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { type Linted, lintDocument, lintSchema, lintText } from "../../lib/report/lint.ts";

const checked = { files: 2, documents: 4, serviceEntries: 3, passedOver: 1 };
const linted: Linted = {
  problems: [
    {
      file: "a.yaml",
      document: 0,
      path: "spec.hosts[0]",
      level: "error",
      code: "ES0202",
      by: "istiod",
      message: "One.",
    },
    {
      file: "b/long name\u001b.yaml",
      document: 12,
      path: "",
      level: "warning",
      code: "IST0134",
      by: "istioctl",
      message: "Two.",
    },
  ],
  checked,
};

describe("the text of lint", () => {
  it("has a line for each problem in columns, and the counts last", () => {
    expect(lintText(linted, { colour: false }).split("\n")).toEqual([
      "a.yaml:0              spec.hosts[0]  error    ES0202   One.",
      "b/long name?.yaml:12  -              warning  IST0134  Two.",
      "2 problems (1 error, 1 warning) in 3 ServiceEntries of 2 files; 1 object of other kinds passed over.",
      "",
    ]);
  });

  it("one file's long name or path does not push the others aside", () => {
    const long = { ...linted.problems[0]!, file: "x".repeat(200), path: `spec${".a".repeat(200)}` };
    const [, second] = lintText({ ...linted, problems: [long, linted.problems[0]!] }, { colour: false }).split("\n");
    expect(second?.length).toBeLessThan(130);
  });

  it("says so where there is nothing, in the singular too", () => {
    const one = { files: 1, documents: 1, serviceEntries: 1, passedOver: 0 };
    expect(lintText({ problems: [], checked: one }, { colour: false })).toBe(
      "No problems in 1 ServiceEntry of 1 file.\n",
    );
  });

  it("is coloured on demand, the level alone, and still aligned", () => {
    const coloured = lintText(linted, { colour: true });
    expect(coloured).toContain("\u001b[31merror  ");
    expect(coloured).toContain("\u001b[33mwarning");
    expect(stripVTControlCharacters(coloured)).toBe(lintText(linted, { colour: false }));
  });

  it("as a document keeps to its schema", () => {
    expect(lintSchema.parse(lintDocument(linted))).toMatchObject({ schema: "egress-scout/lint@1", checked });
  });
});
