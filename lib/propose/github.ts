/** ADAPTER: a repository on GitHub (github.com, GHE.com, Enterprise Server), by its REST API, without a clone. */
import * as z from "zod";
import { ScoutError } from "../errors.ts";
import { githubFiles } from "./github-files.ts";
import { githubPulls } from "./github-pulls.ts";
import { type HttpSettings, http } from "./http.ts";
import { isAmended, objectId, shaped } from "./reply.ts";
import type { Repository } from "./repository.ts";

export interface GithubSettings extends Pick<HttpSettings, "wait"> {
  /** `owner/name`. */
  repository: string;
  token: string;
  apiUrl: string;
  /** Null for the repository's default branch. */
  base: string | null;
  draft: boolean;
  labels: readonly string[];
  /** Milliseconds for one request. */
  timeout: number;
}

const permissions = "contents: write and pull requests: write on this repository";
/** https://docs.github.com/rest: descriptions of issues and pull requests. */
const bodyLimit = 65_536;

const repositorySchema = z.object({
  full_name: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  default_branch: z.string(),
  archived: z.boolean().optional(),
});
const refSchema = z.object({ object: z.object({ sha: objectId }) });
const person = z.object({ email: z.string().nullish(), date: z.string().nullish() }).nullish();
const commitSchema = z.object({
  sha: objectId,
  message: z.string(),
  parents: z.array(z.object({ sha: objectId })),
  author: person,
  committer: person,
});
export function github(settings: GithubSettings): Repository {
  const { repository, token, base, labels, draft } = settings;
  const name = `github ${repository}`;
  const side = { name, secrets: [token], permissions };
  const headers = {
    accept: "application/vnd.github+json",
    authorization: `Bearer ${token}`,
    "user-agent": "egress-scout",
    "x-github-api-version": "2022-11-28",
  };
  const ask = http({ ...settings, ...side, headers, apiUrl: settings.apiUrl.replace(/\/+$/, "") });
  let place = repository;
  const at = (path: string) => `/repos/${place}${path}`;
  const files = githubFiles(ask, at, side);
  const refPath = (branch: string) => `/git/ref/heads/${encoded(branch)}`;
  const sha = async (branch: string): Promise<string | null> => {
    const reply = await ask({ method: "GET", path: at(refPath(branch)), bearable: [404] });
    return reply.status === 404 ? null : shaped(reply, refSchema, "a ref", side).object.sha;
  };
  return {
    ...githubPulls({ ...side, ask, at, place: () => place }, { draft, labels }),
    ...{ name, bodyLimit, files: files.list, read: files.read },
    async base() {
      const reply = await ask({ method: "GET", path: at("") });
      const { full_name, default_branch, archived } = shaped(reply, repositorySchema, "the repository", side);
      const isRenamed = full_name.toLowerCase() !== repository.toLowerCase();
      place = full_name;
      const branch = base ?? default_branch;
      if (archived === true) throw refused(name, "is archived", "nothing can be proposed there");
      const commit = await sha(branch);
      if (commit === null) throw refused(name, `has no branch ${branch}`, "set base to a branch that is there");
      const warnings = isRenamed ? [`${repository} is ${full_name} now: change it in the config`] : [];
      return { branch, commit, warnings };
    },
    async head(branch) {
      const id = await sha(branch);
      if (id === null) return null;
      const reply = await ask({ method: "GET", path: at(`/git/commits/${id}`) });
      const { message, parents, author, committer } = shaped(reply, commitSchema, "a commit", side);
      // GitHub itself commits what its pages do.
      const isGithub = committer?.email === "noreply@github.com";
      return {
        ...{ id, message, parents: parents.map((one) => one.sha) },
        isAmended: !isGithub && isAmended([author?.email, author?.date], [committer?.email, committer?.date]),
      };
    },
    async commit({ branch, before, ...what }) {
      const made = await files.commit(what);
      if (before === null) {
        await ask({ method: "POST", path: at("/git/refs"), body: { ref: `refs/heads/${branch}`, sha: made } });
        return;
      }
      if ((await sha(branch)) !== before) throw refused(name, `${branch} was pushed to meanwhile`, "plan again");
      const path = at(`/git/refs/heads/${encoded(branch)}`);
      await ask({ method: "PATCH", path, body: { sha: made, force: true } });
    },
    async remove(branch) {
      await ask({ method: "DELETE", path: at(`/git/refs/heads/${encoded(branch)}`), bearable: [404, 422] });
    },
  };
}

const encoded = (branch: string) => branch.split("/").map(encodeURIComponent).join("/");

const refused = (name: string, what: string, mend: string) =>
  new ScoutError("repository/refused", `${name}: ${what}`, { mend });
