/** ADAPTER: reads the config file. Relative paths in it are made relative to the file. */

import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ConfigError, ScoutError } from "../errors.ts";
import { printable } from "../words/printable.ts";
import { checkConfig } from "./parse.ts";
import { readText } from "./read-text.ts";
import type { Config } from "./schema.ts";

/** The file looked for in the working directory where none is named. */
export const defaultFile = "egress-scout.yaml";

/** What errors call a config that is in no file. */
const commandLine = "(command line)";

export interface ConfigChoice {
  /** `--config`; null for the default file, where there is one. */
  file: string | null;
  /** `--prometheus`: a cluster that needs no file. */
  prometheus: string | null;
  /** `--cluster`. */
  cluster: string | null;
}

/**
 * The config of a call. `--prometheus` takes the place of the file's clusters, or of the URL of the one that `--cluster` names;
 * owners, channels and all else of the file still hold.
 * @throws ConfigError with every mistake; ScoutError `config/unreadable`, `usage`
 */
export async function loadConfig({ file, prometheus, cluster }: ConfigChoice): Promise<Config> {
  const path = file ?? (existsSync(defaultFile) ? defaultFile : null);
  if (path === null && prometheus === null) {
    throw new ScoutError("usage", `no --prometheus URL, no --config FILE, and no ${defaultFile} here`, {
      mend: "give one of them; `egress-scout scan --help` has examples",
    });
  }
  if (path !== null) return await configOf(readText(path), path, { prometheus, cluster }, dirname(resolve(path)));
  return checkConfig(withPrometheus({}, prometheus ?? "", cluster ?? "default"), commandLine);
}

/**
 * The config in a text.
 * @param place what to call it in messages
 * @param folder where what it names relatively is; null for the working directory
 * @throws ConfigError with every mistake
 */
export async function configOf(
  text: string,
  place: string,
  { prometheus, cluster }: Omit<ConfigChoice, "file">,
  folder: string | null,
): Promise<Config> {
  const { readYaml } = await import("./yaml.ts");
  const value = readYaml(text, place);
  const config = checkConfig(
    prometheus === null ? value : withPrometheus(value, prometheus, cluster ?? "default"),
    place,
  );
  return folder === null ? config : rooted(config, folder);
}

/**
 * The policies of a file: a config, or one with `policies` alone.
 * @param file null for the default file
 * @throws ConfigError with every mistake; ScoutError `config/unreadable`, `usage`
 */
export async function loadPolicies(file: string | null): Promise<Config["policies"]> {
  const path = file ?? (existsSync(defaultFile) ? defaultFile : null);
  if (path === null) {
    throw new ScoutError("usage", `no file of policies, and no ${defaultFile} here`, {
      mend: "name a config file, or one with `policies` alone",
    });
  }
  const { readYaml } = await import("./yaml.ts");
  const value = readYaml(readText(path), path);
  const isWhole = isObject(value) && "clusters" in value;
  // No cluster is asked here, so none is needed.
  const { policies } = checkConfig(isWhole ? value : withPrometheus(value, "http://none.invalid", "none"), path);
  if (!(isObject(value) && "policies" in value)) throw new ConfigError(path, ["policies: missing; array expected"]);
  return policies;
}

/**
 * The config of a call that needs no cluster; without a file it has none.
 * @param file null for the default file, where there is one
 * @throws ConfigError with every mistake; ScoutError `config/unreadable`
 */
export async function loadSettings(file: string | null): Promise<Config> {
  const path = file ?? (existsSync(defaultFile) ? defaultFile : null);
  if (path !== null) return await loadConfig({ file: path, prometheus: null, cluster: null });
  return { ...checkConfig(withPrometheus({}, "http://none.invalid", "none"), commandLine), clusters: [] };
}

/** The clusters a call is about: all, or the one named. @throws ScoutError `usage` for a name that the config does not have */
export function pickClusters(config: Config, name: string | null): Config["clusters"] {
  if (name === null) return config.clusters;
  const found = config.clusters.filter((one) => one.name === name);
  if (found.length > 0) return found;
  const names = config.clusters.map((one) => one.name).join(", ");
  throw new ScoutError("usage", `the config has no cluster ${printable(name)}`, { mend: `it has: ${names}` });
}

function withPrometheus(value: unknown, url: string, cluster: string): unknown {
  const base = typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  const clusters: unknown = "clusters" in base ? base.clusters : [];
  const named = Array.isArray(clusters)
    ? clusters.find((one: unknown) => isObject(one) && one.name === cluster)
    : undefined;
  const settings = isObject(named) ? named : { name: cluster };
  const known = isObject(settings.prometheus) ? settings.prometheus : {};
  return { ...base, clusters: [{ ...settings, prometheus: { ...known, url } }] };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

function rooted(config: Config, folder: string): Config {
  const { state, verdicts, enrich } = config;
  const placed = (text: string) => (/^https?:\/\//i.test(text) ? text : resolve(folder, text));
  const [, path] = /^sqlite:(.+)$/.exec(state) ?? [];
  return {
    ...config,
    clusters: config.clusters.map((one) => ({ ...one, existing: one.existing.map((path) => resolve(folder, path)) })),
    state: path === undefined || path === ":memory:" ? state : `sqlite:${resolve(folder, path)}`,
    ...(verdicts === undefined ? {} : { verdicts: resolve(folder, verdicts) }),
    owners: config.owners.map((one) => ({
      ...one,
      ...(one.backstage === undefined
        ? {}
        : { backstage: [one.backstage].flat().map((path) => resolve(folder, path)) }),
      ...(one.codeowners === undefined ? {} : { codeowners: resolve(folder, one.codeowners) }),
    })),
    enrich: {
      ...enrich,
      ...(enrich.ranges === undefined ? {} : { ranges: [enrich.ranges].flat().map(placed) }),
      ...(enrich.asn === undefined ? {} : { asn: [enrich.asn].flat().map(placed) }),
    },
    folder,
  };
}
