/**
 * The text of one list, in its provider's own format, as ranges. The format is told by the content, since a file may be called
 * anything. What is wrong costs a row, or the list, and is said; it never throws. Pure.
 */
import { printable } from "../../printable.ts";
import { clean, type Origin, type RangeList, type Row, type Told } from "./list.ts";
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
import { type Refusal, readPrefix } from "./prefix.ts";

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
  const told = readText(text, origin, mostRows);
  const sample = told.rows.slice(0, 1000);
  const good = sample.filter(({ cidr }) => cidr !== null && readPrefix(cidr) !== "no prefix").length;
  return good * 2 > sample.length ? told : "is no list: half of its lines or more are no prefixes";
}

function checked({ provider, made, rows }: Told, origin: Origin): Parsed {
  const refused = new Map<Refusal, number>();
  const cleaned = remembered(clean);
  let first: string | null = null;
  const ranges: RangeList["ranges"] = [];
  for (const { cidr, service, region } of rows.slice(0, mostRows)) {
    const prefix = cidr === null ? "no prefix" : readPrefix(cidr.trim());
    if (typeof prefix === "string") {
      refused.set(prefix, (refused.get(prefix) ?? 0) + 1);
      first ??= cidr;
    } else {
      ranges.push({ prefix, service: service && cleaned(service), region: region && cleaned(region) });
    }
  }
  const list = ranges.length === 0 ? null : { provider: clean(provider) || "unnamed", made, ranges };
  return { list, warning: complaint(rows, refused, first, origin) };
}

const reasons: Readonly<Record<Refusal, string>> = {
  "no prefix": "not a prefix",
  "too wide": "wider than any one holder's block",
  "not outside": "private or special addresses",
};

function complaint(rows: readonly Row[], refused: Map<Refusal, number>, first: string | null, { name }: Origin) {
  if (rows.length === 0) return `${name}: holds no ranges`;
  const count = [...refused.values()].reduce((sum, one) => sum + one, 0) + Math.max(0, rows.length - mostRows);
  if (count === 0) return null;
  const why = [...refused].map(([reason, times]) => `${times} ${reasons[reason]}`);
  if (rows.length > mostRows) why.push(`only ${mostRows} are read`);
  const shown = first === null ? "" : `; the first is ${printable(first, 60)}`;
  return `${name}: ${count} of ${rows.length} ranges left out (${why.join(", ")}${shown})`;
}

function remembered(change: (text: string) => string): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const changed = known.get(text) ?? change(text);
    known.set(text, changed);
    return changed;
  };
}
