/**
 * All properties for as long as is wanted: `node test/fuzz/run.ts [--minutes 1] [--seed N] [--only TEXT] [--path PATH]`, from a seed by
 * chance. Prints a table at the end, and each counterexample with what runs it again; 1 where there is one.
 */
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { tempFolder } from "../tools/temp.ts";
import type { Outcome } from "./property.ts";

const { minutes, seed, only, path } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: String(randomInt(2 ** 31)) },
    only: { type: "string" },
    path: { type: "string" },
  },
}).values;

const folder = tempFolder("fuzz");
const out = join(folder.path, "outcomes.jsonl");
const root = fileURLToPath(new URL("../..", import.meta.url));
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const given = { EGRESS_FUZZ_SEED: seed, EGRESS_FUZZ_ONLY: only, EGRESS_FUZZ_PATH: path };
const env = { EGRESS_FUZZ_SECONDS: String(Number(minutes) * 60), EGRESS_FUZZ_OUT: out };

const began = new Date();
const child = spawn(process.execPath, [vitest, "run", "test/fuzz/fuzz.test.ts", "--maxWorkers=1"], {
  cwd: root,
  stdio: ["ignore", "ignore", "inherit"],
  env: { ...process.env, ...env, ...Object.fromEntries(Object.entries(given).filter(([, one]) => one !== undefined)) },
});
const [code] = await once(child, "exit");

const outcomes: Outcome[] = existsSync(out)
  ? readFileSync(out, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
  : [];
print(outcomes);
folder.remove();
process.exitCode = code === 0 && outcomes.length > 0 ? 0 : 1;

function print(all: readonly Outcome[]): void {
  const found = all.filter(({ counterexample }) => counterexample !== null);
  const rows = all.map(({ name, runs, seconds, hardest, counterexample }) => ({
    property: name,
    cases: runs,
    "per second": Math.round(runs / seconds),
    "hardest, ms": hardest,
    counterexamples: counterexample === null ? 0 : 1,
  }));
  console.table(rows);
  const cases = all.reduce((sum, { runs }) => sum + runs, 0);
  const seconds = all.reduce((sum, one) => sum + one.seconds, 0);
  console.log(
    `${all.length} properties, ${cases} cases in ${Math.round(seconds)} s from ${began.toISOString()} on, seed ${seed}, ${found.length} with a counterexample`,
  );
  for (const { name, counterexample } of found) {
    const { seed: from, path: way, text } = counterexample ?? { seed: 0, path: "", text: "" };
    console.log(`\n${name}\nnpm run fuzz -- --seed ${from} --path ${way} --only ${JSON.stringify(name)}\n${text}`);
  }
}
