/** Prefixes and ranges as objects, for tests: lists hold them in typed arrays. */
import type { Words } from "../../../lib/enrich/ranges/address-words.ts";
import { blockOf, blockRoom, type Prefix, type Refusal, readPrefix } from "../../../lib/enrich/ranges/prefix.ts";
import { type ListedRange, type RangeList, rangeTable } from "../../../lib/enrich/ranges/range-list.ts";

export function prefixOf(text: string): Prefix | Refusal {
  const room = blockRoom();
  const refusal = readPrefix(text, room);
  if (refusal !== null) return refusal;
  const words: Words = [...room.words.subarray(0, room.width)];
  return { words, bits: room.bits };
}

export function listOf(provider: string, made: number | null, ranges: readonly ListedRange[]): RangeList {
  const table = rangeTable();
  for (const { prefix, service, region } of ranges) table.add(blockOf(prefix), service, region);
  return { provider, made, ...table.done() };
}
