/** A Git repository in memory, its objects named by their content as Git does: for what stands in for GitHub and GitLab. */
import { createHash } from "node:crypto";

export interface Identity {
  name: string;
  email: string;
  /** RFC 3339. */
  date?: string;
}

export interface GitCommit {
  sha: string;
  tree: string;
  parents: string[];
  message: string;
  author: Identity;
  committer: Identity;
}

/** Of one folder: `sha` by name. */
type Tree = Map<string, { type: "blob" | "tree"; sha: string }>;
/** Ids of contents by whole path. */
export type Flat = Map<string, string>;

const idOf = (type: string, content: Buffer) =>
  createHash("sha1").update(`${type} ${content.length}\0`).update(content).digest("hex");

export class GitObjects {
  readonly blobs = new Map<string, string>();
  readonly trees = new Map<string, Tree>();
  readonly commits = new Map<string, GitCommit>();
  readonly branches = new Map<string, string>();
  #made = 0;
  /** Who commits what is made by the API: a host that signs commits does so itself. */
  signer: Identity = bot;

  blob(text: string): string {
    const sha = idOf("blob", Buffer.from(text, "utf8"));
    this.blobs.set(sha, text);
    return sha;
  }

  /** @returns the id of the tree with these files */
  tree(files: Flat): string {
    const folders = new Map<string, Flat>();
    const tree: Tree = new Map();
    for (const [path, sha] of files) {
      const [name = "", ...rest] = path.split("/");
      if (rest.length === 0) tree.set(name, { type: "blob", sha });
      else folders.set(name, (folders.get(name) ?? new Map()).set(rest.join("/"), sha));
    }
    for (const [name, inside] of folders) tree.set(name, { type: "tree", sha: this.tree(inside) });
    const order = (name: string, type: string) => (type === "tree" ? `${name}/` : name);
    const sorted = [...tree].sort(([a, { type: x }], [b, { type: y }]) => (order(a, x) < order(b, y) ? -1 : 1));
    const content = sorted.map(([name, { type, sha }]) =>
      Buffer.concat([Buffer.from(`${type === "tree" ? "40000" : "100644"} ${name}\0`), Buffer.from(sha, "hex")]),
    );
    const id = idOf("tree", Buffer.concat(content));
    this.trees.set(id, new Map(sorted));
    return id;
  }

  flat(tree: string, under = ""): Flat {
    const files: Flat = new Map();
    for (const [name, { type, sha }] of this.trees.get(tree) ?? []) {
      if (type === "blob") files.set(`${under}${name}`, sha);
      else for (const [path, id] of this.flat(sha, `${under}${name}/`)) files.set(path, id);
    }
    return files;
  }

  commit(what: Omit<GitCommit, "sha">): string {
    this.#made += 1;
    const sha = idOf("commit", Buffer.from(JSON.stringify([what, this.#made]), "utf8"));
    this.commits.set(sha, { sha, ...what });
    return sha;
  }

  filesAt(commit: string): Flat {
    return this.flat(this.commits.get(commit)?.tree ?? "");
  }

  /** What a branch holds, by path. */
  texts(branch: string): Record<string, string> {
    const files = this.filesAt(this.branches.get(branch) ?? "");
    return Object.fromEntries([...files].map(([path, sha]) => [path, this.blobs.get(sha) ?? ""]));
  }

  /** As a person does with Git: a commit on top of a branch; null deletes a file. `amend`: in place of the one on top. */
  push(branch: string, files: Record<string, string | null>, who: Identity, amend = false): void {
    const before = this.commits.get(this.branches.get(branch) ?? "");
    const all = before === undefined ? new Map<string, string>() : this.flat(before.tree);
    for (const [path, text] of Object.entries(files)) {
      if (text === null) all.delete(path);
      else all.set(path, this.blob(text));
    }
    const tree = this.tree(all);
    const made =
      amend && before !== undefined
        ? { ...before, tree, committer: { ...who, date: "2026-11-20T10:00:00Z" } }
        : {
            tree,
            parents: before === undefined ? [] : [before.sha],
            message: "by hand",
            author: { ...who, date: began },
            committer: { ...who, date: began },
          };
    const { tree: root, parents, message, author, committer } = made;
    this.branches.set(branch, this.commit({ tree: root, parents, message, author, committer }));
  }

  /** As a squash does: what `from` changed, on top of `to`. */
  merge(from: string, to: string, who: Identity): void {
    const head = this.commits.get(this.branches.get(from) ?? "");
    const before = this.filesAt(head?.parents[0] ?? "");
    const changed = [...this.filesAt(head?.sha ?? "")].filter(([path, sha]) => before.get(path) !== sha);
    this.push(to, Object.fromEntries(changed.map(([path, sha]) => [path, this.blobs.get(sha) ?? ""])), who);
  }
}

const began = "2026-11-20T09:00:00Z";
export const person: Identity = { name: "Ada", email: "ada@example.com" };
export const bot: Identity = { name: "mesh-bot", email: "bot@example.com", date: began };
