/** ADAPTER: files and commits on GitHub, by its Git database API. Trees never change, so each is asked for once. */
import * as z from "zod";
import { ScoutError } from "../errors.ts";
import type { Http } from "./http.ts";
import { objectId, type Side, shaped } from "./reply.ts";
import type { FileIds, NewCommit } from "./repository.ts";

const commitSchema = z.object({ tree: z.object({ sha: objectId }) });
const treeSchema = z.object({
  truncated: z.boolean().optional(),
  tree: z.array(z.object({ path: z.string(), type: z.string(), sha: objectId })),
});
const made = z.object({ sha: objectId });
const blobSchema = z.object({ content: z.string(), encoding: z.enum(["base64", "utf-8"]) });
type Tree = z.infer<typeof treeSchema>["tree"];

/** @param at a path below the repository as the API's path */
export function githubFiles(ask: Http, at: (path: string) => string, side: Side) {
  const trees = new Map<string, Tree>();
  const roots = new Map<string, string>();
  const rootOf = async (commit: string): Promise<string> => {
    const known = roots.get(commit);
    if (known !== undefined) return known;
    const reply = await ask({ method: "GET", path: at(`/git/commits/${commit}`) });
    const { sha } = shaped(reply, commitSchema, "a commit", side).tree;
    roots.set(commit, sha);
    return sha;
  };
  const treeOf = async (sha: string, query: string): Promise<Tree> => {
    const known = trees.get(sha + query);
    if (known !== undefined) return known;
    const reply = await ask({ method: "GET", path: at(`/git/trees/${sha}${query}`) });
    const { tree, truncated } = shaped(reply, treeSchema, "a tree", side);
    if (truncated === true) throw tooMuch(side);
    trees.set(sha + query, tree);
    return tree;
  };
  return {
    async list(commit: string, folder: string): Promise<FileIds> {
      let sha = await rootOf(commit);
      for (const part of folder.split("/")) {
        const found = (await treeOf(sha, "")).find(({ path }) => path === part);
        if (found === undefined) return new Map();
        if (found.type !== "tree") throw noFolder(side, folder);
        sha = found.sha;
      }
      const all = await treeOf(sha, "?recursive=1");
      return new Map(all.filter(({ type }) => type === "blob").map((one) => [one.path, one.sha]));
    },
    async read(id: string): Promise<string> {
      const reply = await ask({ method: "GET", path: at(`/git/blobs/${id}`) });
      const { content, encoding } = shaped(reply, blobSchema, "a blob", side);
      return encoding === "utf-8" ? content : Buffer.from(content, "base64").toString("utf8");
    },
    /** @returns the new commit's id */
    async commit({ parent, folder, files, message }: Pick<NewCommit, "parent" | "folder" | "files" | "message">) {
      const tree = [...files].map(([path, content]) => ({
        ...{ path: `${folder}/${path}`, mode: "100644", type: "blob", content },
      }));
      const body = { base_tree: await rootOf(parent), tree };
      const written = shaped(await ask({ method: "POST", path: at("/git/trees"), body }), made, "the tree", side);
      const commit = { message, tree: written.sha, parents: [parent] };
      return shaped(await ask({ method: "POST", path: at("/git/commits"), body: commit }), made, "the commit", side)
        .sha;
    },
  };
}

const tooMuch = ({ name }: Side) =>
  new ScoutError("repository/refused", `${name}: a folder is too big for its API`, { mend: "choose another folder" });
const noFolder = ({ name }: Side, folder: string) =>
  new ScoutError("repository/refused", `${name}: ${folder}, or a part of it, is no folder there`, {
    mend: "choose another folder",
  });
