/** `npm run samples`: writes what the docs show of outputs, and the drawing of the folders, as they are now. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawing, readArrows } from "./drawing.ts";
import { pages, root } from "./pages.ts";
import { makeSamples, withSamples } from "./samples.ts";

const samples = await makeSamples();
for (const { path, text } of pages) {
  const now = withSamples(text, samples);
  if (now === text) continue;
  writeFileSync(join(root, path), now);
  process.stderr.write(`${path} is changed\n`);
}
writeFileSync(join(root, "docs/architecture.svg"), drawing(readArrows()));
