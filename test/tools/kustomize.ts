/** Builds a Kustomize folder with the installed kubectl, as `kubectl apply -k` would. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parse, parseAllDocuments, stringify } from "yaml";
import { toolPath } from "./ensure.ts";

interface Kustomization {
  resources?: string[];
  components?: string[];
  patches?: { path: string; target?: unknown }[];
  configMapGenerator?: { name: string; files: string[]; behavior?: string }[];
  [other: string]: unknown;
}

export interface Built {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  [more: string]: unknown;
}

/** The objects it comes to. */
export function kustomize(folder: string): Built[] {
  return knowsComponents() ? build(folder) : kustomizeFlat(folder);
}

/** The same with whatever kubectl there is, as one flat folder: Debian 12 has one from before components. */
export function kustomizeFlat(folder: string): Built[] {
  const flat = join(folder, ".flat");
  mkdirSync(flat);
  try {
    const { patches = [], ...rest } = flattened(folder, flat);
    const [merged, json] = [false, true].map((isJson) =>
      patches.filter(({ target }) => isJson === (target !== undefined)),
    );
    const old = { ...rest, patchesStrategicMerge: merged?.map(({ path }) => path), patchesJson6902: json };
    writeFileSync(join(flat, "kustomization.yaml"), stringify(old));
    // Of what is deleted the old one leaves the namespace it would have been in.
    return build(flat).filter(({ kind }) => kind !== undefined);
  } finally {
    rmSync(flat, { recursive: true });
  }
}

export const kustomizationOf = (folder: string): Kustomization =>
  parse(readFileSync(join(folder, "kustomization.yaml"), "utf8"));

function build(folder: string): Built[] {
  const text = execFileSync(toolPath("kubectl"), ["kustomize", folder], { encoding: "utf8", stdio: "pipe" });
  return parseAllDocuments(text).map((one) => one.toJS());
}

/** Components came with Kustomize 3.7, which kubectl has since 1.21. */
function knowsComponents(): boolean {
  const text = execFileSync(toolPath("kubectl"), ["version", "--client", "-o", "json"], { encoding: "utf8" });
  const { clientVersion } = JSON.parse(text);
  const minor = /^v?1\.(\d+)/.exec(clientVersion.gitVersion)?.[1];
  return Number(minor) >= 21;
}

/** Everything that the folder is made of, as one: its files are copied under names of their own. */
function flattened(folder: string, flat: string): Kustomization {
  const { resources = [], components = [], patches = [], configMapGenerator = [], ...rest } = kustomizationOf(folder);
  const copied = (path: string) => {
    const name = relative(resolve(flat, "../../.."), resolve(folder, path)).replaceAll("/", "-");
    cpSync(resolve(folder, path), join(flat, name));
    return name;
  };
  const isFile = (path: string) => path.endsWith(".yaml");
  const parts = [...resources.filter((one) => !isFile(one)), ...components];
  const below = parts.map((one) => flattened(resolve(folder, one), flat));
  const own = configMapGenerator.map(({ name, files }) => ({
    name,
    files: files.map((path) => `${path}=${copied(path)}`),
  }));
  const inherited = below
    .flatMap((one) => one.configMapGenerator ?? [])
    .filter((one) => !own.some(({ name }) => name === one.name));
  return {
    ...rest,
    ...{ apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization" },
    resources: [...below.flatMap((one) => one.resources ?? []), ...resources.filter(isFile).map(copied)],
    patches: [
      ...below.flatMap((one) => one.patches ?? []),
      ...patches.map(({ path, ...target }) => ({ ...target, path: copied(path) })),
    ],
    configMapGenerator: [...inherited, ...own],
  };
}
