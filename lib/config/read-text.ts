/** ADAPTER: a file that the config is, or names. */
import { readFileSync } from "node:fs";
import { ScoutError } from "../errors.ts";

/** @throws ScoutError `config/unreadable` */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown error";
    throw new ScoutError("config/unreadable", `${path} cannot be read (${code})`, { cause: thrown });
  }
}
