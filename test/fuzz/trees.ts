/** Good values with mistakes in them: keys and elements that are missing, of another type, too many, too deep. */
import fc from "fast-check";
import { hostileText } from "./texts.ts";

type Path = readonly (string | number)[];

const nested = fc.tuple(fc.constantFrom("[", "{"), fc.constantFrom(10, 100, 1_000)).map(([how, depth]): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = how === "[" ? [value] : { a: value };
  return value;
});

/** What nobody expects there. */
export const odd: fc.Arbitrary<unknown> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom<unknown>(
      ...[null, undefined, true, false, 0, -0, -1, 1.5, 2 ** 53, 1e308, Number.NaN, Number.POSITIVE_INFINITY],
      ...["", " ", "0", "-1", "no", "7d", "99999999999999d", "1e999", "null", "NaN", "2026-02-31T00:00:00Z", "*", "**"],
      ...[[], {}, [[]], [null], { a: null }, "constructor", "__proto__", "toString"],
    ),
  },
  { weight: 4, arbitrary: hostileText },
  { weight: 2, arbitrary: fc.jsonValue() },
  { weight: 1, arbitrary: nested },
  { weight: 1, arbitrary: hostileText.map((text) => Array.from({ length: 300 }, () => text)) },
);

const keys = fc.oneof(
  fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty", "length", "", "0", "a.b", "name", "url"),
  hostileText,
);

type Change = { at: number } & (
  | { how: "drop" }
  | { how: "replace"; value: unknown }
  | { how: "add"; key: string; value: unknown }
  | { how: "copy"; from: number }
);

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ how: fc.constant("replace" as const), at: fc.nat(), value: odd }) },
  { weight: 2, arbitrary: fc.record({ how: fc.constant("drop" as const), at: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ how: fc.constant("add" as const), at: fc.nat(), key: keys, value: odd }) },
  { weight: 2, arbitrary: fc.record({ how: fc.constant("copy" as const), at: fc.nat(), from: fc.nat() }) },
);

/** A value of `valid` with up to five such mistakes. What JSON has none of is left out of it. */
export function mutatedTree(valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .tuple(valid, fc.array(change, { maxLength: 5 }))
    .map(([value, all]) => all.reduce(changed, structuredClone(value)));
}

/** What is put in is a copy: the odd values are few, and a change within one would be in all cases after it. */
function changed(value: unknown, one: Change): unknown {
  const paths = pathsOf(value);
  const path = paths[one.at % paths.length] ?? [];
  if (one.how === "replace") return put(value, path, structuredClone(one.value));
  if (one.how === "copy") return put(value, path, structuredClone(at(value, paths[one.from % paths.length] ?? [])));
  const target = one.how === "add" ? at(value, path) : at(value, path.slice(0, -1));
  if (typeof target !== "object" || target === null) return value;
  if (one.how === "add") define(target, Array.isArray(target) ? target.length : one.key, structuredClone(one.value));
  else if (Array.isArray(target)) target.splice(Number(path.at(-1)), 1);
  else Reflect.deleteProperty(target, String(path.at(-1)));
  return value;
}

/** As JSON.parse does, `__proto__` is a key as any other. */
const define = (target: object, key: string | number, value: unknown) =>
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });

function put(value: unknown, path: Path, put: unknown): unknown {
  const last = path.at(-1);
  const target = at(value, path.slice(0, -1));
  if (last === undefined || typeof target !== "object" || target === null) return put;
  define(target, last, put);
  return value;
}

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((found, key) => Object.getOwnPropertyDescriptor(Object(found), key)?.value, value);

/** Every place in it, the whole one first; no deeper than 40, so that a change of a change ends. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null || path.length > 40) return [path];
  const below = Object.entries(value).slice(0, 300);
  return [path, ...below.flatMap(([key, one]) => pathsOf(one, [...path, Array.isArray(value) ? Number(key) : key]))];
}
