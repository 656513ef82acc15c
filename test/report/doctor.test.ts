import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { type Check, doctorDocument, doctorSchema, doctorText } from "../../lib/report/doctor.ts";

const check = (change: Partial<Check>): Check => ({
  ...{ name: "prometheus", cluster: "prod", status: "ok", found: "found it", means: "That means this.", mend: "" },
  ...change,
});
const checks = [
  check({}),
  check({ name: "sni-label", status: "warn", found: "443 50%", mend: "do that" }),
  check({ name: "logs", status: "skip", found: "none" }),
  check({ name: "dns", cluster: null, status: "fail", found: "silence", means: "No names.", mend: "do this" }),
];

describe("the text of doctor", () => {
  it("counts, lists, and says what to do, the worst first", () => {
    expect(doctorText(checks, { colour: false })).toBe(`4 checks: 1 fail, 1 warn, 1 ok, 1 skip.

STATUS  CHECK       FOUND
ok      prometheus  found it
warn    sni-label   443 50%
skip    logs        none
fail    dns         silence

fail dns
  No names.
  Mend: do this

warn sni-label
  That means this.
  Mend: do that
`);
  });

  it("names the cluster where there are several", () => {
    const text = doctorText([...checks, check({ cluster: "test", status: "fail" })], { colour: false });
    expect(text).toContain("STATUS  CHECK       CLUSTER  FOUND\n");
    expect(text).toContain("fail    dns         (all)    silence\n");
    expect(text).toContain("fail prometheus (test)\n");
  });

  it("is coloured on demand, by the status alone, and still aligned", () => {
    const coloured = doctorText(checks, { colour: true });
    expect(coloured).toContain("\u001b[31mfail  \u001b[39m");
    expect(coloured).toContain("\u001b[33mwarn  ");
    expect(stripVTControlCharacters(coloured)).toBe(doctorText(checks, { colour: false }));
  });

  it("as a document keeps to its schema", () => {
    expect(doctorSchema.parse(doctorDocument(checks))).toEqual({ schema: "egress-scout/doctor@1", checks });
    expect(doctorSchema.safeParse({ ...doctorDocument(checks), more: 1 }).success).toBe(false);
  });
});
