/** The body of an answer: as text, or as JSON that is parsed while it comes, so that of a long one the text is never there as a whole. Pure. */
import { ScoutError } from "../errors.ts";

/** One answer may hold so many bytes: 100,000 series with their labels are about 95 MB. */
const mostBytes = 256 * 1024 * 1024;
/** So many characters are parsed at once. */
const piece = 256 * 1024;
/** Within a text of JSON a quote comes after a backslash, so this is where a row begins and nothing else. */
const row = '{"metric":';

/** @throws ScoutError `prometheus/too-expensive` */
export async function textOf(parts: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const part of bounded(parts)) text += part;
  return text;
}

/**
 * The rows of a vector or matrix are parsed some at a time, where they are written as all servers do; any other JSON at the end.
 * @param read what is kept of a row
 * @throws SyntaxError for what is no JSON; ScoutError `prometheus/too-expensive`
 */
export async function jsonOf(
  parts: AsyncIterable<string>,
  read: (row: unknown) => unknown = (row) => row,
): Promise<unknown> {
  const rows: unknown[] = [];
  let [head, rest] = ["", ""];
  let enough = piece;
  for await (const part of bounded(parts)) {
    rest += part;
    if (rest.length < enough) continue;
    // Where no row is found the text is not searched again with every part.
    enough = 2 * rest.length;
    const first = head === "" ? rest.indexOf(`[${row}`) + 1 : 0;
    const last = rest.lastIndexOf(`,${row}`);
    if (last <= first || (head === "" && first === 0)) continue;
    head ||= rest.slice(0, first);
    for (const one of JSON.parse(`[${rest.slice(first, last)}]`)) rows.push(read(one));
    rest = rest.slice(last + 1);
    enough = piece;
  }
  // What was left at the end is an answer of its own, with the last of the rows.
  const answer: unknown = JSON.parse(head + rest);
  const { data, ...envelope } = Object(answer);
  const last: unknown = Object(data).result;
  if (!Array.isArray(last)) {
    if (rows.length > 0) throw new SyntaxError("rows are in another place than data.result");
    return answer;
  }
  for (const one of last) rows.push(read(one));
  return { ...envelope, data: { ...data, result: rows } };
}

/** Characters are bytes at least. */
async function* bounded(parts: AsyncIterable<string>): AsyncGenerator<string> {
  let length = 0;
  for await (const part of parts) {
    length += part.length;
    if (length > mostBytes) throw new ScoutError("prometheus/too-expensive", "the answer is larger than 256 MiB");
    yield part;
  }
}
