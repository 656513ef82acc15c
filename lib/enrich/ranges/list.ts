/** What a provider's list says, whatever its format, and the small things that all formats need. Pure. */
import { redactUrl } from "../../errors.ts";
import { printable } from "../../words/printable.ts";

/** What a format makes of a list: whose it is, and its rows as they are written there. */
export interface Told {
  provider: string;
  /** The list's own date, ms; null where it bears none. */
  made: number | null;
  /** Hands over one row after another: an object for each of 100,000 would take longer than all else. */
  eachRow(take: TakeRow): void;
}

/** `service` null: the provider does not say, or says "all of ours". `cidr` null: the row has none. */
export type TakeRow = (cidr: string | null, service: string | null, region: string | null) => void;

/** Where a list is from: for messages, and for the lists that do not say themselves whose they are. */
export interface Origin {
  /** A path, or a URL without what may be secret in it. */
  name: string;
  /** The file's name, or host and path of the URL. */
  hint: string;
  /** Whose list it is, unless it says so itself. */
  provider: string;
}

export function originOfFile(path: string): Origin {
  const file = path.split(/[/\\]/).at(-1) ?? path;
  return {
    name: clean(path, 200),
    hint: file,
    provider: brand(file) ?? clean(file.replace(/(?<=.)\.[a-z.]{2,7}$/i, "")),
  };
}

export function originOfUrl(url: string): Origin {
  const name = redactUrl(url);
  const hint = name.replace(/^https?:\/\//, "");
  const host = hint.split("/")[0] ?? hint;
  return { name: clean(name, 200), hint, provider: brand(hint) ?? clean(host.replace(/^www\./, "")) };
}

/** Cloudflare's lists are bare lines in two files: one name for both. */
const brand = (hint: string): string | null => (/cloudflare/i.test(hint) ? "Cloudflare" : null);

/** What needs no mending: nearly all there is. */
const isPlain = (text: string): boolean =>
  /^[ !#-%'-;=?-[\]-_a-~]+$/.test(text) && !text.startsWith(" ") && !text.endsWith(" ") && !text.includes("  ");

/**
 * A text of somebody else's for a person: printable ASCII without quotes or markup, at most `most` characters. Accents are dropped and
 * an ampersand is "and", since companies have them in their names; all else that is odd becomes an escape.
 */
export function clean(text: string, most = 60): string {
  if (text.length <= most && isPlain(text)) return text;
  const folded = text
    .slice(0, 4 * most)
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .replaceAll("&", " and ")
    .replaceAll('"', "'")
    .replace(/\s+/g, " ")
    .trim();
  return printable(folded, most).slice(1, -1);
}

/** `2026-08-20-17-53-10` (AWS, Datadog), ISO 8601 with any fraction and zone or none (then UTC), a day alone; ms, or null. */
export function readDate(text: unknown): number | null {
  if (typeof text !== "string") return null;
  const parts = /^(\d{4}-\d\d-\d\d)(?:[T -](\d\d)[:-](\d\d)[:-](\d\d)(?:[.]\d+)?(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  if (parts === null) return null;
  const [, day, hour = "00", minute = "00", second = "00", zone = "Z"] = parts;
  return plausible(Date.parse(`${day}T${hour}:${minute}:${second}${zone}`));
}

/** A time between 2000 and 2100, in ms; null for others: a count is no date. */
export const plausible = (time: number): number | null =>
  time > 946_684_800_000 && time < 4_102_444_800_000 ? time : null;

/** A field of a row, where the row is an object that has it. */
export function own(row: unknown, key: string): unknown {
  if (typeof row !== "object" || row === null || !Object.hasOwn(row, key)) return undefined;
  return (row as Record<string, unknown>)[key];
}

/** The same, where it is a text that says something. */
export function field(row: unknown, key: string): string | null {
  const value = own(row, key);
  return typeof value === "string" && value !== "" ? value : null;
}

/** The same for a field that is an array; empty where it is none. */
export function listField(row: unknown, key: string): unknown[] {
  const value = own(row, key);
  return Array.isArray(value) ? value : [];
}

/** A region, unless it says that there is none. */
export const oneRegion = (region: string | null): string | null =>
  region === null || region.toLowerCase() === "global" ? null : region;

export const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);
