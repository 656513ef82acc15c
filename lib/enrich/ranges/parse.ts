/**
 * The text of one list, in its provider's own format, as ranges. The format is told by the content, since a file may be called
 * anything. What is wrong costs a row, or the list, and is said; it never throws. Pure.
 */
import { printable } from "../../words/printable.ts";
import { clean, type Origin, type Told } from "./list.ts";
import { readAws, readAzure, readGoogle, readOracle } from "./parse-clouds.ts";
import {
  readAtlassian,
  readCloudflare,
  readDatadog,
  readFastly,
  readGithub,
  readMicrosoft365,
} from "./parse-services.ts";
import { readText } from "./parse-text.ts";
import { blockRoom, type Refusal, readPrefix } from "./prefix.ts";
import { type RangeList, rangeTable } from "./range-list.ts";

const formats: readonly ((value: unknown, origin: Origin) => Told | null)[] = [
  readAws,
  readGoogle,
  readAzure,
  readOracle,
  readCloudflare,
  readFastly,
  readGithub,
  readDatadog,
  readAtlassian,
  readMicrosoft365,
];

/** Azure, the longest list, has 107,000 rows. */
const mostRows = 1_000_000;

export interface Parsed {
  /** Null where no range of it can be used. */
  list: RangeList | null;
  /** What was left out and why, as a sentence that names the list; null where nothing was. */
  warning: string | null;
}

/** @param text the list as it is published; @param origin where it is from: `originOfFile`, `originOfUrl` */
export function parseList(text: string, origin: Origin): Parsed {
  const told = tell(text.replace(/^\uFEFF/, "").trimStart(), origin);
  return typeof told === "string" ? { list: null, warning: `${origin.name}: ${told}` } : checked(told, origin);
}

/** What the list tells, or why it tells nothing. */
function tell(text: string, origin: Origin): Told | string {
  if (text === "") return "is empty";
  if (text.startsWith("<")) return "is HTML or XML, not a list (a login page, or a proxy's?)";
  if (!text.startsWith("{") && !text.startsWith("[")) return tellText(text, origin);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "is broken JSON (cut off?)";
  }
  for (const read of formats) {
    const told = read(value, origin);
    if (told !== null) return told;
  }
  return "is JSON of no format known here, or without ranges";
}

/** A folder holds other texts as well: one of which half the lines are no prefixes is not a list with mistakes. */
function tellText(text: string, origin: Origin): Told | string {
  let rows = 0;
  let good = 0;
  const block = blockRoom();
  readText(text, origin, 1000).eachRow((cidr) => {
    rows++;
    if (cidr !== null && readPrefix(cidr, block) !== "no prefix") good++;
  });
  if (good * 2 <= rows) return "is no list: half of its lines or more are no prefixes";
  return readText(text, origin, mostRows + 1);
}

/** What was read and left out. */
interface Count {
  rows: number;
  refused: Map<Refusal, number>;
  /** The first that is written but refused. */
  first: string | null;
}

function checked({ provider, made, eachRow }: Told, origin: Origin): Parsed {
  const table = rangeTable();
  const block = blockRoom();
  const count: Count = { rows: 0, refused: new Map(), first: null };
  eachRow((cidr, service, region) => {
    count.rows++;
    if (count.rows > mostRows) return;
    const why = cidr === null ? "no prefix" : readPrefix(cidr.trim(), block);
    if (why === null) {
      table.add(block, service, region);
    } else {
      count.refused.set(why, (count.refused.get(why) ?? 0) + 1);
      count.first ??= cidr;
    }
  });
  const list = table.size() === 0 ? null : { provider: clean(provider) || "unnamed", made, ...table.done() };
  return { list, warning: complaint(count, origin) };
}

const reasons: Readonly<Record<Refusal, string>> = {
  "no prefix": "not a prefix",
  "too wide": "wider than any one holder's block",
  "not outside": "private or special addresses",
};

function complaint({ rows, refused, first }: Count, { name }: Origin): string | null {
  if (rows === 0) return `${name}: holds no ranges`;
  const count = [...refused.values()].reduce((sum, one) => sum + one, 0) + Math.max(0, rows - mostRows);
  if (count === 0) return null;
  const why = [...refused].map(([reason, times]) => `${times} ${reasons[reason]}`);
  if (rows > mostRows) why.push(`only ${mostRows} are read`);
  const shown = first === null ? "" : `; the first is ${printable(first, 60)}`;
  return `${name}: ${count} of ${rows} ranges left out (${why.join(", ")}${shown})`;
}
