/** Which files a pull request is about, and whether they are what they were. Pure. */
import { hash } from "./names.ts";
import type { Commit, FileIds } from "./repository.ts";

/** These move with the period that a plan looks at: a manifest that differs in them alone is the same. */
const dated = /^ *["']?egress-scout\/(?:first-seen|review-by)["']?:.*\n?/gm;

/** Is it the same manifest, whatever its dates? */
export const isSame = (one: string, other: string): boolean => undated(one) === undated(other);

const undated = (text: string) => text.replaceAll(dated, "");

/** What stands for a file, its path included, whatever its dates: 48 bits, to be compared with the files of one team alone. */
export const mark = (path: string, text: string): string => hash(JSON.stringify([path, undated(text)])).slice(0, 12);

/** What a commit changed below the folder. */
export function changed(before: FileIds, after: FileIds): Map<string, string> {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return new Map(
    paths.filter((path) => before.get(path) !== after.get(path)).map((path) => [path, after.get(path) ?? "-"]),
  );
}

const trailer = "Egress-Scout-Files";

/** The message of a commit of ours, which says what it changed: that it is ours can be seen by it, and that nobody changed it since. */
export function commitMessage(title: string, ids: ReadonlyMap<string, string>): string {
  return `${title}\n\nWhat \`egress-scout plan\` saw these workloads call, as ServiceEntries.\n\n${trailer}: ${digest(ids)}\n`;
}

/** Was the commit made by us, and is it as we made it? @param ids what it changed */
export function isOurs(commit: Commit, ids: ReadonlyMap<string, string>): boolean {
  const said = new RegExp(`^${trailer}: ([0-9a-f]{64})$`, "m").exec(commit.message)?.[1];
  return commit.parents.length === 1 && !commit.isAmended && said === digest(ids);
}

const digest = (ids: ReadonlyMap<string, string>) =>
  hash(JSON.stringify([...ids].sort(([a], [b]) => (a < b ? -1 : 1))));
