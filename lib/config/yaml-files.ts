/** ADAPTER: which files of YAML there are at a path. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * The path itself where it is a file, else all `.yaml`, `.yml` and `.json` files in the folder and below it, sorted.
 * Throws what Node throws where it cannot be read; none where a folder has none.
 */
export function yamlFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile() && /\.(ya?ml|json)$/i.test(one.name))
    .map((one) => join(one.parentPath, one.name))
    .sort();
}

/** What is said of such a folder. */
export const withoutFiles = "is a folder without .yaml, .yml and .json files";
