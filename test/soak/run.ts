/** 2,000 runs over simulated weeks: `node test/soak/run.ts [--runs 2000] [--seed 1]`. Prints a table; 1 where something is not flat or not true. */
import { parseArgs } from "node:util";
import { soak, warmUp } from "./soak.ts";
import { faultsOf, growth, table } from "./table.ts";

const { runs, seed } = parseArgs({
  options: { runs: { type: "string", default: "2000" }, seed: { type: "string", default: "1" } },
}).values;

const began = performance.now();
await warmUp(Number(seed));
const soaked = await soak(Number(runs), { seed: Number(seed) });
const faults = faultsOf(soaked);
console.table(table(soaked));
const { failed, days, findings, told, refused, verdicts, expired, bursts, spikes } = soaked;
console.log(
  `${soaked.runs} runs over ${days.toFixed(1)} days, ${failed} without Prometheus, in ${Math.round((performance.now() - began) / 1000)} s: ${findings} findings, ${told} messages taken, ${refused} refused, ${verdicts} verdicts, ${expired} expired, ${bursts} bursts of blocked calls, ${spikes} spikes told; the heap grows by ${Math.round(growth(soaked))} bytes a run`,
);
for (const one of faults) console.log(one);
console.log(faults.length === 0 ? "Flat, and as the mesh had it." : `${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
