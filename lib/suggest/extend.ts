/**
 * Adds a port, a host or an address to a ServiceEntry in a file, and leaves every other byte as it is: comments, quotes, blank lines,
 * line ends. yaml's own writing of a changed document would keep the comments and lay out the rest anew. Pure.
 */
import { isDeepStrictEqual } from "node:util";
import { type Document, parseAllDocuments } from "yaml";
import { appended, type Edit, keyed, type Shape } from "./edits.ts";

/** Where in a file a manifest is: the document, from 0, and the place in it where that is a `List`, else null. */
export interface Place {
  document: number;
  item: number | null;
}

export interface NewPort {
  number: number;
  name: string;
  /** Null: none is written. */
  protocol: string | null;
}

/** What to add; what is there already is not looked for. */
export interface Change {
  hosts?: readonly string[];
  addresses?: readonly string[];
  ports?: readonly NewPort[];
}

type Fields = Record<string, unknown>;

/** A file after a change. */
export interface Changed {
  text: string;
  /** How much of the text is as it was, from either end. */
  same: { head: number; tail: number };
}

/** A file of manifests, read: what is asked of one file again and again is read once. */
export interface Opened {
  text: string;
  documents: readonly Document[];
}

/** Without what takes the square of the length: keys that are there twice were told when the file was read. */
const plainly = { uniqueKeys: false, prettyErrors: false } as const;

export function open(text: string): Opened {
  try {
    const documents = parseAllDocuments(text, { ...plainly, logLevel: "silent", merge: true });
    return { text, documents: Array.isArray(documents) ? documents : [] };
  } catch {
    // Nested too deeply: nothing can be added to it.
    return { text, documents: [] };
  }
}

/** The manifest at a place as a plain object; null where there is none, or where the YAML is broken. Throws nothing. */
export function manifestAt({ documents }: Opened, { document, item }: Place): Fields | null {
  const whole = plain(documents[document]);
  const { items } = fieldsOf(whole);
  const object: unknown = item === null ? whole : Array.isArray(items) ? items[item] : null;
  return typeof object === "object" && object !== null ? { ...object } : null;
}

/**
 * The text with the change made, or why it cannot be made by adding lines and nothing else: broken YAML, anchors that other places
 * share, a list that is written in some way not known here. What comes out has been read again: it holds the change and differs in
 * nothing else. Throws nothing.
 */
export function extend(file: string | Opened, place: Place, change: Change): Changed | { why: string } {
  const opened = typeof file === "string" ? open(file) : file;
  const document = opened.documents[place.document];
  const before = manifestAt(opened, place);
  if (document === undefined || before === null) return { why: "there is no manifest to read at that place" };
  const path = place.item === null ? ["spec"] : ["items", place.item, "spec"];
  // From the end, so that offsets stay true; of two at one place the second goes in first.
  const edits = editsFor(document, opened.text, path, change)
    .reverse()
    .sort((a, b) => b.at - a.at);
  const fault = edits.find((edit) => edit.insert === null);
  if (fault !== undefined) return { why: `${fault.what} is written in a way that takes no addition` };
  const text = edits.reduce((all, { at, insert }) => all.slice(0, at) + insert + all.slice(at), opened.text);
  const places = edits.map((edit) => edit.at);
  const same = { head: Math.min(...places), tail: opened.text.length - Math.max(...places) };
  const manifest = changed(before, change);
  const wanted = place.item === null ? manifest : withItem(plain(document), place.item, manifest);
  return isJust({ text: opened.text, document }, text, wanted)
    ? { text, same }
    : { why: "what was added would change more than this manifest (an anchor, or an unusual layout)" };
}

function editsFor(document: Document, text: string, path: Shape["path"], change: Change): Edit[] {
  const lists = [
    { key: "hosts", added: change.hosts ?? [] },
    { key: "addresses", added: change.addresses ?? [] },
    { key: "ports", added: (change.ports ?? []).map(portFields) },
  ];
  return lists.flatMap(({ key, added }) => {
    if (added.length === 0) return [];
    const isThere = document.hasIn([...path, key]);
    return [
      isThere ? appended({ document, text, path: [...path, key] }, added) : keyed({ document, text, path }, key, added),
    ];
  });
}

function portFields({ number, name, protocol }: NewPort): Fields {
  return protocol === null ? { number, name } : { number, name, protocol };
}

/** The manifest with the change made. */
export function changed(before: Fields, { hosts = [], addresses = [], ports = [] }: Change): Fields {
  const spec = fieldsOf(before.spec);
  const longer = (key: string, added: readonly unknown[]): Fields => {
    const list: unknown = spec[key];
    return added.length === 0 ? {} : { [key]: [...(Array.isArray(list) ? list : []), ...added] };
  };
  const all = {
    ...longer("hosts", hosts),
    ...longer("addresses", addresses),
    ...longer("ports", ports.map(portFields)),
  };
  return { ...before, spec: { ...spec, ...all } };
}

/**
 * Is the document what was wanted, and one document still? The others are the same bytes as before. It is read by itself, so that a
 * file of ten thousand is not read again; one that means something else by itself (%TAG) is left alone.
 */
function isJust({ text, document }: { text: string; document: Document }, after: string, wanted: unknown): boolean {
  const [from = 0, , to = text.length] = document.range ?? [];
  const before = open(text.slice(from, to)).documents;
  const now = open(after.slice(from, to + after.length - text.length)).documents;
  const isSame = before.length === 1 && isDeepStrictEqual(plain(before[0]), plain(document));
  return isSame && now.length === 1 && isDeepStrictEqual(plain(now[0]), wanted);
}

function withItem(list: unknown, item: number, wanted: Fields): Fields {
  const { items, ...rest } = fieldsOf(list);
  return { ...rest, items: Array.isArray(items) ? items.map((one, index) => (index === item ? wanted : one)) : items };
}

function plain(document: Document | undefined): unknown {
  if (document === undefined || document.errors.length > 0) return null;
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    return null;
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
