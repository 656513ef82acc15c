/** ADAPTER: loads provider ranges and autonomous systems from wherever the config has them. */
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { type AsnIndex, asnIndex } from "./asn-index.ts";
import { type AsnTable, asnReader } from "./asn-parse.ts";
import { withGoogleApart } from "./google.ts";
import type { Origin } from "./list.ts";
import { parseList } from "./parse.ts";
import { type RangeIndex, rangeIndex } from "./range-index.ts";
import { fromSources, type Got, type Limits } from "./sources.ts";

export interface ListSettings {
  /** Paths of files and folders (every file in it that is not hidden), and http(s) URLs. */
  sources: readonly string[];
  /** The folder that keeps what was fetched; made where it is missing. */
  cache: string;
  /** ms */
  now: number;
  /** Milliseconds for which a fetched list is not asked for again; default 24 hours. */
  fresh?: number | undefined;
  /** Milliseconds for one URL; default 10,000. */
  deadline?: number | undefined;
  /** The largest list, as it comes and unpacked; default 64 MiB, of autonomous systems 256 MiB. */
  mostBytes?: number | undefined;
}

const mebibyte = 2 ** 20;
/** So much of a table is made text at once. */
const pieceBytes = mebibyte;

/**
 * Every provider's ranges in one index, which is empty where no list could be had. A list may be packed with gzip. Never throws; each
 * warning is a sentence that names its list, without what may be secret in a URL.
 */
export async function loadRanges(settings: ListSettings): Promise<{ index: RangeIndex; warnings: string[] }> {
  const limits = limitsOf(settings, 64 * mebibyte);
  const read = async (bytes: Uint8Array, origin: Origin) => {
    const { list, warning } = parseList((await unpacked(bytes, limits)).toString("utf8"), origin);
    return { value: list, warnings: warning === null ? [] : [warning] };
  };
  const { values, warnings } = await fromSources(settings.sources, read, limits);
  return { index: rangeIndex(withGoogleApart(values)), warnings };
}

/** The same for tables of autonomous systems: an address is looked up in the first of them that has it. */
export async function loadAsns(settings: ListSettings): Promise<{ index: AsnIndex; warnings: string[] }> {
  const limits = limitsOf(settings, 256 * mebibyte);
  const read = async (bytes: Uint8Array, origin: Origin) => readAsns(await unpacked(bytes, limits), origin);
  const { values, warnings } = await fromSources(settings.sources, read, limits);
  return { index: asnIndex(values), warnings };
}

function limitsOf(settings: ListSettings, most: number): Limits {
  const { cache, now, fresh = 24 * 3_600_000, deadline = 10_000, mostBytes = most } = settings;
  return { cache, now, fresh, deadline, mostBytes };
}

/** gzip is told by its first bytes (RFC 1952 §2.3.1), not by a name. What swells beyond the bound is refused on the way. */
async function unpacked(bytes: Uint8Array, { mostBytes }: Limits): Promise<Buffer> {
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (isPacked) return await promisify(gunzip)(bytes, { maxOutputLength: mostBytes });
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function readAsns(bytes: Buffer, { name }: Origin): Got<AsnTable> {
  const reader = asnReader();
  for (let from = 0; from < bytes.length; from += pieceBytes) {
    reader.push(bytes.toString("latin1", from, Math.min(from + pieceBytes, bytes.length)));
  }
  const table = reader.done();
  const { rows, refused, firstRefused } = table;
  if (rows === refused) return { value: null, warnings: [`${name}: is no table of start,end,asn,"organization"`] };
  const odd = `${name}: ${refused} of ${rows} rows left out; the first is line ${firstRefused}`;
  return { value: table, warnings: refused === 0 ? [] : [odd] };
}
