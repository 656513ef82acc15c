/**
 * What blocked calls cost in DynamoDB: `node test/bench/state/blocked.ts [KEYS] [RUNS]` (1000, 288). So many sources and destinations are blocked in
 * every run, so each run writes the habits of all; the habits are the spike detector's own, after a week.
 */
import { encode } from "../../../lib/detect/spike/encode.ts";
import { observe } from "../../../lib/detect/spike/observe.ts";
import { spikeParameters } from "../../../lib/detect/spike/parameters.ts";
import { newState } from "../../../lib/detect/spike/state.ts";
import { dynamodb } from "../../../lib/remember/dynamodb.ts";
import { nothingNew } from "../../../lib/remember/store.ts";
import { lifelikes } from "../../remember/lifelike.ts";
import { startDynamodb } from "../../tools/dynamodb.ts";
import { randomOf } from "../detect/random.ts";

const [keys = 1_000, runs = 288] = process.argv.slice(2).map(Number);
const begin = Date.UTC(2026, 10, 1);
const step = 5 * 60_000;
const week = 2016;
const random = randomOf(7);
const parameters = spikeParameters({ falseAlarmsPerWeek: 1, floor: 5, ratio: 2 }, keys);
const known = lifelikes(keys, 0);
const states = known.map(({ key }, index) => ({ key, state: newState(), pace: 1 + (index % 40) }));
const first = begin / step;
const feed = (bucket: number) => {
  for (const { state, pace } of states) observe(state, bucket, random.poisson(pace), parameters);
  return states.map(({ key, state }) => ({ key, state: encode(state) }));
};
for (let bucket = first - week; bucket < first; bucket++) feed(bucket);

const local = await startDynamodb();
const store = dynamodb(await local.table(), { now: Date.now });
const run = async (number: number) => {
  const lease = await store.lease("prod", 0);
  await store.recall("prod");
  const habits = feed(first + number);
  const progress = { end: begin + number * step, learningSince: null, judgedUntil: begin + number * step };
  await store.remember("prod", { ...nothingNew(progress), habits, sightings: number === 0 ? known : [] });
  await lease.release();
  return habits;
};
const habits = await run(0);
local.forget();
for (let number = 1; number <= runs; number++) await run(number);
const { read, write } = local.units;
const bytes = habits.reduce((sum, { state }) => sum + state.length, 0) / keys;
console.log(
  `${keys} keys blocked in each of ${runs} runs, habits of ${bytes.toFixed(0)} bytes: ${read} read units, ${write} write units`,
);
console.log(JSON.stringify({ keys, runs, bytes, read, write, readPerRun: read / runs, writePerRun: write / runs }));
await store.close();
await local.stop();
