/**
 * `npm run quote` puts what a full run measured (docs/bench.json, of `npm run bench -- --out docs/bench.json`) into the README,
 * between its markers; `--check` only says whether it is there.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type * as z from "zod";
import { quotable } from "./document.ts";
import { rounded } from "./row.ts";

type Quotable = z.infer<typeof quotable>;
type QuotedRow = Quotable["rows"][number];

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const [readme, kept] = [file("README.md"), file("docs/bench.json")];
const markers = { begin: "<!-- measured: test/bench/quote.ts -->", end: "<!-- /measured -->" } as const;

/** What a reader asks first: which rows are quoted, in this order, by how they begin. */
const quoted: readonly [group: QuotedRow["group"], begin: string][] = [
  ["a", "scan of 20000 flows in 100000 series, nothing new: from start"],
  ["a", "scan of 20000 flows in 100000 series, nothing new: most memory"],
  ["b", "10 new, 100000 known: without reading"],
  ["c", "20000 flows in 100000 series: Prometheus' time"],
  ["c", "20000 flows in 100000 series: bytes fetched"],
  ["e", "poll: start to the handler's first line"],
  ["f", "plan of"],
  ["f", "replay of"],
  ["g", "false episodes"],
  ["g", "+30 found, worst"],
];

/** @throws Error for a document that has not every row that is quoted */
export function quote({ at, machine: { cores, cpu, memoryGiB, node, prometheus }, rows }: Quotable): string {
  const lines = quoted.map(([group, begin]) => {
    const row = rows.find((one) => one.group === group && one.figure.startsWith(begin));
    if (row === undefined) throw new Error(`no row of ${group} begins with ${begin}`);
    return lineOf(row);
  });
  const missed = rows.filter((row) => row.holds === false).length;
  const held = rows.filter((row) => row.holds === true).length;
  return [
    `\`npm run bench\` on ${at.slice(0, 10)}: ${cores} cores (${cpu}), ${memoryGiB} GiB, Node ${node.slice(1)}, Prometheus ${prometheus}. ${held} limits of ${held + missed} hold;`,
    "all rows and what they mean: [docs/bench.md](docs/bench.md).\n",
    "| | ours | baseline | ratio | the baseline is |\n|---|--:|--:|--:|---|",
    ...lines,
  ].join("\n");
}

const lineOf = ({ figure, unit, ours, baseline, ratio, holds, against }: QuotedRow): string =>
  `| ${figure}, ${unit}${holds === false ? " (misses its limit)" : ""} | ${rounded(ours)} | ${rounded(baseline)} | ${ratio === null ? "" : ratio.toFixed(2)} | ${against} |`;

/** The README with the quotation in it. */
export function withQuote(text: string, quotation: string): string {
  const [begin, end] = [text.indexOf(markers.begin), text.indexOf(markers.end)];
  if (begin === -1 || end < begin) throw new Error(`README.md has no ${markers.begin} … ${markers.end}`);
  return `${text.slice(0, begin + markers.begin.length)}\n${quotation}\n${text.slice(end)}`;
}

/** Null where no full run is kept. */
export function keptQuote(): string | null {
  return existsSync(kept) ? quote(quotable.parse(JSON.parse(readFileSync(kept, "utf8")))) : null;
}

if (import.meta.main) {
  const quotation = keptQuote();
  if (quotation === null) throw new Error("there is no docs/bench.json: npm run bench -- --out docs/bench.json");
  const before = readFileSync(readme, "utf8");
  const after = withQuote(before, quotation);
  if (process.argv.includes("--check") && after !== before)
    throw new Error("README.md quotes another run than docs/bench.json");
  writeFileSync(readme, after);
}
