/**
 * What naming an address by its network costs, and what the usual ways cost in the same run: `node test/bench/names/ranges.ts`.
 * The lists are synthetic, of the size of Azure's and AWS' (120,000 ranges) and of the routed internet's (412,000 and 103,000 rows).
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { originOfFile } from "../../../lib/enrich/ranges/list.ts";
import { loadAsns, loadRanges } from "../../../lib/enrich/ranges/load.ts";
import { parseList } from "../../../lib/enrich/ranges/parse.ts";
import type { RangeList } from "../../../lib/enrich/ranges/range-list.ts";
import { tempFolder } from "../../tools/temp.ts";
import { type Cold, coldLoad } from "./ranges-cold.ts";
import { measured } from "./ranges-measured.ts";
import { addressV4, addressV6, asnTable, chance, dotted, ipRanges, serviceTags } from "./ranges-synthetic.ts";
import { blockList, byLength } from "./ranges-usual.ts";

export interface RangeRow {
  name: string;
  /** One look-up of a random address. */
  nsPerLookUp: number;
  /** How many times as long the other way takes; null where none was tried. */
  otherWay: string | null;
  timesAsLong: number | null;
  /** Reading the files, parsing and building: the first time in the process, and the best of five (two in a short run). */
  firstLoadMs: number;
  loadMs: number;
  /** The first time in a process that does nothing else; null where that was not tried. */
  cold: Cold | null;
  /** What the index keeps. */
  memoryMB: number;
}

const lookUps = 200_000;

/** The tables of autonomous systems are left out of a short run. */
export async function benchRanges(isQuick = false): Promise<RangeRow[]> {
  const folder = tempFolder("bench-ranges");
  try {
    const ranges = join(folder.path, "ranges");
    mkdirSync(ranges);
    const texts = { "ServiceTags_Public_20260817.json": serviceTags(104_000), "ip-ranges.json": ipRanges(16_000) };
    for (const [file, text] of Object.entries(texts)) writeFileSync(join(ranges, file), text);
    const lists = Object.entries(texts).flatMap(([file, text]) => parseList(text, originOfFile(file)).list ?? []);
    return [...(await rangeRows(ranges, lists, isQuick)), ...(isQuick ? [] : await asnRows(folder.path))];
  } finally {
    folder.remove();
  }
}

async function rangeRows(folder: string, lists: readonly RangeList[], isQuick: boolean): Promise<RangeRow[]> {
  const load = () => loadRanges({ sources: [folder], cache: folder, now: 0 });
  const cold = coldLoad(folder, isQuick ? 3 : 9);
  const { index, ...cost } = await measured(load, isQuick ? 2 : 5);
  const [four, six] = [addresses(4), addresses(6)];
  const v4 = nsOf((address) => index.find(address), four);
  const v6 = nsOf((address) => index.find(address), six);
  const probing = byLength(lists);
  const blocks = blockList(lists);
  const row = (name: string, ns: number, otherWay: string, other: number): RangeRow => {
    return { name, nsPerLookUp: ns, otherWay, timesAsLong: other / ns, cold, ...cost };
  };
  return [
    row("ranges, IPv4", v4, "a Map for each prefix length", nsOf(probing, four)),
    row(
      "ranges, IPv4",
      v4,
      "net.BlockList (yes or no only)",
      nsOf((one) => blocks.check(one, "ipv4"), four.slice(0, 300)),
    ),
    row("ranges, IPv6", v6, "a Map for each prefix length", nsOf(probing, six)),
    row(
      "ranges, IPv6",
      v6,
      "net.BlockList (yes or no only)",
      nsOf((one) => blocks.check(one, "ipv6"), six.slice(0, 300)),
    ),
  ];
}

async function asnRows(folder: string): Promise<RangeRow[]> {
  const rows: RangeRow[] = [];
  for (const [name, isNumeric, pack] of [
    ["ASN, addresses", false, Buffer.from],
    ["ASN, numbers, gzip", true, gzipSync],
  ] as const) {
    const sources = [4, 6].map((family) => {
      const path = join(folder, `asn-${isNumeric}-${family}.csv`);
      writeFileSync(path, pack(asnTable(family === 4 ? 4 : 6, family === 4 ? 412_000 : 103_000, isNumeric)));
      return path;
    });
    const { index, ...cost } = await measured(() => loadAsns({ sources, cache: folder, now: 0 }), 5);
    const ns = nsOf((address) => index.find(address), addresses(4));
    rows.push({ name, nsPerLookUp: ns, otherWay: null, timesAsLong: null, cold: null, ...cost });
  }
  return rows;
}

/** The best of five rounds. */
function nsOf(lookUp: (address: string) => unknown, asked: readonly string[]): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    const started = performance.now();
    for (const address of asked) lookUp(address);
    best = Math.min(best, performance.now() - started);
  }
  return (best * 1e6) / asked.length;
}

/** Of all the space that the lists have a part of: some are in small blocks, some in large ones, some in none. */
function addresses(family: 4 | 6): string[] {
  const below = chance(7);
  return Array.from({ length: lookUps }, () => (family === 4 ? dotted(addressV4(below)) : addressV6(below)));
}

export function printRanges(rows: readonly RangeRow[]): void {
  console.log("\none look-up among 120,000 ranges, or 515,000 of autonomous systems");
  for (const { name, nsPerLookUp, otherWay, timesAsLong, firstLoadMs, loadMs, cold, memoryMB } of rows) {
    const other = otherWay === null ? "" : `; ${otherWay}: ${timesAsLong?.toFixed(1)} times as long`;
    const alone = cold === null ? "" : `, cold ${cold.loadMs.toFixed(0)}`;
    const load = `load ${loadMs.toFixed(0)} ms (first ${firstLoadMs.toFixed(0)}${alone})`;
    console.log(`${name}: ${nsPerLookUp.toFixed(0)} ns, ${load}, ${memoryMB.toFixed(1)} MB${other}`);
  }
  for (const cold of new Set(rows.flatMap((row) => row.cold ?? []))) {
    const { loadMs, medianMs, cpuMs, jsonParseMs, timesJsonParse } = cold;
    const times = `${loadMs.toFixed(0)} ms (median ${medianMs.toFixed(0)}; ${cpuMs.toFixed(0)} on a core)`;
    const parse = `JSON.parse of the same files ${jsonParseMs.toFixed(0)} ms`;
    console.log(`cold load in a process of its own: ${times}, ${timesJsonParse.toFixed(1)} times ${parse}`);
  }
}

if (import.meta.main) printRanges(await benchRanges());
