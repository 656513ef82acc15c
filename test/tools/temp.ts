/** A folder of one's own that does not stay. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TempFolder {
  path: string;
  /** Removes it with all in it; again is no error. */
  remove(): void;
}

/** Makes an empty folder that only this user may read; it is removed at the latest when the process exits in good order. */
export function tempFolder(purpose: string): TempFolder {
  const path = mkdtempSync(join(tmpdir(), `egress-scout-${purpose}-`));
  const remove = () => {
    process.removeListener("exit", remove);
    rmSync(path, { recursive: true, force: true });
  };
  process.once("exit", remove);
  return { path, remove };
}
