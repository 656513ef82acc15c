import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readVerdicts, writeVerdict } from "../../lib/config/verdicts.ts";
import { withVerdict } from "../../lib/config/verdicts-edit.ts";
import type { Verdict } from "../../lib/model.ts";
import { tempFolder } from "../tools/temp.ts";

const folder = tempFolder("verdicts-edit");
afterAll(() => folder.remove());
let made = 0;
function file(text: string): string {
  const path = join(folder.path, `${++made}`, "verdicts.yaml");
  mkdirSync(join(path, ".."));
  writeFileSync(path, text);
  return path;
}
const bare = { until: null, reason: null, by: null, at: null };
const denied = (id: string, over: Partial<Verdict> = {}): Verdict => ({ id, verdict: "denied", ...bare, ...over });

/** Room between words and lines may change. */
const plain = (text: string) => text.replace(/\n\n+/g, "\n").replace(/(\S) +/g, "$1 ");

const reviewed = `# Reviewed each quarter: ask ada.
verdicts:
  # the new CDN
  - id: abc   # web
    verdict: 'approved'
    reason: "the 'new' CDN"

  # batch
  - { id: def, verdict: snoozed, until: 2026-12-01T00:00:00Z }
# the end
`;

describe("a verdict put into the reviewed file", () => {
  it("comes last, and every comment and line before it stays", () => {
    const text = withVerdict(reviewed, denied("new", { by: "eve", reason: "a: b # c", until: Date.UTC(2027, 0) }));
    const added =
      '  - id: new\n    verdict: denied\n    until: 2027-01-01T00:00:00.000Z\n    reason: "a: b # c"\n    by: eve\n';
    expect(plain(text)).toBe(plain(reviewed.replace("# the end\n", `${added}# the end\n`)));
  });

  it("is the same to YAML 1.1, which has more words that are no text", () => {
    const path = file("verdicts: [{ id: 12:30, verdict: expected }]");
    for (const id of [".", "1_000", "12:30", "0x1F", "no"]) {
      const one = denied(id, { by: "on", reason: "2026-11-22", cluster: "~" });
      writeVerdict(path, one);
      expect(readVerdicts(path)).toContainEqual(one);
      const { verdicts }: { verdicts: unknown[] } = parse(readFileSync(path, "utf8"), { version: "1.1" });
      const said = { id, verdict: "denied", reason: "2026-11-22", by: "on", cluster: "~" };
      expect(verdicts).toContainEqual(id === "12:30" ? { ...said, id: 750 } : said);
    }
  });

  it("on a finding that has one changes that in its place", () => {
    const text = withVerdict(reviewed, denied("abc"));
    expect(plain(text)).toBe(plain(reviewed.replace("approved'\n    reason: \"the 'new' CDN\"", "denied'")));
    expect(withVerdict(text, denied("def"))).toContain("  # batch\n  - { id: def, verdict: denied }\n");
  });

  it.each(["", "# nothing yet\n", "verdicts:\n", "verdicts: []\n", "schema: egress-scout/verdicts@1\n", "---\n# a\n"])(
    "goes into %j as well",
    (text) => {
      const path = file(text);
      writeVerdict(path, denied("abc"));
      writeVerdict(path, denied("def", { by: "ada" }));
      expect(readVerdicts(path)).toEqual([denied("abc"), denied("def", { by: "ada" })]);
      for (const comment of text.match(/#.*/g) ?? []) expect(readFileSync(path, "utf8")).toContain(comment);
    },
  );

  it("leaves JSON what it is", () => {
    const text = withVerdict(
      '{"schema":"egress-scout/verdicts@1","verdicts":[{"id":"a","verdict":"expected"}]}',
      denied("b"),
    );
    expect(JSON.parse(text)).toEqual({
      schema: "egress-scout/verdicts@1",
      verdicts: [
        { id: "a", verdict: "expected" },
        { id: "b", verdict: "denied" },
      ],
    });
    expect(JSON.parse(withVerdict(text, denied("a"))).verdicts[0]).toEqual({ id: "a", verdict: "denied" });
  });

  it("is refused where the file takes none, which then stays as it was, with nothing beside it", () => {
    for (const text of ["a: &a []\nverdicts: *a\n", "verdicts: [{ id: a, verdict: fine }]\n", "verdicts: ["]) {
      const path = file(text);
      expect(() => writeVerdict(path, denied("b"))).toThrow();
      expect(readFileSync(path, "utf8")).toBe(text);
      expect(readdirSync(join(path, ".."))).toEqual(["verdicts.yaml"]);
    }
    expect(() => writeVerdict(join(folder.path, "none.yaml"), denied("b"))).toThrow(/cannot be read/);
  });

  it("is refused where an anchor cannot be written again", () => {
    expect(() => withVerdict("& \nverdicts: []\n", denied("abc"))).toThrow(expect.objectContaining({ code: "usage" }));
  });

  it("is refused where what holds it is a set", () => {
    expect(() => withVerdict("!!set { a }\n", denied("abc"))).toThrow(expect.objectContaining({ code: "usage" }));
  });

  it("goes through a link to where the file is", () => {
    const path = file("verdicts: []\n");
    const link = join(folder.path, `link-${++made}`);
    symlinkSync(path, link);
    writeVerdict(link, denied("abc"));
    expect(readVerdicts(path)).toEqual([denied("abc")]);
  });

  it("whatever it says, it is read as it was, and so are the others", () => {
    const texts = fc.option(fc.string({ unit: "grapheme", maxLength: 60 }), { nil: null });
    const times = fc.option(fc.integer({ min: 0, max: Date.UTC(9999, 0) - 1 }), { nil: null });
    const verdicts = fc.record({
      id: fc.stringMatching(/^[\w.:/-]{1,40}$/),
      verdict: fc.constantFrom("expected", "approved", "denied", "snoozed"),
      ...{ until: times, reason: texts, by: texts, at: times },
    }) satisfies fc.Arbitrary<Verdict>;
    const path = file(reviewed);
    fc.assert(
      fc.property(fc.array(verdicts, { maxLength: 6 }), (all) => {
        writeFileSync(path, reviewed);
        const wanted = new Map(readVerdicts(path).map((one) => [one.id, one]));
        for (const one of all) {
          writeVerdict(path, one);
          wanted.set(one.id, one);
          expect(readVerdicts(path)).toEqual([...wanted.values()]);
        }
        expect(readFileSync(path, "utf8")).toContain("# Reviewed each quarter: ask ada.");
      }),
      { numRuns: 60 },
    );
  });
});
