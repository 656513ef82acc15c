/**
 * What naming an address by its network costs, and what the usual ways cost in the same run: `node test/bench/names/ranges.ts`.
 * The lists are synthetic, of the size of Azure's and AWS' (120,000 ranges) and of the routed internet's (412,000 and 103,000 rows).
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { BlockList } from "node:net";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { readAddress } from "../../../lib/enrich/ranges/address-words.ts";
import { originOfFile, type RangeList } from "../../../lib/enrich/ranges/list.ts";
import { loadAsns, loadRanges } from "../../../lib/enrich/ranges/load.ts";
import { parseList } from "../../../lib/enrich/ranges/parse.ts";
import { tempFolder } from "../../tools/temp.ts";
import { addressV4, addressV6, asnTable, chance, dotted, ipRanges, serviceTags } from "./ranges-synthetic.ts";

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
  const { index, ...cost } = await measured(load, isQuick ? 2 : 5);
  const [four, six] = [addresses(4), addresses(6)];
  const v4 = nsOf((address) => index.find(address), four);
  const v6 = nsOf((address) => index.find(address), six);
  const probing = byLength(lists);
  const blocks = blockList(lists);
  const row = (name: string, ns: number, otherWay: string, other: number): RangeRow => {
    return { name, nsPerLookUp: ns, otherWay, timesAsLong: other / ns, ...cost };
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
    rows.push({ name, nsPerLookUp: ns, otherWay: null, timesAsLong: null, ...cost });
  }
  return rows;
}

async function measured<Index>(load: () => Promise<{ index: Index }>, rounds: number) {
  const times = await timesOf(load, rounds);
  const before = kept();
  const { index } = await load();
  return { index, firstLoadMs: times[0] ?? 0, loadMs: Math.min(...times), memoryMB: (kept() - before) / 2 ** 20 };
}

/** In a function of its own, so that nothing of what is loaded is still held behind it. */
async function timesOf(load: () => Promise<unknown>, rounds: number): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    await load();
    times.push(performance.now() - started);
  }
  return times;
}

/** Bytes in use when all that can go has gone. */
function kept(): number {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
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

/** As it is usually written: the address cut to every length that occurs, the longest first. It takes the same parser as we do. */
function byLength(lists: readonly RangeList[]): (address: string) => unknown {
  const families = new Map<number, Map<number, Map<number | bigint, unknown>>>();
  const whole = (words: readonly number[]): number | bigint =>
    words.length === 1 ? (words[0] ?? 0) : words.reduce((sum, word) => (sum << 32n) + BigInt(word), 0n);
  const cut = (value: number | bigint, bits: number): number | bigint =>
    typeof value === "number" ? Math.floor(value / 2 ** (32 - bits)) : value >> BigInt(128 - bits);
  for (const { ranges } of lists) {
    for (const range of ranges) {
      const { words, bits } = range.prefix;
      const lengths = families.get(words.length) ?? new Map<number, Map<number | bigint, unknown>>();
      families.set(words.length, lengths);
      lengths.set(bits, (lengths.get(bits) ?? new Map()).set(cut(whole(words), bits), range));
    }
  }
  const sorted = new Map(
    [...families].map(([width, lengths]) => [width, [...lengths].sort(([one], [other]) => other - one)]),
  );
  return (address) => {
    const words = readAddress(address) ?? [];
    const value = whole(words);
    for (const [bits, known] of sorted.get(words.length) ?? []) {
      const found = known.get(cut(value, bits));
      if (found !== undefined) return found;
    }
    return null;
  };
}

function blockList(lists: readonly RangeList[]): BlockList {
  const blocks = new BlockList();
  for (const { ranges } of lists) {
    for (const { prefix } of ranges) {
      const { words, bits } = prefix;
      const text = words.length === 1 ? dotted(words[0] ?? 0) : groupsOf(words);
      blocks.addSubnet(text, bits, words.length === 1 ? "ipv4" : "ipv6");
    }
  }
  return blocks;
}

const groupsOf = (words: readonly number[]): string =>
  words.flatMap((word) => [(word >>> 16).toString(16), (word & 0xffff).toString(16)]).join(":");

export function printRanges(rows: readonly RangeRow[]): void {
  console.log("\none look-up among 120,000 ranges, or 515,000 of autonomous systems");
  for (const { name, nsPerLookUp, otherWay, timesAsLong, firstLoadMs, loadMs, memoryMB } of rows) {
    const other = otherWay === null ? "" : `; ${otherWay}: ${timesAsLong?.toFixed(1)} times as long`;
    const load = `load ${loadMs.toFixed(0)} ms (first ${firstLoadMs.toFixed(0)})`;
    console.log(`${name}: ${nsPerLookUp.toFixed(0)} ns, ${load}, ${memoryMB.toFixed(1)} MB${other}`);
  }
}

if (import.meta.main) printRanges(await benchRanges());
