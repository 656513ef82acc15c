/** What became of the pull requests. */
import type { ScoutError } from "../errors.ts";
import type { PullRequest } from "./repository.ts";

/**
 * `merged`: the base branch has it all, it waits to be applied. `declined`: a person closed it. `left`: the branch has commits of others.
 * `kept`: open still, though nothing is proposed any more, since the plan cannot tell why.
 */
export type State = "opened" | "updated" | "unchanged" | "closed" | "merged" | "declined" | "left" | "kept" | "failed";

/** What became of one team's pull request. */
export interface Proposed {
  team: string;
  state: State;
  branch: string;
  number: number | null;
  url: string | null;
  /** What it holds, below the folder. */
  files: string[];
  /** Why, where there is something to say; one sentence. */
  why: string | null;
  warnings: string[];
  error: ScoutError | null;
}

export const placeOf = (one: PullRequest | null) => ({ number: one?.number ?? null, url: one?.url ?? null });

export const nothing = (team: string, branch: string): Proposed => ({
  ...{ team, state: "unchanged", branch, number: null, url: null, files: [], why: null, warnings: [], error: null },
});
