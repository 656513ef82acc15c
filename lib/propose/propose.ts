/** Brings the pull requests of a cluster to what its plan proposes. No I/O of its own. */
import { asScoutError, type ScoutError } from "../errors.ts";
import { bodyOf, factsOf } from "./body.ts";
import { closeOrKeep, type Knowledge } from "./close.ts";
import { changed, commitMessage, isOurs, isSame, mark } from "./files.ts";
import { branchPrefix, contentId } from "./names.ts";
import type { Proposal } from "./proposal.ts";
import { nothing, type Proposed, placeOf } from "./proposed.ts";
import type { FileIds, PullRequest, Repository } from "./repository.ts";
import { lengthOfOthers, type Note, noteOf, withSection } from "./section.ts";

export interface ProposeSettings {
  folder: string;
  reviewersOf: (team: string) => readonly string[];
}

/** After these the next team would fare no better; after the last one only where it comes twice on end. */
const ends = ["repository/rate-limited", "repository/unauthorized", "repository/unavailable"];

/**
 * One after the other, in order of team; one that fails does not stop the others, unless they would fail for the same reason.
 * @throws ScoutError where the repository or its base branch cannot be read
 */
export async function propose(
  all: readonly Proposal[],
  cluster: string,
  repository: Repository,
  settings: ProposeSettings,
  knowledge: Knowledge,
): Promise<{ done: Proposed[]; warnings: string[] }> {
  const { warnings, ...base } = await repository.base();
  const opened = await repository.opened(branchPrefix(cluster));
  const wanted = new Set(all.map(({ branch }) => branch));
  const others = opened.filter(({ branch }) => !wanted.has(branch));
  const done: Proposed[] = [];
  let end: ScoutError | null = null;
  const attempt = async (team: string, branch: string, work: () => Promise<Proposed>) => {
    const failed = (error: ScoutError) => ({ ...nothing(team, branch), state: "failed" as const, error });
    if (end !== null) return void done.push(failed(end));
    try {
      done.push(await work());
    } catch (thrown) {
      const error = asScoutError(thrown);
      const isSecond = done.at(-1)?.error?.code === error.code;
      if (ends.includes(error.code) && (isSecond || error.code !== "repository/unavailable")) end = error;
      done.push(failed(error));
    }
  };
  for (const one of all) {
    await attempt(one.team, one.branch, () => proposeOne(one, { repository, settings, base, knowledge }));
  }
  for (const one of others) {
    const team = noteOf(one.body)?.team ?? one.branch.slice(branchPrefix(cluster).length);
    const close = () => closeOrKeep(one, { repository, folder: settings.folder, knowledge, reason: null });
    await attempt(team, one.branch, async () => ({ ...nothing(team, one.branch), ...(await close()) }));
  }
  return { done, warnings };
}

interface Surroundings {
  repository: Repository;
  settings: ProposeSettings;
  base: { branch: string; commit: string };
  knowledge: Knowledge;
}

async function proposeOne(proposal: Proposal, around: Surroundings): Promise<Proposed> {
  const { repository, settings, base, knowledge } = around;
  const { team, branch } = proposal;
  const { folder } = settings;
  const history = await repository.history(branch);
  const open = history.find(({ state }) => state === "open") ?? null;
  const inBase = await repository.files(base.commit, folder);
  const { files, isDeclined } = await stillWanted(proposal, history, inBase, repository);
  const known = { ...nothing(team, branch), ...placeOf(open), files: [...files.keys()] };
  if (files.size === 0) {
    const why = isDeclined ? "a person closed the same" : "the base branch has it all, or had it merged";
    if (open === null) return { ...known, state: isDeclined ? "declined" : "merged", why };
    return { ...known, ...(await closeOrKeep(open, { repository, folder, knowledge, reason: why })) };
  }
  const flows = proposal.flows.filter(({ path }) => path !== null && files.has(path));
  const wanted: Wanted = { ...proposal, files, flows, inBase };
  const written = await writeBranch(wanted, open, around);
  if (written === "not-ours") {
    const why = "the branch has commits of others: it is left as it is. Merge it, or delete it to have it made anew";
    return { ...known, state: "left", why };
  }
  const note = noteFor(wanted);
  const before = open === null ? null : noteOf(open.body);
  if (open !== null && !written && before?.facts === note.facts && !before.closed) return known;
  const body = bodyFor(open?.body ?? "", wanted, folder, repository.bodyLimit);
  if (open !== null) {
    await repository.rewrite(open.number, body);
    return { ...known, state: "updated" };
  }
  const what = { branch, base: base.branch, title: proposal.title, body, reviewers: settings.reviewersOf(team) };
  return { ...known, state: "opened", ...(await repository.open(what)) };
}

interface Wanted extends Proposal {
  /** What the folder holds in the base branch. */
  inBase: FileIds;
}

/**
 * Has the branch hold one commit on top of the base branch with what is wanted. One that does already stays where it is, though the base
 * branch went on, as long as that changed none of these files: reviews and checks hold on to a commit.
 * @returns whether there is a new commit; `not-ours` where the branch has commits of others
 */
async function writeBranch(
  { branch, title, files, inBase, ...rest }: Wanted,
  open: PullRequest | null,
  { repository, settings: { folder }, base }: Surroundings,
): Promise<boolean | "not-ours"> {
  const head = await repository.head(branch);
  if (head !== null) {
    const [parent = head.id] = head.parents;
    const atParent = await repository.files(parent, folder);
    const ids = changed(atParent, await repository.files(head.id, folder));
    if (!isOurs(head, ids)) return "not-ours";
    const marks = open === null ? undefined : noteOf(open.body)?.marks;
    const holds =
      sameList(marks, noteFor({ ...rest, branch, title, files }).marks) && sameList([...ids.keys()], [...files.keys()]);
    if (holds && [...files.keys()].every((path) => atParent.get(path) === inBase.get(path))) return false;
  }
  const contents = new Map([...files].map(([path, text]) => [path, contentId(text, base.commit)]));
  const message = commitMessage(title, contents);
  const before = head?.id ?? null;
  await repository.commit({ branch, before, parent: base.commit, folder, known: inBase, files, message });
  return true;
}

/** What is neither in the base branch nor was answered by a person before, and whether that answer was a no. */
async function stillWanted(
  { files }: Proposal,
  history: readonly PullRequest[],
  inBase: FileIds,
  repository: Repository,
): Promise<{ files: Map<string, string>; isDeclined: boolean }> {
  const answers = answersIn(history);
  const wanted = new Map<string, string>();
  let isDeclined = false;
  for (const [path, text] of files) {
    const id = inBase.get(path);
    const answer = answers.get(mark(path, text));
    if (answer === "closed") isDeclined = true;
    else if (answer === undefined && !(id !== undefined && (await isThere(id, text, repository))))
      wanted.set(path, text);
  }
  return { files: wanted, isDeclined };
}

/** By mark, the newest. What we closed ourselves is no answer, and one that a person opened again is none any more. */
function answersIn(history: readonly PullRequest[]): Map<string, "closed" | "merged" | "open"> {
  const answers = new Map<string, "closed" | "merged" | "open">();
  const isOpen = ({ state }: PullRequest) => (state === "open" ? 0 : 1);
  for (const { body, state } of history.toSorted((a, b) => isOpen(a) - isOpen(b))) {
    const note = noteOf(body);
    if (note === null || (note.closed && state === "closed")) continue;
    for (const one of note.marks) if (!answers.has(one)) answers.set(one, state);
  }
  for (const [one, answer] of answers) if (answer === "open") answers.delete(one);
  return answers;
}

const isThere = async (id: string, text: string, repository: Repository): Promise<boolean> =>
  contentId(text, id) === id || isSame(await repository.read(id), text);

const noteFor = (proposal: Proposal): Note => ({
  ...{ team: proposal.team, facts: factsOf(proposal), closed: false },
  marks: [...proposal.files].map(([path, text]) => mark(path, text)),
});

/** More nobody reads, and lists of pull requests hold them whole. */
const most = 60_000;

/** The limit counts what is around our part, too. */
function bodyFor(before: string, proposal: Proposal, folder: string, limit: number): string {
  const note = noteFor(proposal);
  const room = limit - lengthOfOthers(before) - withSection("", note, "").length - 200;
  return withSection(before, note, bodyOf(proposal, folder, Math.min(most, Math.max(room, 4_000))));
}

const sameList = (one: readonly string[] | undefined, other: readonly string[]): boolean =>
  one !== undefined && JSON.stringify([...one].sort()) === JSON.stringify([...other].sort());
