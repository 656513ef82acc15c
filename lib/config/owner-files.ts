/** ADAPTER: files that say who owns what (`backstage` and `codeowners` of an owner rule). */
import type { Ownership } from "../model.ts";
import { parseCatalogue } from "./backstage.ts";
import { type OwnersRead, parseCodeowners } from "./codeowners.ts";
import { reading, readText } from "./read-text.ts";
import type { Config } from "./schema.ts";
import { withoutFiles, yamlFiles } from "./yaml-files.ts";

/** What the file of one rule says, and what of it could not be read: that is passed over, and all else holds. */
export interface OwnerFile {
  from: "backstage" | "codeowners";
  lines: Ownership[];
  warnings: string[];
}

/**
 * Reads the file of an owner rule; null where it has none.
 * @param at the rule's path in the config, for what is said of it
 * @throws ScoutError `config/unreadable`
 */
export function readOwnerFile(
  { backstage, codeowners }: Pick<Config["owners"][number], "backstage" | "codeowners">,
  at: string,
): OwnerFile | null {
  if (backstage !== undefined) {
    const found = [backstage].flat().map((path) => ({ path, files: reading(path, () => yamlFiles(path)) }));
    const texts = [...new Set(found.flatMap(({ files }) => files))].map((file) => ({ file, text: readText(file) }));
    const { lines, faults } = parseCatalogue(texts);
    const empty = found.filter(({ files }) => files.length === 0).map(({ path }) => `${path} ${withoutFiles}`);
    return told("backstage", `${at}.backstage`, { lines, faults: [...empty, ...faults] });
  }
  return codeowners === undefined
    ? null
    : told("codeowners", `${at}.codeowners`, parseCodeowners(readText(codeowners)));
}

function told(from: OwnerFile["from"], at: string, { lines, faults }: OwnersRead): OwnerFile {
  const [first, ...others] = faults;
  const more = others.length === 0 ? "" : `, and ${others.length} more`;
  return { from, lines, warnings: first === undefined ? [] : [`${at}: passed over: ${first}${more}`] };
}
