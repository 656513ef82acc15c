/** The reviewed file with one verdict put in: comments, order, quotes and the other verdicts stay. Pure. */
import { Document, isMap, isSeq, parseDocument, Scalar, stringify } from "yaml";
import { ScoutError } from "../errors.ts";
import type { Verdict } from "../model.ts";

type Fields = Record<string, string>;

/**
 * The text of the file after it. One on the same finding is changed in its place, else it comes last.
 * @param text what was read as verdicts before; JSON stays JSON
 * @throws ScoutError `usage` where it is written so that it takes no verdict (an alias in the place of a list)
 */
export function withVerdict(text: string, verdict: Verdict): string {
  const fields = fieldsOf(verdict);
  const json = asJson(text);
  if (json !== null) {
    const before = json.verdicts ?? [];
    const at = before.findIndex(({ id }) => id === verdict.id);
    const verdicts = at < 0 ? [...before, fields] : before.with(at, fields);
    return `${JSON.stringify({ ...json, verdicts }, null, 2)}\n`;
  }
  const document = parseDocument(text);
  // Comments alone belong to no node that could be kept.
  if (document.toJS() === null)
    return `${text.replace(/\n*$/, text === "" ? "" : "\n")}${stringify({ verdicts: [scalars(fields)] })}`;
  put(document, verdict.id, fields);
  try {
    return document.toString({ lineWidth: 0 });
  } catch (cause) {
    // What can be read is not always what can be written: an anchor without a name.
    throw odd(cause);
  }
}

/** As the file has it; what is not said is left out. */
function fieldsOf({ id, verdict, until, reason, by, at, cluster }: Verdict): Fields {
  const time = (one: number | null) => (one === null ? null : new Date(one).toISOString());
  const all = { id, verdict, until: time(until), reason, by, at: time(at), cluster: cluster ?? null };
  return Object.fromEntries(Object.entries(all).flatMap(([key, value]) => (value === null ? [] : [[key, value]])));
}

function asJson(text: string): { verdicts?: Fields[] } | null {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null ? read : null;
  } catch {
    return null;
  }
}

/** A set or an ordered map is a map to the library, and takes no pair. */
const isTagged = (node: unknown): boolean => isMap(node) && node.tag !== undefined && !node.tag.endsWith(":map");

function put(document: Document, id: string, fields: Fields): void {
  if (isTagged(document.contents)) throw odd();
  const list = document.get("verdicts");
  if (list === undefined || list === null) {
    document.set("verdicts", document.createNode([scalars(fields)]));
    return;
  }
  if (!isSeq(list)) throw odd();
  const at = list.items.findIndex((one) => isMap(one) && one.get("id") === id);
  if (at < 0) {
    list.add(document.createNode(scalars(fields)));
    return;
  }
  const item = list.items[at];
  if (!isMap(item) || isTagged(item)) throw odd();
  const values = scalars(fields);
  for (const key of ["verdict", "until", "reason", "by", "at", "cluster"]) {
    const value = values[key];
    if (value === undefined) item.delete(key);
    // A text alone keeps the quotes that are there.
    else item.set(key, value.type === undefined ? value.value : value);
  }
}

const older = new Document(null, { version: "1.1" }).schema.tags;

/** What YAML 1.1 takes for something else than text (`no`, `12:30`, `.`) is quoted. Times stay as they are: to it they are times. */
function scalars(fields: Fields): Record<string, Scalar> {
  const entries = Object.entries(fields).map(([key, text]): [string, Scalar] => {
    const scalar = new Scalar(text);
    const isTime = key === "until" || key === "at";
    const isOther = older.some((tag) => "test" in tag && tag.default === true && tag.test?.test(text) === true);
    if (isOther && !isTime) scalar.type = Scalar.QUOTE_DOUBLE;
    return [key, scalar];
  });
  return Object.fromEntries(entries);
}

const odd = (cause?: unknown) =>
  new ScoutError("usage", "the file of verdicts is written in a way that takes no addition", {
    mend: "write its verdicts as one list, without aliases and anchors",
    cause,
  });
