/** ADAPTER: a file that the config is, or names. */
import { readFileSync } from "node:fs";
import { ScoutError } from "../errors.ts";

/** @throws ScoutError `config/unreadable` */
export const readText = (path: string): string => reading(path, () => readFileSync(path, "utf8"));

/** What `work` reads there. @throws ScoutError `config/unreadable` */
export function reading<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown error";
    throw new ScoutError("config/unreadable", `${path} cannot be read (${code})`, { cause: thrown });
  }
}
