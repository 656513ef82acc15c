/** Writes a manifest as YAML for `kubectl apply -f -`. */
import type { Manifest, ManifestList } from "../model.ts";

/** Kubernetes' customary order, one list for every level; what is not in it follows by the alphabet. */
const order = [
  ...["apiVersion", "kind", "metadata", "spec", "number", "name", "namespace", "labels", "annotations"],
  ...["hosts", "addresses", "address", "ports", "protocol", "targetPort", "location", "resolution"],
  ...["workloadSelector", "endpoints", "exportTo", "subjectAltNames"],
  ...["selector", "action", "gateways", "servers", "match", "route"],
];
const ranks = new Map(order.map((key, index) => [key, index]));

/**
 * A word that no YAML reader takes for anything else: it begins with a letter and is none of YAML 1.1's booleans, nulls and numbers
 * (`e5`, to some).
 */
export const plainWord = /^(?!(?:y|n|yes|no|on|off|true|false|null|nan|inf|e-?\d+)$)[a-z][a-z0-9._/-]*$/i;

/**
 * The manifest as one YAML document without a header, in one key order whatever the object's own; throws nothing.
 * kubectl reads YAML 1.1 (sigs.k8s.io/yaml), most other tools 1.2, and the two disagree on `no`, `12:30`, `0o14` and `1e3`: every
 * string that is not plainly a word is quoted, hosts always, so that both read the same. A quoted string is one line, as JSON has it.
 * Written by hand, with the library's bytes: a plan has tens of thousands of these, and the library takes ten times as long.
 */
export function toYaml(manifest: Manifest | ManifestList): string {
  return `${lines(manifest, "", false).join("\n")}\n`;
}

/** A map or list as lines, each with its indent; `isHosts`: it is a list of hosts. */
function lines(value: object, indent: string, isHosts: boolean): string[] {
  if (Array.isArray(value)) return value.flatMap((one: unknown) => item(one, indent, isHosts));
  return fields(value).flatMap(([key, one]) => {
    const name = `${indent}${scalar(key, false)}:`;
    if (!isFilled(one)) return [`${name} ${scalar(one, false)}`];
    return [name, ...lines(one, `${indent}  `, key === "hosts")];
  });
}

/** A list's entry: what is inside begins beside the dash. */
function item(value: unknown, indent: string, isHosts: boolean): string[] {
  if (!isFilled(value)) return [`${indent}- ${scalar(value, isHosts)}`];
  const [first = "", ...rest] = lines(value, `${indent}  `, false);
  return [`${indent}- ${first.slice(indent.length + 2)}`, ...rest];
}

function fields(value: object): [string, unknown][] {
  const rank = (key: string): number => ranks.get(key) ?? order.length;
  return Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0));
}

function isFilled(value: unknown): value is object {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).some((one) => Array.isArray(value) || one !== undefined)
  );
}

function scalar(value: unknown, isHost: boolean): string {
  if (typeof value === "string") return !isHost && plainWord.test(value) ? value : quoted(value);
  if (Array.isArray(value)) return "[]";
  return typeof value === "object" && value !== null ? "{}" : String(value);
}

/** As JSON, with what YAML does not allow unescaped (YAML 1.2, `c-printable`) or takes for a line end (1.1). */
function quoted(text: string): string {
  const unprintable = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;
  return JSON.stringify(text).replace(unprintable, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
