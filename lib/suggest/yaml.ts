/** Writes a manifest as YAML for `kubectl apply -f -`. */
import { Document, isScalar, type Pair, Scalar, visit } from "yaml";
import type { Manifest, ManifestList } from "../model.ts";

/** Kubernetes' customary order, one list for every level; what is not in it follows by the alphabet. */
const order = [
  ...["apiVersion", "kind", "metadata", "spec", "number", "name", "namespace", "labels", "annotations"],
  ...["hosts", "addresses", "address", "ports", "protocol", "targetPort", "location", "resolution"],
  ...["workloadSelector", "endpoints", "exportTo", "subjectAltNames"],
  ...["selector", "action", "gateways", "servers", "match", "route"],
];

/** A word that no YAML reader takes for anything else: it begins with a letter and is none of YAML 1.1's booleans and nulls. */
export const plainWord = /^(?!(?:y|n|yes|no|on|off|true|false|null|nan|inf)$)[a-z][a-z0-9._/-]*$/i;

/**
 * The manifest as one YAML document without a header, in one key order whatever the object's own; throws nothing.
 * kubectl reads YAML 1.1 (sigs.k8s.io/yaml), most other tools 1.2, and the two disagree on `no`, `12:30`, `0o14` and `1e3`: every
 * string that is not plainly a word is quoted, hosts always, so that both read the same.
 */
export function toYaml(manifest: Manifest | ManifestList): string {
  const document = new Document(manifest, {
    version: "1.1",
    aliasDuplicateObjects: false,
    sortMapEntries: byOrder,
  });
  visit(document, {
    Scalar(key, node, path) {
      if (typeof node.value !== "string") return;
      if (!plainWord.test(node.value) || (key !== "key" && isHost(path))) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  // A folded line is legal and unreadable: one string, one line.
  return document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER });
}

function isHost(path: readonly unknown[]): boolean {
  const pair = path.at(-2);
  return keyOf(pair) === "hosts";
}

function keyOf(pair: unknown): string {
  const key = typeof pair === "object" && pair !== null && "key" in pair ? pair.key : null;
  return isScalar(key) ? String(key.value) : String(key);
}

function byOrder(a: Pair, b: Pair): number {
  const [first, second] = [keyOf(a), keyOf(b)];
  const rank = (key: string): number => (order.includes(key) ? order.indexOf(key) : order.length);
  return rank(first) - rank(second) || (first < second ? -1 : first > second ? 1 : 0);
}
