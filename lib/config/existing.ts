/** ADAPTER: the manifests in force (`--existing`, or `existing` of a cluster), read from files and folders of YAML. */
import { readFileSync } from "node:fs";
import * as z from "zod";
import { ScoutError } from "../errors.ts";
import type { EntryInForce, ExistingEntry, ExistingObject } from "../model.ts";
import { parseAddress } from "../words/address.ts";
import { readDocuments } from "../words/documents.ts";
import { parseHost } from "../words/host.ts";
import { objectsIn } from "../words/objects.ts";
import { printable } from "../words/printable.ts";
import { withoutFiles, yamlFiles } from "./yaml-files.ts";

/** The manifests in force; what could not be read is said in `warnings`, and all else of it is used. */
export interface Existing {
  entries: ExistingEntry[];
  /** Every object of every document, of any kind, those of Lists one by one. */
  objects: ExistingObject[];
  warnings: string[];
}

const text = z.string();
/** What is no text among them costs itself alone. */
const texts = z
  .array(text.nullable().catch(null))
  .catch([])
  .transform((all) => all.filter((one) => one !== null));
const entryShape = z.object({
  apiVersion: z.string().regex(/^networking\.istio\.io\//),
  kind: z.literal("ServiceEntry"),
  metadata: z.object({ name: text, namespace: text.catch("default") }),
  spec: z.object({
    hosts: texts,
    addresses: texts,
    endpoints: z.array(z.object({ address: text }).catch({ address: "" })).catch([]),
  }),
  status: z
    .object({ addresses: z.array(z.object({ value: text }).catch({ value: "" })).catch([]) })
    .catch({ addresses: [] })
    .default({ addresses: [] }),
});

/**
 * Reads every path: a file, or all `.yaml`, `.yml` and `.json` files in a folder and below it. Other kinds are passed over.
 * @param said what names the paths, for messages
 * @throws ScoutError `usage` for a path that cannot be read
 */
export function readExisting(paths: readonly string[], said = "--existing"): Existing {
  const existing: Existing = { entries: [], objects: [], warnings: [] };
  for (const file of filesAt(paths, said, existing.warnings)) {
    const text = attempt(file, said, () => readFileSync(file, "utf8"));
    for (const { index: document, value, fault } of readDocuments(text)) {
      if (fault !== null) {
        const why = printable(fault.message).slice(1, -1);
        existing.warnings.push(`${said}: document ${document} of ${file} is no YAML and is passed over (${why})`);
      }
      for (const { object, at } of objectsIn(value)) {
        if (typeof object !== "object" || object === null) continue;
        existing.objects.push({ object, file, document });
        const [item = null, ...deeper] = at;
        const place = deeper.length > 0 ? null : { document, item };
        existing.entries.push(...entryIn(object).map((one) => ({ ...one, file, text, object, place })));
      }
    }
  }
  return existing;
}

function filesAt(paths: readonly string[], said: string, warnings: string[]): Set<string> {
  const files = new Set<string>();
  for (const path of new Set(paths)) {
    const found = attempt(path, said, () => yamlFiles(path));
    if (found.length === 0) warnings.push(`${said}: ${path} ${withoutFiles}`);
    for (const file of found) files.add(file);
  }
  return files;
}

function entryIn(object: unknown): EntryInForce[] {
  const parsed = entryShape.safeParse(object);
  if (!parsed.success) return [];
  const { metadata, spec, status } = parsed.data;
  return [
    {
      namespace: named(metadata.namespace),
      name: named(metadata.name),
      hosts: spec.hosts.flatMap(canonicalHost),
      addresses: [...spec.addresses, ...status.addresses.map(({ value }) => value)].flatMap((one) =>
        one === "" ? [] : [parseAddress(one) ?? one],
      ),
      endpoints: spec.endpoints.flatMap(({ address }) => parseAddress(address) ?? []),
    },
  ];
}

/** As Kubernetes has names, or printable: people read it. */
const named = (name: string): string => (/^[a-z0-9.-]{1,253}$/.test(name) ? name : printable(name).slice(1, -1));

function canonicalHost(host: string): string[] {
  const wild = host.startsWith("*.");
  const parsed = parseHost(wild ? host.slice(2) : host);
  return parsed.kind === "host" ? [`${wild ? "*." : ""}${parsed.host}`] : [];
}

function attempt<T>(path: string, said: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? ` (${String(thrown.code)})` : "";
    throw new ScoutError("usage", `${said}: ${path} cannot be read${code}`, { cause: thrown });
  }
}
