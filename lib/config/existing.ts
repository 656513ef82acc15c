/** ADAPTER: the manifests in force (`--existing`), read from files and folders of YAML. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import * as z from "zod";
import { parseAddress } from "../address.ts";
import { ScoutError } from "../errors.ts";
import { parseHost } from "../host.ts";
import type { EntryInForce } from "../model.ts";

/** ServiceEntries in force; what could not be read is said in `warnings`, and all else of it is used. */
export interface Existing {
  entries: EntryInForce[];
  warnings: string[];
}

const text = z.string();
const texts = z.array(text).catch([]);
const entryShape = z.object({
  apiVersion: z.string().regex(/^networking\.istio\.io\//),
  kind: z.literal("ServiceEntry"),
  metadata: z.object({ name: text, namespace: text.catch("default") }),
  spec: z.object({
    hosts: texts,
    addresses: texts,
    endpoints: z.array(z.object({ address: text.catch("") })).catch([]),
  }),
  status: z
    .object({ addresses: z.array(z.object({ value: text })).catch([]) })
    .catch({ addresses: [] })
    .default({ addresses: [] }),
});
const listShape = z.object({ kind: z.string().regex(/List$/), items: z.array(z.unknown()) });

/**
 * Reads every path: a file, or all `.yaml`, `.yml` and `.json` files in a folder and below it. Other kinds are passed over.
 * @throws ScoutError `usage` for a path that cannot be read
 */
export function readExisting(paths: readonly string[]): Existing {
  const existing: Existing = { entries: [], warnings: [] };
  for (const file of paths.flatMap(filesOf)) {
    for (const [place, document] of parseAllDocuments(read(file), { logLevel: "silent" }).entries()) {
      const broken = "errors" in document ? document.errors[0] : undefined;
      if (broken !== undefined) {
        existing.warnings.push(
          `--existing: document ${place} of ${file} is no YAML and is passed over (${broken.code})`,
        );
      } else if ("toJS" in document) {
        existing.entries.push(...objectsIn(plain(document)).flatMap(entryIn));
      }
    }
  }
  return existing;
}

/** An anchor that stands for itself a million times over is refused by the library; it holds no manifest. */
function plain(document: { toJS(options: { maxAliasCount: number }): unknown }): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    return null;
  }
}

function objectsIn(object: unknown): unknown[] {
  const list = listShape.safeParse(object);
  return list.success ? list.data.items : [object];
}

function entryIn(object: unknown): EntryInForce[] {
  const parsed = entryShape.safeParse(object);
  if (!parsed.success) return [];
  const { metadata, spec, status } = parsed.data;
  return [
    {
      namespace: metadata.namespace,
      name: metadata.name,
      hosts: spec.hosts.flatMap(canonicalHost),
      addresses: [...spec.addresses, ...status.addresses.map(({ value }) => value)].map(
        (one) => parseAddress(one) ?? one,
      ),
      endpoints: spec.endpoints.flatMap(({ address }) => parseAddress(address) ?? []),
    },
  ];
}

function canonicalHost(host: string): string[] {
  const wild = host.startsWith("*.");
  const parsed = parseHost(wild ? host.slice(2) : host);
  return parsed.kind === "host" ? [`${wild ? "*." : ""}${parsed.host}`] : [];
}

function filesOf(path: string): string[] {
  const found = attempt(path, () => statSync(path));
  if (!found.isDirectory()) return [path];
  const all = attempt(path, () => readdirSync(path, { recursive: true, withFileTypes: true }));
  return all
    .filter((one) => one.isFile() && /\.(ya?ml|json)$/.test(one.name))
    .map((one) => join(one.parentPath, one.name))
    .sort();
}

const read = (file: string) => attempt(file, () => readFileSync(file, "utf8"));

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? ` (${String(thrown.code)})` : "";
    throw new ScoutError("usage", `--existing: ${path} cannot be read${code}`, { cause: thrown });
  }
}
