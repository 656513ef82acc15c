/** A file that is written whole or not at all. */
import { randomUUID } from "node:crypto";
import { realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { ScoutError } from "../lib/errors.ts";

/** Whole or not at all: whoever reads the file meanwhile has the old one. @throws ScoutError `usage` */
export function writeWhole(file: string, text: string): void {
  try {
    const known = statSync(file, { throwIfNoEntry: false });
    // A pipe or a device is written to, and not replaced.
    if (known?.isFile() === false) writeFileSync(file, text);
    else replace(known === undefined ? file : realpathSync(file), text, known?.mode ?? 0o666);
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown error";
    throw new ScoutError("usage", `--out: ${file} cannot be written (${code})`, { cause: thrown });
  }
}

function replace(file: string, text: string, mode: number): void {
  const beside = `${file}.${randomUUID()}`;
  try {
    writeFileSync(beside, text, { flag: "wx", mode });
    renameSync(beside, file);
  } finally {
    rmSync(beside, { force: true });
  }
}
