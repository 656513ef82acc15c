import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readVerdicts } from "../../lib/config/verdicts.ts";
import { ConfigError } from "../../lib/errors.ts";
import { tempFolder } from "../tools/temp.ts";

const folder = tempFolder("verdicts");
afterAll(() => folder.remove());

function read(text: string) {
  const path = join(folder.path, "verdicts.yaml");
  writeFileSync(path, text);
  return readVerdicts(path);
}
function mistakes(text: string): string {
  try {
    read(text);
  } catch (thrown) {
    return thrown instanceof ConfigError ? [thrown.message, ...thrown.mistakes].join("\n") : "";
  }
  throw new Error("no mistake");
}

describe("the reviewed verdicts", () => {
  it("are read, with all that may be said of them", () => {
    expect(
      read(`verdicts:
  - { id: abc, verdict: approved }
  - { id: def, verdict: snoozed, until: 2026-12-01T00:00:00Z, reason: the new CDN, by: ada, at: "2026-11-01T10:00:00+01:00" }
`),
    ).toMatchObject([
      { id: "abc", verdict: "approved", until: null, reason: null, by: null, at: null },
      { id: "def", until: Date.UTC(2026, 11, 1), at: Date.UTC(2026, 10, 1, 9), reason: "the new CDN", by: "ada" },
    ]);
  });

  it("may be what `verdict list` prints", () => {
    const one = {
      id: "abc",
      verdict: "approved",
      until: null,
      reason: null,
      by: "ada",
      at: "2026-11-01T00:00:00.000Z",
    };
    expect(read(JSON.stringify({ schema: "egress-scout/verdicts@1", verdicts: [one] }))).toEqual([
      { ...one, at: Date.UTC(2026, 10, 1) },
    ]);
    expect(read("")).toEqual([]);
  });

  it("are refused with every mistake at once, each with its place", () => {
    const said = mistakes("verdicts:\n  - { id: '', verdict: approved }\n  - { id: a, verdict: fine, when: now }\n");
    expect(said).toContain("verdicts[0].id");
    expect(mistakes('verdicts: [{ id: "a\\u001b[31m", verdict: denied }]')).toContain(
      "verdicts[0].id: must be a finding's id",
    );
    expect(said).toContain("verdicts[1].verdict: must be one of expected, approved, denied and snoozed");
    expect(said).toContain("verdicts[1].when: no such key");
    expect(mistakes("verdicts: [")).toContain("verdicts.yaml");
    expect(
      mistakes("verdicts: [{ id: a, verdict: denied }, { id: b, verdict: denied }, { id: a, verdict: expected }]"),
    ).toContain("verdicts[2].id: must be another than that of verdicts[0]");
  });

  it("cannot be read where they are not", () => {
    expect(() => readVerdicts(join(folder.path, "none.yaml"))).toThrow(/none\.yaml cannot be read \(ENOENT\)/);
  });
});
