/** What the docs show of outputs is what the command prints, and the drawing is what the imports say. `npm run samples` writes both. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { drawing, readArrows, stages } from "./drawing.ts";
import { pages, root } from "./pages.ts";
import { makeSamples, namesShown, withSamples } from "./samples.ts";

describe("samples", () => {
  let samples: Record<string, string>;
  beforeAll(async () => {
    samples = await makeSamples();
  });

  it("are up to date (npm run samples)", () => {
    for (const { path, text } of pages) expect([path, withSamples(text, samples)]).toEqual([path, text]);
  });

  it("are all shown", () => {
    expect([...new Set(namesShown())].sort()).toEqual(Object.keys(samples).sort());
  });

  it("are put in place of what stood there", () => {
    const page = "a\n<!-- sample: one -->\n```text\nold\n```\nb\n";
    expect(withSamples(page, { one: "new" })).toBe("a\n<!-- sample: one -->\n```text\nnew\n```\nb\n");
    expect(withSamples("<!-- sample: one -->\nb\n", { one: "new" })).toBe("<!-- sample: one -->\n```\nnew\n```\nb\n");
    expect(withSamples('<!-- sample: one to "c" -->\n', { one: "a\nb\ncd\ne" })).toContain("```\na\nb\n…\n```");
    expect(() => withSamples(page, {})).toThrow("no sample one");
    expect(() => withSamples('<!-- sample: one to "x" -->\n', { one: "a" })).toThrow('begins with "x"');
  });
});

describe("the drawing", () => {
  const arrows = readArrows();

  it("is up to date (npm run samples)", () => {
    expect(drawing(arrows)).toBe(readFileSync(join(root, "docs/architecture.svg"), "utf8"));
  });

  it("has every folder, and another arrow where there is another import", () => {
    for (const box of arrows.keys()) if (box !== "scout") expect(drawing(arrows)).toContain(`>${box}</text>`);
    for (const stage of stages) expect(arrows.has(stage)).toBe(true);
    const more = new Map(arrows).set("observe", new Set(["detect"]));
    expect(drawing(more)).not.toBe(drawing(arrows));
  });
});
