/** `metadata` as the API server checks it of any object (k8s.io/apimachinery pkg/api/validation). Pure. */
import { printable } from "../../words/printable.ts";
import { isFields } from "../fields.ts";
import { type Found, keyed, refusals } from "./problem.ts";
import { entries, misshapen, type Shape } from "./shape.ts";

const refuse = refusals("The API server");

const any: Shape = { is: "any" };
const text: Shape = { is: "text" };
const texts: Shape = { is: "map", of: text };
const written = { name: text, generateName: text, namespace: text, labels: texts, annotations: texts };
/** What the API server writes itself stands in what `kubectl get -o yaml` prints. */
const kept = {
  ...{
    selfLink: text,
    uid: text,
    resourceVersion: text,
    generation: any,
    creationTimestamp: any,
    deletionTimestamp: any,
  },
  ...{
    deletionGracePeriodSeconds: any,
    ownerReferences: { is: "list", of: any },
    managedFields: { is: "list", of: any },
  },
  finalizers: { is: "list", of: text },
} satisfies Record<string, Shape>;
const shape: Shape = { is: "object", fields: { ...written, ...kept } };

const nameLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const labelValue = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const labelName = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const mostAnnotations = 256 * 1024;

/** Takes an object's `metadata`; gives what the API server refuses in it. A namespace may be left out: kubectl has one. */
export function metadataProblems(metadata: unknown): Found[] {
  if (!isFields(metadata)) {
    return metadata === undefined || metadata === null ? [noName] : misshapen(shape, metadata, "metadata");
  }
  const { name, generateName, namespace } = metadata;
  return [
    ...misshapen(shape, metadata, "metadata"),
    ...nameProblems(name ?? "", generateName ?? ""),
    ...namespaceProblems(namespace),
    ...labelProblems(metadata.labels),
    ...annotationProblems(metadata.annotations),
  ];
}

const noName = refuse("ES0102", "metadata.name", "it has no name");

function nameProblems(name: unknown, generateName: unknown): Found[] {
  if (typeof name !== "string" || typeof generateName !== "string") return [];
  if (name === "" && generateName === "") return [noName];
  const out = name === "" ? [] : nameFault(name, "name");
  // Five characters follow a generated name's beginning.
  return generateName === "" ? out : [...out, ...nameFault(generateName.replace(/-$/, "a"), "generateName")];
}

function nameFault(name: string, field: string): Found[] {
  if (name.length <= 253 && name.split(".").every((part) => nameLabel.test(part))) return [];
  const what = `${printable(name)} is not made of lower-case letters, digits, hyphens and dots, 253 at most`;
  return [refuse("ES0102", `metadata.${field}`, what)];
}

function namespaceProblems(namespace: unknown): Found[] {
  // kubectl fills an empty one in.
  if (typeof namespace !== "string" || namespace === "" || (namespace.length <= 63 && nameLabel.test(namespace)))
    return [];
  const what = `${printable(namespace)} is no namespace (lower-case letters, digits and hyphens, 63 at most)`;
  return [refuse("ES0103", "metadata.namespace", what)];
}

function labelProblems(labels: unknown): Found[] {
  return entries(isFields(labels) ? labels : {}).flatMap(([key, value]) => {
    const path = `metadata.labels${keyed(key)}`;
    if (!isQualified(key)) return [refuse("ES0104", path, `${printable(key)} is no key of a label`)];
    if (typeof value !== "string" || labelValue.test(value)) return [];
    return [refuse("ES0104", path, `${printable(value)} is no value of a label`)];
  });
}

function annotationProblems(annotations: unknown): Found[] {
  const all = entries(isFields(annotations) ? annotations : {});
  const out = all
    .filter(([key]) => !isQualified(key.toLowerCase()))
    .map(([key]) =>
      refuse("ES0105", `metadata.annotations${keyed(key)}`, `${printable(key)} is no key of an annotation`),
    );
  const size = all.reduce((sum, [key, value]) => sum + bytes(key) + (typeof value === "string" ? bytes(value) : 0), 0);
  if (size > mostAnnotations) out.push(refuse("ES0105", "metadata.annotations", "annotations hold 256 KiB at most"));
  return out;
}

const bytes = (value: string): number => new TextEncoder().encode(value).length;

/** `name` or `prefix/name`, the prefix a DNS subdomain. */
function isQualified(key: string): boolean {
  const [prefix, name, ...more] = key.includes("/") ? key.split("/") : [null, key];
  if (more.length > 0 || name === undefined || !labelName.test(name)) return false;
  return (
    prefix === null ||
    prefix === undefined ||
    (prefix.length <= 253 && prefix.split(".").every((part) => nameLabel.test(part)))
  );
}
