/** ADAPTER: files that say who owns what (`backstage` and `codeowners` of an owner rule). */
import { readFileSync } from "node:fs";
import { ScoutError } from "../errors.ts";
import type { Ownership } from "../model.ts";
import { parseCatalogue } from "./backstage.ts";
import { type OwnersRead, parseCodeowners } from "./codeowners.ts";
import type { Config } from "./schema.ts";
import { yamlFiles } from "./yaml-files.ts";

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
    const files = [...new Set([backstage].flat().flatMap((path) => attempt(path, () => yamlFiles(path))))];
    const texts = files.map((file) => ({ file, text: read(file) }));
    return told("backstage", `${at}.backstage`, parseCatalogue(texts));
  }
  return codeowners === undefined ? null : told("codeowners", `${at}.codeowners`, parseCodeowners(read(codeowners)));
}

function told(from: OwnerFile["from"], at: string, { lines, faults }: OwnersRead): OwnerFile {
  const [first, ...others] = faults;
  const more = others.length === 0 ? "" : `, and ${others.length} more`;
  return { from, lines, warnings: first === undefined ? [] : [`${at}: passed over: ${first}${more}`] };
}

const read = (file: string) => attempt(file, () => readFileSync(file, "utf8"));

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? ` (${String(thrown.code)})` : "";
    throw new ScoutError("config/unreadable", `${path} cannot be read${code}`, { cause: thrown });
  }
}
