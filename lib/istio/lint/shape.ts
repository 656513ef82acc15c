/** A value against a structural schema, as the API server checks a custom resource: types, limits, unknown fields. Pure. */

import { printable } from "../../words/printable.ts";
import { type Fields, isFields } from "../fields.ts";
import { nearest } from "./nearest.ts";
import { type Found, found, keyed, refusals } from "./problem.ts";

const refuse = refusals("The API server");

export type Shape =
  | { is: "any" }
  | { is: "text"; most?: number; oneOf?: readonly string[] }
  /** Whole, from 0 to 2³² − 1: protobuf's uint32. */
  | { is: "number" }
  | { is: "list"; of: Shape; most?: number }
  | { is: "map"; of: Shape; most?: number }
  | { is: "object"; fields: Readonly<Record<string, Shape>>; required?: readonly string[] };

/**
 * Takes any value and where it stands; gives what the API server refuses in it. As there, a field that is null is one left out
 * (structural pruning of nulls), but null in a list is a value of the wrong type.
 */
export function misshapen(shape: Shape, value: unknown, path: string): Found[] {
  switch (shape.is) {
    case "any":
      return [];
    case "text":
      return text(shape, value, path);
    case "number":
      return number(value, path);
    case "list":
      if (!Array.isArray(value)) return [wrongType("a list", value, path)];
      return [
        ...tooMany(value.length, shape.most, path),
        ...value.flatMap((one, at) => misshapen(shape.of, one, `${path}[${at}]`)),
      ];
    case "map":
      if (!isFields(value)) return [wrongType("a mapping", value, path)];
      return [
        ...tooMany(Object.keys(value).length, shape.most, path),
        ...entries(value).flatMap(([key, one]) => misshapen(shape.of, one, `${path}${keyed(key)}`)),
      ];
    case "object":
      return isFields(value) ? object(shape, value, path) : [wrongType("a mapping", value, path)];
  }
}

/** The fields that are not left out: what is null is. */
export const entries = (value: Fields): [string, unknown][] =>
  Object.entries(value).filter(([, one]) => one !== null && one !== undefined);

function object(shape: Extract<Shape, { is: "object" }>, value: Fields, path: string): Found[] {
  const out: Found[] = [];
  for (const [key, one] of Object.entries(value)) {
    const field = Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
    if (field === undefined) out.push(unknown(key, Object.keys(shape.fields), path));
    else if (one !== null && one !== undefined) out.push(...misshapen(field, one, join(path, key)));
  }
  for (const key of shape.required ?? []) {
    if ((value[key] ?? null) !== null) continue;
    out.push(refuse("ES0108", join(path, key), `${key} is missing`));
  }
  return out;
}

const join = (path: string, key: string): string => `${path}${keyed(key)}`.replace(/^\./, "");

/** kubectl and server-side apply ask for strict checks; a client that does not has the field dropped without a word. */
function unknown(key: string, known: readonly string[], path: string): Found {
  const meant = nearest(key, known);
  const hint = meant === null ? "" : ` (is it ${meant}?)`;
  const what = `there is no field ${printable(key)} here${hint}`;
  return found(
    "ES0106",
    join(path, key),
    `kubectl is refused, and any other client loses the field in silence: ${what}.`,
  );
}

function text(
  { most = Number.POSITIVE_INFINITY, oneOf }: Extract<Shape, { is: "text" }>,
  value: unknown,
  path: string,
): Found[] {
  if (typeof value !== "string") return [wrongType("text", value, path)];
  if (oneOf !== undefined && !oneOf.includes(value)) {
    return [refuse("ES0110", path, `${printable(value)} is none of ${oneOf.join(", ")}`)];
  }
  const length = value.length > most ? [...value].length : 0;
  return length > most ? [tooLarge(`${length} characters, where ${most} are allowed`, path)] : [];
}

function number(value: unknown, path: string): Found[] {
  if (typeof value !== "number" || !Number.isInteger(value)) return [wrongType("a whole number", value, path)];
  return value < 0 || value > 0xffffffff ? [tooLarge(`${value} is out of range`, path)] : [];
}

const tooMany = (count: number, most: number | undefined, path: string): Found[] =>
  most !== undefined && count > most ? [tooLarge(`${count} of them, where ${most} are allowed`, path)] : [];

const tooLarge = (what: string, path: string): Found => refuse("ES0109", path, what);

function wrongType(wanted: string, value: unknown, path: string): Found {
  const isCollection = Array.isArray(value) || isFields(value);
  const is = isCollection ? (Array.isArray(value) ? "a list" : "a mapping") : scalar(value);
  const quote = wanted === "text" && !isCollection ? " (YAML reads it so unless it is quoted)" : "";
  return refuse("ES0107", path, `it wants ${wanted}, and this is ${is}${quote}`);
}

const scalar = (value: unknown): string =>
  typeof value === "string" ? `the text ${printable(value)}` : printable(String(value)).slice(1, -1);
