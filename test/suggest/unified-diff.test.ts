import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { unifiedDiff } from "../../lib/suggest/unified-diff.ts";

const lines = (count: number): string => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join("");

describe("a diff", () => {
  it("has three lines around what changed, and counts them", () => {
    expect(unifiedDiff("a.yaml", lines(9), lines(9).replace("line 5\n", "line 5\nnew\n"))).toBe(
      "--- a.yaml\n+++ a.yaml\n@@ -3,6 +3,7 @@\n line 3\n line 4\n line 5\n+new\n line 6\n line 7\n line 8\n",
    );
  });

  it("has a hunk for each place, those that touch in one", () => {
    const far = lines(20).replace("line 2\n", "line 2\nnew\n").replace("line 18\n", "line 18\nnew\n");
    expect(unifiedDiff("a", lines(20), far).match(/^@@ .*$/gm)).toEqual(["@@ -1,5 +1,6 @@", "@@ -16,5 +17,6 @@"]);
    const near = lines(20).replace("line 2\n", "line 2\nnew\n").replace("line 8\n", "line 8\nnew\n");
    expect(unifiedDiff("a", lines(20), near).match(/^@@ .*$/gm)).toEqual(["@@ -1,11 +1,13 @@"]);
  });

  it("says where there is no last line end, and is nothing where nothing changed", () => {
    expect(unifiedDiff("a", "x", "x\ny")).toBe(
      "--- a\n+++ a\n@@ -1,1 +1,2 @@\n-x\n\\ No newline at end of file\n+x\n+y\n\\ No newline at end of file\n",
    );
    expect(unifiedDiff("a", "x\n", "x\n")).toBe("");
  });

  it("names the file on one line, whatever it is called", () => {
    expect(unifiedDiff("my file.yaml", "", "x\n").split("\n")[0]).toBe("--- my file.yaml\t");
    expect(unifiedDiff("a\nb\u202e", "", "x\n").split("\n")[0]).toBe('--- "a\\u000ab\\u202e"');
  });
});

describe("git applies it", () => {
  const folder = mkdtempSync(join(tmpdir(), "egress-scout-diff-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const git = (before: string, diff: string): string => {
    writeFileSync(join(folder, "a.yaml"), before);
    writeFileSync(join(folder, "a.diff"), diff);
    execFileSync("git", ["apply", "-p0", "--whitespace=nowarn", "a.diff"], { cwd: folder, stdio: "pipe" });
    return readFileSync(join(folder, "a.yaml"), "utf8");
  };

  it("whatever was added, changed or taken away", () => {
    const line = fc.constantFrom("a\n", "b\n", "c\r\n", "\n", "  d: 1\n");
    const text = fc
      .tuple(fc.array(line, { minLength: 1, maxLength: 12 }), fc.constantFrom("", "end"))
      .map(([all, last]) => all.join("") + last);
    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(before !== after);
        expect(git(before, unifiedDiff("a.yaml", before, after))).toBe(after);
      }),
      { numRuns: 60 },
    );
  });
});
