/** PORT: the repository that pull requests go to. GitLab's merge requests are pull requests here, its projects repositories. */

export interface Commit {
  id: string;
  parents: readonly string[];
  message: string;
  /** Somebody else than its author committed it, or at another time: it was amended, or moved to another base. */
  isAmended: boolean;
}

export interface PullRequest {
  number: number;
  url: string;
  branch: string;
  state: "open" | "closed" | "merged";
  /** Markdown; whoever may write to the repository may have changed it. */
  body: string;
}

/** The files under a folder, by their path below it: the id of each one's content, as Git has it. */
export type FileIds = ReadonlyMap<string, string>;

export interface NewCommit {
  branch: string;
  /** The branch's head by now, null where there is no such branch. */
  before: string | null;
  /** The commit's only parent, and what the folder holds there. */
  parent: string;
  folder: string;
  known: FileIds;
  /** Texts by path below the folder. */
  files: ReadonlyMap<string, string>;
  message: string;
}

export interface NewPullRequest {
  branch: string;
  /** The branch that it is to go to. */
  base: string;
  title: string;
  body: string;
  reviewers: readonly string[];
}

/** All of it throws ScoutError `repository/…` or `interrupted`; secrets are cut from all it says. */
export interface Repository {
  /** `HOST NAME`, for people. */
  name: string;
  /** The most characters of a body. */
  bodyLimit: number;
  /** The branch that pull requests go to, its head, and what is to be said of the settings. */
  base(): Promise<{ branch: string; commit: string; warnings: string[] }>;
  /** The commit at the end of a branch; null where there is no such branch. */
  head(branch: string): Promise<Commit | null>;
  files(commit: string, folder: string): Promise<FileIds>;
  /** The text of a content. */
  read(id: string): Promise<string>;
  /** Makes one commit and has the branch point to it, whatever it pointed to. */
  commit(what: NewCommit): Promise<void>;
  /** Deletes a branch; one that is gone is no error. */
  remove(branch: string): Promise<void>;
  /** The open ones whose branch is in the repository itself and begins so. */
  opened(prefix: string): Promise<PullRequest[]>;
  /** All of a branch of the repository itself, newest first. */
  history(branch: string): Promise<PullRequest[]>;
  /** @returns the new one, and why some of what was asked for could not be had (reviewers, labels) */
  open(what: NewPullRequest): Promise<{ number: number | null; url: string | null; warnings: string[] }>;
  rewrite(number: number, body: string): Promise<void>;
  close(number: number, body: string): Promise<void>;
  comment(number: number, text: string): Promise<void>;
}
