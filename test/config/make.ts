/** Configs for tests: the smallest one, with what a test adds, and the mistakes that it makes. */
import { checkConfig } from "../../lib/config/parse.ts";
import type { Config } from "../../lib/config/schema.ts";
import { readYaml } from "../../lib/config/yaml.ts";
import { ConfigError } from "../../lib/errors.ts";

export const url = "http://prometheus.example:9090";

/** The smallest config there is, as YAML; what is added goes below it. */
export const smallest = (added = ""): string => `clusters: [{ name: prod, prometheus: { url: "${url}" } }]\n${added}`;

/** @throws ConfigError as parseConfig does for a file */
export const parsed = (text: string): Config => checkConfig(readYaml(text, "scout.yaml"), "scout.yaml");

/** The mistakes of a config that has some. */
export function mistakes(text: string): readonly string[] {
  try {
    parsed(text);
  } catch (thrown) {
    if (thrown instanceof ConfigError) return thrown.mistakes;
    throw thrown;
  }
  throw new Error(`no mistake in ${text}`);
}
