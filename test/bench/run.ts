/**
 * All benches: `npm run bench [-- --quick] [--only a,c] [--details] [--out FILE]` prints one table, and after it one JSON document with the same
 * rows and the machine (docs/bench.md). It needs a build (`npm run build`); what else it needs is installed where that is allowed.
 */
import { existsSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { command } from "../command/run-scout.ts";
import { ensureTools } from "../tools/ensure.ts";
import { documentOf } from "./document.ts";
import { type Group, groups, tableOf } from "./row.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    tiny: { type: "boolean", default: false },
    only: { type: "string" },
    details: { type: "boolean", default: false },
    out: { type: "string" },
  },
});

const isGroup = (name: string): name is Group => Object.hasOwn(groups, name);

function wanted(): Group[] {
  const names = values.only?.split(",") ?? Object.keys(groups);
  const unknown = names.filter((name) => !isGroup(name));
  if (unknown.length > 0) throw new Error(`--only takes ${Object.keys(groups).join(",")}, not ${unknown.join(",")}`);
  return names.filter(isGroup);
}

async function bench(): Promise<void> {
  if (!existsSync(command)) throw new Error("there is no build: npm run build");
  await ensureTools(["prometheus", "promtool"]);
  const size = values.tiny ? "tiny" : values.quick ? "quick" : "full";
  const { document, prints } = await documentOf(wanted(), size, (text) => process.stderr.write(`${text}\n`));
  if (values.details) for (const print of prints) print();
  const { machine, rows, seconds } = document;
  const { cores, cpu, memoryGiB, node, prometheus } = machine;
  console.log(
    `${document.at}, ${size} run of ${seconds.toFixed(0)} s: ${cores} cores (${cpu}), ${memoryGiB} GiB, Node ${node}, Prometheus ${prometheus}\n`,
  );
  console.log(tableOf(rows));
  console.log(`\n${JSON.stringify(document)}`);
  if (values.out !== undefined)
    writeFileSync(values.out, `${JSON.stringify({ ...document, details: undefined }, null, 2)}\n`);
}

// A signal ends the process by `exit`, so that folders and servers go with it.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
await bench();
