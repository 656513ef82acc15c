/** `node test/bench/state/cost.ts`: what DynamoDB costs a month, from units that are measured here, as docs/stores.md has it. Takes a few minutes. */
import { benchDay, type DayUnits } from "./units.ts";

/** USD, on demand, us-east-1, as of November 2024; storage and point-in-time recovery by GB and month. Put your region's here. */
const prices = { million: { read: 0.125, write: 0.625 }, storage: 0.25, recovery: 0.2 };
const days = 30;

const dollars = ({ read, write, bytes }: DayUnits, clusters: number): string => {
  const { million, storage, recovery } = prices;
  const requests = (days * (read * million.read + write * million.write)) / 1e6;
  return (clusters * (requests + (bytes / 1e9) * (storage + recovery))).toFixed(2);
};

const rounded = (value: number) => Math.round(value).toLocaleString("en");

console.log("| sightings of each cluster | read units a day | write units a day | stored | 1 cluster | 10 | 100 |");
console.log("|--:|--:|--:|--:|--:|--:|--:|");
for (const sightings of [1_000, 5_000, 20_000]) {
  const one = await benchDay(sightings);
  const costs = [1, 10, 100].map((clusters) => dollars(one, clusters));
  const cells = [rounded(sightings), rounded(one.read), rounded(one.write), `${rounded(one.bytes / 1000)} KB`];
  console.log(`| ${[...cells, ...costs].join(" | ")} |`);
}
