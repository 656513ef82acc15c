/**
 * A table of autonomous systems, `start,end,asn,"org"` a line, as typed arrays: half a million rows in one pass. Addresses dotted, in
 * IPv6 spelling or as decimal numbers; fields may be quoted. Pure; it is fed piece by piece.
 */
import { readAddress } from "./address-read.ts";
import type { Words } from "./address-words.ts";
import { type SpanBuilder, type Spans, spanBuilder } from "./spans.ts";

/** The values of the ranges are places in `numbers` and `organizations`. Organizations are as written: hostile. */
export interface AsnTable {
  v4: Spans;
  v6: Spans;
  numbers: number[];
  organizations: string[];
  rows: number;
  /** Rows that are none, and the number of the first line with one. */
  refused: number;
  firstRefused: number | null;
}

export interface AsnReader {
  /** The next piece of the text, each character a byte (latin1): UTF-8 is decoded where it matters, a pass over all is not. */
  push(piece: string): void;
  done(): AsnTable;
}

/** No organization's name makes a line this long: it is another file, and what is kept of it is bounded. */
const longestLine = 4096;

export function asnReader(): AsnReader {
  const builders = { 4: spanBuilder(1), 6: spanBuilder(4) };
  const systems = systemTable();
  const count = { lines: 0, rows: 0, refused: 0 };
  let firstRefused: number | null = null;
  let rest = "";

  function line(text: string): void {
    count.lines++;
    const trimmed = text.endsWith("\r") ? text.slice(0, -1) : text;
    if (trimmed === "" || trimmed.startsWith("#")) return;
    const row = trimmed.length > longestLine ? null : readRow(trimmed);
    // The first line may hold the names of the columns.
    if (row === null && count.lines === 1) return;
    count.rows++;
    if (row === null) {
      count.refused++;
      firstRefused ??= count.lines;
    } else if (row.asn !== 0) add(builders, row, systems.placeOf(row.asn, row.organization));
  }

  return {
    push(piece) {
      let from = 0;
      for (let end = piece.indexOf("\n"); end >= 0; end = piece.indexOf("\n", from)) {
        line(rest + piece.slice(from, end));
        rest = "";
        from = end + 1;
      }
      if (rest.length <= longestLine) rest += piece.slice(from, from + longestLine + 1);
    },
    done() {
      if (rest !== "") line(rest);
      const { numbers, organizations } = systems;
      const { rows, refused } = count;
      return { v4: builders[4].done(), v6: builders[6].done(), numbers, organizations, rows, refused, firstRefused };
    },
  };
}

interface AsnRow {
  start: Words;
  end: Words;
  asn: number;
  organization: string;
}

function add(builders: { 4: SpanBuilder; 6: SpanBuilder }, { start, end }: AsnRow, place: number): void {
  builders[end.length === 1 ? 4 : 6].add(start, end, place);
}

function readRow(line: string): AsnRow | null {
  const one = line.indexOf(",");
  const two = line.indexOf(",", one + 1);
  const three = line.indexOf(",", two + 1);
  if (one < 0 || two < 0) return null;
  const start = readBound(unquoted(line.slice(0, one)));
  const end = readBound(unquoted(line.slice(one + 1, two)));
  const number = unquoted(line.slice(two + 1, three < 0 ? line.length : three)).replace(/^AS/i, "");
  if (start === null || end === null || !/^\d{1,10}$/.test(number)) return null;
  const asn = Number(number);
  if (start.length !== end.length || isBefore(end, start) || asn > 0xffff_ffff) return null;
  return { start, end, asn, organization: three < 0 ? "" : line.slice(three + 1) };
}

function unquoted(text: string): string {
  const bare = text.trim();
  return bare.startsWith('"') && bare.endsWith('"') ? bare.slice(1, -1) : bare;
}

/** An address, or the number that it is. A number below 2^32 is IPv4: IPv6's as small are ::/96, which nobody announces. */
function readBound(text: string): Words | null {
  if (!/^\d{1,39}$/.test(text)) return readAddress(text);
  const number = Number(text);
  return number <= 0xffff_ffff ? [number] : readNumber(text);
}

/** A decimal number of up to 39 digits as four words, or null where it is 2^128 or more. */
function readNumber(text: string): Words | null {
  const words = [0, 0, 0, 0];
  for (let at = 0; at < text.length; at++) {
    let carry = text.charCodeAt(at) - 48;
    for (let word = 3; word >= 0; word--) {
      const value = (words[word] ?? 0) * 10 + carry;
      words[word] = value >>> 0;
      carry = Math.floor(value / 2 ** 32);
    }
    if (carry > 0) return null;
  }
  return words;
}

function isBefore(one: Words, other: Words): boolean {
  const word = one.findIndex((value, index) => value !== other[index]);
  return word >= 0 && (one[word] ?? 0) < (other[word] ?? 0);
}

/** Each system once, under the name of its first row. */
function systemTable() {
  const numbers: number[] = [];
  const organizations: string[] = [];
  const places = new Map<number, number>();
  return {
    numbers,
    organizations,
    placeOf(asn: number, field: string): number {
      const known = places.get(asn);
      if (known !== undefined) return known;
      places.set(asn, numbers.length);
      numbers.push(asn);
      organizations.push(readOrganization(field));
      return numbers.length - 1;
    },
  };
}

/** RFC 4180: quotes are doubled inside quotes. Decoding copies the text; a slice would keep the whole piece of the file alive. */
function readOrganization(field: string): string {
  const bare = field.trim();
  const quoted = /^"((?:[^"]|"")*)"/.exec(bare)?.[1];
  return Buffer.from(quoted?.replaceAll('""', '"') ?? bare, "latin1").toString("utf8");
}
