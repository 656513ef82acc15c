/** `npm run faults`: the whole matrix, or what of it a pattern names (`npm run faults -- '^Slack'`). Prints its counts; exit 1 where a cell failed. */
import setUp from "../setup.ts";
import { runMatrix } from "./all.ts";
import { countsText, nameOf, shortfalls } from "./matrix.ts";

await setUp();
const pattern = new RegExp(process.argv[2] ?? "");
const { cells, outcomes, planted, seconds } = await runMatrix((all) => all.filter((one) => pattern.test(nameOf(one))));
const blind = [...planted].flatMap(([name, { faults }]) =>
  faults.length === 0 ? [`planted, and not seen: ${name}`] : [],
);
const wrong = [...shortfalls(cells, outcomes), ...blind];
console.log(`${countsText(cells, outcomes)}, in ${seconds} s`);
for (const one of wrong) console.error(one);
process.exitCode = wrong.length > 0 || cells.length === 0 ? 1 : 0;
