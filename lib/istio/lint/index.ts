/** `lint`: ServiceEntries by Istio's own rules, offline. Pure: documents in, problems out. */

import type { ReadDocument, ReadFault } from "../../words/documents.ts";
import { objectsIn } from "../../words/objects.ts";
import { printable } from "../../words/printable.ts";
import { type Fields, isFields } from "../fields.ts";
import { acrossProblems } from "./across.ts";
import { type Code, codes } from "./codes.ts";
import { crdProblems } from "./crd-rules.ts";
import { manifestShape } from "./crd-shape.ts";
import { type Entry, entryOf } from "./entry.ts";
import { istiodProblems } from "./istiod-rules.ts";
import { kindOf } from "./kind.ts";
import { metadataProblems } from "./metadata.ts";
import { type Found, found, type Problem } from "./problem.ts";
import { resolutionProblems } from "./resolution-rules.ts";
import { misshapen } from "./shape.ts";
import { trapProblems } from "./traps.ts";
import { virtualAddressProblems } from "./virtual-addresses.ts";

export type { Problem } from "./problem.ts";

/** A document and the file it is of. */
export interface LintDocument extends ReadDocument {
  file: string;
}

/** What was checked, and where it stands; `entry` is null for a document that could not be read. */
interface Checked {
  file: string;
  document: number;
  prefix: string;
  entry: Entry | null;
  problems: Found[];
}

/**
 * Takes documents in order and gives their problems in that order, the errors of an object before its warnings; the same documents give
 * the same problems. Throws nothing. Error-level is what YAML, the API server or istiod refuses; all else is a warning (codes.ts).
 */
export function lint(documents: readonly LintDocument[]): Problem[] {
  const checked = documents.flatMap(check);
  const entries = checked.flatMap(({ entry, problems }) => (entry === null ? [] : [{ entry, problems }]));
  const across = acrossProblems(entries.map(({ entry }) => entry));
  for (const [place, { problems }] of entries.entries()) for (const one of across[place] ?? []) problems.push(one);
  return checked.flatMap(told);
}

/** How many ServiceEntries there are, and how many objects of other kinds, which `lint` passes over. */
export function census(documents: readonly LintDocument[]): { serviceEntries: number; passedOver: number } {
  const kinds = documents.flatMap(({ value }) => objectsIn(value).map(({ object }) => kindOf(object)));
  const count = (wanted: string[]) => kinds.filter((one) => wanted.includes(one)).length;
  return { serviceEntries: count(["entry", "misnamed"]), passedOver: count(["other"]) };
}

function check({ file, index, value, fault }: LintDocument): Checked[] {
  if (fault !== null) return [{ file, document: index, prefix: "", entry: null, problems: [unread(fault)] }];
  return objectsIn(value).flatMap(({ at, object }) => {
    const kind = kindOf(object);
    if ((kind !== "entry" && kind !== "misnamed") || !isFields(object)) return [];
    const entry = entryOf(object);
    return [
      {
        file,
        document: index,
        prefix: at.map((item) => `items[${item}].`).join(""),
        entry,
        problems: [...misnamed(kind, object), ...problemsOf(object, entry)],
      },
    ];
  });
}

const faultCodes = { broken: "ES0001", "duplicate-key": "ES0002", alias: "ES0003" } as const satisfies Record<
  ReadFault,
  Code
>;

function unread({ kind, message }: NonNullable<ReadDocument["fault"]>): Found {
  const said = printable(message, 200).slice(1, -1).replaceAll('\\"', '"').replace(/[.:]$/, "");
  const so = {
    broken: "kubectl cannot read the document, and nothing of it is applied",
    "duplicate-key": "YAML forbids the same key twice, and kubectl keeps the last without a word",
    alias: "kubectl cannot read the document, and nothing of it is applied (a text that begins with * needs quotes)",
  };
  return found(faultCodes[kind], "", `${so[kind]}: ${said}.`);
}

function misnamed(kind: "entry" | "misnamed", { apiVersion, kind: written }: Fields): Found[] {
  if (kind === "entry") return [];
  // An object may have a key `toString`, which is no function.
  const text = (value: unknown) => (typeof value === "object" && value !== null ? "(no text)" : String(value ?? ""));
  const said = printable(`${text(apiVersion)} ${text(written)}`.trim());
  const message = `No API server knows ${said}: write networking.istio.io/v1 (or v1beta1, v1alpha3) and ServiceEntry.`;
  return [found("ES0101", written === "ServiceEntry" ? "apiVersion" : "kind", message)];
}

function problemsOf(manifest: Fields, entry: Entry): Found[] {
  return [
    ...misshapen(manifestShape, manifest, ""),
    ...metadataProblems(manifest.metadata),
    ...crdProblems(entry),
    ...istiodProblems(entry),
    ...resolutionProblems(entry),
    ...virtualAddressProblems(entry),
    ...trapProblems(entry),
  ];
}

function told({ file, document, prefix, problems }: Checked): Problem[] {
  const all = problems.map(({ code, path, message, by }): Problem => {
    const { level, by: usual } = codes[code];
    return { file, document, path: `${prefix}${path}`, level, code, by: by ?? usual, message };
  });
  return [...all.filter(({ level }) => level === "error"), ...all.filter(({ level }) => level === "warning")];
}
