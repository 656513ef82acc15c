/** Where and what to write into YAML text so that a list gets longer, in the style of its last entry. */
import { type Document, isAlias, isCollection, isMap, isNode, isPair, isScalar, isSeq, type Node, Scalar } from "yaml";
import { plainWord } from "./yaml.ts";

/** Text to put in at an offset; `insert` is null where `what` is written in some way that takes no addition. */
export interface Edit {
  at: number;
  insert: string | null;
  what: string;
}

/** A node of a document, by its path, and the text that the document's ranges count in. */
export interface Shape {
  document: Document;
  text: string;
  path: readonly (string | number)[];
}

type Value = string | number | Record<string, unknown>;

/** Adds values to a list that has some. Block or flow, strings or maps: as the last of them is written. */
export function appended({ document, text, path }: Shape, values: readonly Value[]): Edit {
  const what = path.join(".");
  const list = document.getIn(path, true);
  const last = isSeq(list) ? list.items.at(-1) : null;
  if (!isSeq(list) || !isNode(last) || isAlias(last) || !last.range) return { at: 0, insert: null, what };
  if (list.flow) {
    const separator = separatorIn(list.items.at(-2), list, last, text);
    return { at: last.range[1], insert: values.map((one) => `${separator}${flowed(one, last, text)}`).join(""), what };
  }
  const dash = dashBefore(text, last.range[0]);
  const line = lineAfter(text, leafEnd(last));
  if (dash === null || line === null) return { at: 0, insert: null, what };
  return { at: line.at, insert: line.wrap(values.map((one) => blocked(one, last, dash, text, line.end))), what };
}

/** Gives a map a list that it does not have, beside its `hosts`. */
export function keyed({ document, text, path }: Shape, key: string, values: readonly Value[]): Edit {
  const what = [...path, key].join(".");
  const map = document.getIn(path, true);
  const hosts = isMap(map) ? map.items.find((pair) => isScalar(pair.key) && pair.key.value === "hosts") : undefined;
  const place = isNode(hosts?.key) ? hosts.key.range?.[0] : undefined;
  if (!isMap(map) || place === undefined || !isSeq(hosts?.value)) return { at: 0, insert: null, what };
  if (map.flow) {
    const word = text[place] === '"' ? JSON.stringify(key) : key;
    return { at: place, insert: `${word}: [${values.map((one) => JSON.stringify(one)).join(", ")}], `, what };
  }
  const indent = text.slice(text.lastIndexOf("\n", place - 1) + 1, place);
  const line = lineAfter(text, leafEnd(hosts.value));
  if (/[^ ]/.test(indent) || line === null) return { at: 0, insert: null, what };
  const first = hosts.value.items[0];
  const dash = hosts.value.flow || !isNode(first) || !first.range ? null : dashBefore(text, first.range[0]);
  const inner = dash?.indent ?? `${indent}  `;
  return {
    at: line.at,
    insert: line.wrap([`${indent}${key}:`, ...values.map((one) => `${inner}- ${JSON.stringify(one)}`)]),
    what,
  };
}

/** Between two entries of a flow list: the comma, and the white space that is usual in it. */
function separatorIn(before: unknown, list: Node, last: Node, text: string): string {
  const from = isNode(before) && before.range ? before.range[1] : (list.range?.[0] ?? 0);
  const [, space] = /^\s*[[,](\s*)$/.exec(text.slice(from, last.range?.[0])) ?? [];
  const isAlone = !isNode(before);
  return isAlone && space !== undefined && !space.includes("\n") ? ", " : `,${space ?? " "}`;
}

interface Dash {
  indent: string;
  /** Between the dash and the entry. */
  gap: string;
}

/** The dash of a block list's entry that begins at `start`; null where it is not before it on its line. */
function dashBefore(text: string, start: number): Dash | null {
  const line = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  const [, indent, gap] = /^( *)-( +)(?:[&!]\S+ +)*$/.exec(line) ?? [];
  return indent === undefined || gap === undefined ? null : { indent, gap };
}

/** The end of the line at `end`, where only a comment may follow; null where more does. `wrap` makes lines of what is put in there. */
function lineAfter(text: string, end: number | null) {
  if (end === null) return null;
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  if (text[end - 1] === "\n") {
    return { at: end, end: eol, wrap: (lines: readonly string[]) => lines.map((one) => `${one}${eol}`).join("") };
  }
  const [rest = ""] = /^[^\r\n]*/.exec(text.slice(end)) ?? [];
  if (!/^[ \t]*(#.*)?$/.test(rest)) return null;
  return {
    at: end + rest.length,
    end: eol,
    wrap: (lines: readonly string[]) => lines.map((one) => `${eol}${one}`).join(""),
  };
}

/** Where what is written of a node ends: a block collection's own range takes in the comments and blank lines after it. */
function leafEnd(node: unknown): number | null {
  if (isPair(node)) return leafEnd(node.value) ?? leafEnd(node.key);
  if (!isNode(node) || !node.range) return null;
  return isCollection(node) && !node.flow ? leafEnd(node.items.at(-1)) : node.range[1];
}

function blocked(value: Value, like: Node, dash: Dash, text: string, eol: string): string {
  const start = `${dash.indent}-${dash.gap}`;
  if (typeof value !== "object") return `${start}${scalar(value, like)}`;
  if (!isMap(like) || like.flow) return `${start}${flowed(value, like, text)}`;
  const fields = ordered(value, like).map((key) => `${key}: ${scalar(value[key], like.get(key, true))}`);
  return `${start}${fields.join(`${eol}${" ".repeat(start.length)}`)}`;
}

function flowed(value: Value, like: Node, text: string): string {
  if (typeof value !== "object") return scalar(value, like);
  const first = isMap(like) ? like.items[0]?.key : null;
  const isJson = isScalar(first) && first.type === Scalar.QUOTE_DOUBLE;
  const fields = ordered(value, like).map((key) =>
    isJson
      ? `${JSON.stringify(key)}: ${JSON.stringify(value[key])}`
      : `${key}: ${scalar(value[key], isMap(like) ? like.get(key, true) : null)}`,
  );
  const space = /^\{\s/.test(text.slice(like.range?.[0])) ? " " : "";
  return `{${space}${fields.join(", ")}${space}}`;
}

/** The keys in the order of the map that they are to look like. */
function ordered(value: Record<string, unknown>, like: Node): string[] {
  const usual = isMap(like) ? like.items.map((pair) => (isScalar(pair.key) ? String(pair.key.value) : "")) : [];
  const rank = (key: string) => (usual.includes(key) ? usual.indexOf(key) : usual.length);
  return Object.keys(value).sort((a, b) => rank(a) - rank(b));
}

function scalar(value: unknown, like: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  const type = isScalar(like) ? like.type : undefined;
  if (type === Scalar.QUOTE_SINGLE) return `'${value.replaceAll("'", "''")}'`;
  return type !== Scalar.QUOTE_DOUBLE && plainWord.test(value) ? value : JSON.stringify(value);
}
