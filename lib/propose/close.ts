/** A pull request of ours that nothing is proposed in any more: closed with a reason, or kept where there is none that is sure. No I/O of its own. */
import { changed, isOurs } from "./files.ts";
import type { Proposed } from "./proposed.ts";
import type { PullRequest, Repository } from "./repository.ts";
import { noteOf, withSection } from "./section.ts";
import { warned } from "./warned.ts";

/** What a plan knows besides what it proposes. */
export interface Knowledge {
  /** `NAMESPACE/NAME` as the paths of files have it (`pathOf`), of the entries in force. */
  inForce: ReadonlySet<string>;
  /** Paths that the plan's manifests would have, whichever team they are for. */
  planned: ReadonlySet<string>;
  /** Why it may not have seen everything; null where nothing speaks for that. */
  doubt: string | null;
}

interface Closing {
  repository: Repository;
  folder: string;
  knowledge: Knowledge;
  /** Why, where that is known already. */
  reason: string | null;
}

/**
 * Closes it and deletes its branch, unless others have pushed to it, or the plan cannot tell why nothing is left: no data is never "all is
 * covered".
 */
export async function closeOrKeep(
  one: PullRequest,
  { repository, folder, knowledge, reason }: Closing,
): Promise<Pick<Proposed, "state" | "number" | "url" | "files" | "why"> & Partial<Pick<Proposed, "warnings">>> {
  const { number, url, branch } = one;
  const head = await repository.head(branch);
  const parent = head?.parents[0];
  const note = noteOf(one.body);
  const ids =
    head === null || parent === undefined
      ? new Map<string, string>()
      : changed(await repository.files(parent, folder), await repository.files(head.id, folder));
  const files = [...ids.keys()];
  const known = { number, url, files };
  if (note === null || head === null || !isOurs(head, ids)) {
    const whose = head === null ? "is gone" : "has commits of others";
    return { ...known, state: "left", why: `nothing is left to be proposed; its branch ${whose}` };
  }
  const why = reason ?? whyClosed(files, knowledge);
  if (why === null) return { ...known, state: "kept", why: `nothing is proposed any more, but ${knowledge.doubt}` };
  await repository.close(number, withSection(one.body, { ...note, closed: true }, "Closed by `egress-scout plan`."));
  // Closed it is asked for no more: what fails from here on is said, and keeps nothing else from being done.
  const said = `Closed: ${why}. It comes back when there is something to propose.`;
  const warnings = [
    ...(await warned(`its branch ${branch} stays behind`, () => repository.remove(branch))),
    ...(await warned("the comment that says why could not be had", () => repository.comment(number, said))),
  ];
  return { ...known, state: "closed", why, warnings };
}

function whyClosed(files: readonly string[], { inForce, planned, doubt }: Knowledge): string | null {
  if (files.every((path) => inForce.has(path))) return "all of it is in force";
  if (doubt !== null) return null;
  return files.every((path) => inForce.has(path) || planned.has(path))
    ? "it is in force, or in another pull request"
    : "these flows are in force, denied, or were not seen any more";
}
