/**
 * All benches: `node test/bench/run.ts [--quick]` prints tables and after them one JSON document with the same figures. It needs a build
 * (`npm run build`); what else it needs is installed where that is allowed. `--quick` is a smaller sample of the same.
 */
import { existsSync } from "node:fs";
import { command } from "../command/run-scout.ts";
import { ensureTools } from "../tools/ensure.ts";
import { detectors, full, heldOut, quick, score } from "./detect/score.ts";
import { printTables } from "./detect/table.ts";
import { wholeFull, wholeQuick, wholeRun } from "./detect/whole-run.ts";
import { printWhole, wholeRows } from "./detect/whole-table.ts";
import { benchMemory, printMemory } from "./lambda/memory.ts";
import { benchStart, printStart } from "./lambda/start.ts";
import { machine } from "./machine.ts";
import { benchDns, printDns } from "./names/dns.ts";
import { benchRanges, printRanges } from "./names/ranges.ts";
import { benchPlan, printPlan } from "./plan/scale.ts";
import { benchFleet, type FleetReplay, printFleet } from "./replay/fleet.ts";
import { benchState, printState } from "./state/units.ts";

/** The design's own ratio differs little from the config's; a short run leaves it out. */
const longRunsOnly = "ours 0.25/key ratio 1.5";

async function bench(isQuick: boolean): Promise<void> {
  if (!existsSync(command)) throw new Error("there is no build: npm run build");
  await ensureTools(["prometheus", "promtool"]);
  const started = performance.now();
  const settings = {
    seed: heldOut,
    ...(isQuick ? quick : full),
    detectors: Object.keys(detectors).filter((name) => !isQuick || name !== longRunsOnly),
  };
  const rows = score(settings);
  printTables(rows);

  const { results, ...run } = await wholeRun(isQuick ? wholeQuick : wholeFull);
  const whole = wholeRows({ ...run, results });
  printWhole({ ...run, results }, whole);

  const ranges = await benchRanges(isQuick);
  printRanges(ranges);
  const lookUps = await benchDns(isQuick);
  printDns(lookUps);
  // A past of 20,000 flows takes its time to make.
  const plan = isQuick ? await benchPlan(100, 100) : await benchPlan(2000, 2000);
  printPlan(plan);

  // Each of its 2,016 runs is one, however few sources there are.
  const fleet: FleetReplay | null = isQuick ? null : await benchFleet(500);
  if (fleet !== null) printFleet(fleet);

  const state = await benchState(isQuick ? [1_000, 20_000] : [1_000, 20_000, 100_000]);
  printState(state);

  const start = await benchStart(isQuick ? 7 : 21);
  printStart(start);
  const memory = isQuick ? await benchMemory(1_000, 5) : await benchMemory(20_000, 5);
  printMemory(memory);

  const seconds = (performance.now() - started) / 1000;
  const detection = { scorer: { ...settings, rows }, wholeRun: { ...run, rows: whole, results } };
  console.log(
    `\n${JSON.stringify({ schema: "egress-scout/bench@1", quick: isQuick, seconds, machine: machine(), detection, names: { ranges, lookUps }, plan, fleet, state, functions: { start, memory } })}`,
  );
}

// A signal ends the process by `exit`, so that folders and servers go with it.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
await bench(process.argv.includes("--quick"));
