/** What node:sqlite throws → the errors of a store. Pure. */
import { ScoutError } from "../errors.ts";

/** SQLite's primary result code of an error of node:sqlite, or 0. https://www.sqlite.org/rescode.html */
function resultCode(thrown: unknown): number {
  const code = thrown instanceof Error && "errcode" in thrown ? Number(thrown.errcode) : 0;
  return Number.isInteger(code) ? code & 0xff : 0;
}

export const isBusy = (thrown: unknown) => resultCode(thrown) === 5 || resultCode(thrown) === 6;

export function busy(path: string, cause: unknown): ScoutError {
  return new ScoutError("store/busy", `another run is using the state file ${path}`, {
    mend: "wait for it to end, or stop it",
    cause,
  });
}

/** What went wrong with the state file, and what to do; a ScoutError stays as it is. */
export function storeError(path: string, thrown: unknown): ScoutError {
  if (thrown instanceof ScoutError) return thrown;
  if (isBusy(thrown)) return busy(path, thrown);
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  if ([11, 26].includes(resultCode(thrown))) {
    return new ScoutError("store/corrupt", `the state file ${path} is damaged or no state file: ${text}`, {
      mend: "move it away (a new one is learned from Prometheus' history), or restore a copy",
      cause: thrown,
    });
  }
  return new ScoutError("store/unavailable", `the state file ${path} cannot be used: ${text}`, {
    mend: "give --state sqlite:PATH in a folder that exists and can be written, with room on the disk",
    cause: thrown,
  });
}
