/** The manifests in force, as far as they decide how a sidecar routes what leaves it. Pure; the files are read elsewhere. */

import type { ExistingObject } from "../model.ts";
import { objectsIn } from "../words/objects.ts";
import { printable } from "../words/printable.ts";
import { group, versions } from "./api.ts";
import { type Fields, isFields } from "./fields.ts";
import { fieldsAt, type Head, labelsAt, named, textAt, timeAt } from "./in-force/fields.ts";
import { readServiceEntry } from "./in-force/service-entry.ts";
import { readSidecar } from "./in-force/sidecar.ts";
import type { InForce, LeftOut, Namespace, Place, ServiceEntry, Sidecar } from "./in-force/words.ts";

export type {
  EgressListener,
  EntryPort,
  InForce,
  LeftOut,
  MeshSettings,
  OutboundMode,
  Place,
  PortClass,
  ServiceEntry,
  Sidecar,
} from "./in-force/words.ts";

interface Found {
  entries: Map<string, ServiceEntry>;
  sidecars: Map<string, Sidecar>;
  namespaces: Map<string, Namespace>;
  leftOut: LeftOut[];
}

/**
 * Reads ServiceEntry, Sidecar (networking.istio.io v1, v1beta1, v1alpha3) and Namespace objects, and what is in Lists of them.
 * `places[i]` says where `objects[i]` was written. Objects of other kinds are passed over; what of these cannot be understood is in
 * `leftOut` with the reason; of an object that is there twice the last one counts, as for `kubectl apply`. Throws nothing.
 */
export function readInForce(objects: readonly unknown[], places: readonly (Place | null)[] = []): InForce {
  const found: Found = { entries: new Map(), sidecars: new Map(), namespaces: new Map(), leftOut: [] };
  for (const [index, value] of objects.entries()) {
    for (const { object } of objectsIn(value)) read(object, places[index] ?? null, found);
  }
  return {
    entries: [...found.entries.values()],
    sidecars: [...found.sidecars.values()],
    namespaces: [...found.namespaces.values()],
    leftOut: found.leftOut,
  };
}

/** The same of manifests in files. */
export const readExisting = (objects: readonly ExistingObject[]): InForce =>
  readInForce(
    objects.map(({ object }) => object),
    objects,
  );

function read(object: unknown, place: Place | null, found: Found): void {
  if (!isFields(object)) return;
  const kind = textAt(object, "kind") ?? "";
  const version = textAt(object, "apiVersion") ?? "";
  if (kind === "Namespace" && version === "v1") readNamespace(object, place, found);
  const isIstio = version.startsWith(`${group}/`);
  if (isIstio && (kind === "ServiceEntry" || kind === "Sidecar")) readIstio(object, kind, place, found);
}

function readIstio(object: Fields, kind: "ServiceEntry" | "Sidecar", place: Place | null, found: Found): void {
  const head = headOf(object, place);
  const what = `${kind} ${head === null ? "without a name" : `${head.namespace}/${head.name}`}`;
  const complain = (why: string) => void found.leftOut.push({ what, why, place });
  const version = textAt(object, "apiVersion") ?? "";
  if (!versions.includes(version.slice(version.indexOf("/") + 1))) complain(`${printable(version)} is not known`);
  else if (head === null) complain("it has no metadata.name");
  else if (kind === "Sidecar") keep(found.sidecars, head, readSidecar(head, object, complain), complain);
  else keep(found.entries, head, readServiceEntry(head, object, complain), complain);
}

function keep<T>(all: Map<string, T>, head: Head, one: T | null, complain: (why: string) => void): void {
  const key = `${head.namespace}/${head.name}`;
  if (one === null) return;
  if (all.has(key)) complain("it is there more than once; the last one counts");
  all.set(key, one);
}

function headOf(object: Fields, place: Place | null): Head | null {
  const metadata = fieldsAt(object, "metadata");
  const name = textAt(metadata, "name");
  if (name === null || name === "") return null;
  return {
    name: named(name),
    namespace: named(textAt(metadata, "namespace") || "default"),
    labels: labelsAt(metadata, "labels"),
    created: timeAt(metadata, "creationTimestamp"),
    place,
  };
}

function readNamespace(object: Fields, place: Place | null, found: Found): void {
  const name = textAt(fieldsAt(object, "metadata"), "name");
  if (name === null || name === "") {
    found.leftOut.push({ what: "Namespace without a name", why: "it has no metadata.name", place });
    return;
  }
  found.namespaces.set(named(name), { name: named(name), labels: labelsAt(fieldsAt(object, "metadata"), "labels") });
}
