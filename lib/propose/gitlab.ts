/** ADAPTER: a project on GitLab, by its REST API (v4), without a clone. */
import * as z from "zod";
import { ScoutError } from "../errors.ts";
import { gitlabRequests, pages } from "./gitlab-requests.ts";
import { type HttpSettings, http } from "./http.ts";
import { isAmended, objectId, shaped } from "./reply.ts";
import type { Repository } from "./repository.ts";

export interface GitlabSettings extends Pick<HttpSettings, "wait"> {
  /** `group/name`, groups within groups as well. */
  project: string;
  token: string;
  apiUrl: string;
  /** Null for the project's default branch. */
  base: string | null;
  draft: boolean;
  labels: readonly string[];
  /** Milliseconds for one request. */
  timeout: number;
}

const permissions = "the scope api and the role Developer in this project";
/** GitLab's `description_limit`. */
const bodyLimit = 1_048_576;

const projectSchema = z.object({
  id: z.int(),
  path_with_namespace: z.string().regex(/^[\w.-]+(\/[\w.-]+)+$/),
  default_branch: z.string().nullish(),
  archived: z.boolean().optional(),
});
const branchSchema = z.object({
  commit: z.object({
    id: objectId,
    message: z.string(),
    parent_ids: z.array(objectId).nullish(),
    author_email: z.string().nullish(),
    committer_email: z.string().nullish(),
    authored_date: z.string().nullish(),
    committed_date: z.string().nullish(),
  }),
});
const treeSchema = z.array(z.object({ id: objectId, type: z.string(), path: z.string() }));
export function gitlab(settings: GitlabSettings): Repository {
  const { project, token, base, draft, labels } = settings;
  const name = `gitlab ${project}`;
  const side = { name, secrets: [token], permissions };
  const apiUrl = settings.apiUrl.replace(/\/+$/, "");
  // Taken of personal, project and group tokens and of OAuth alike.
  const headers = { authorization: `Bearer ${token}`, "user-agent": "egress-scout" };
  const ask = http({ ...settings, ...side, headers, apiUrl });
  let id: string | number = encodeURIComponent(project);
  const at = (path: string) => `/projects/${id}${path}`;
  const branchAt = (branch: string) => at(`/repository/branches/${encodeURIComponent(branch)}`);
  const api = { ...side, ask, at, id: () => id };
  const known = new Map<string, ReadonlyMap<string, string>>();

  const branchOf = async (branch: string) => {
    const reply = await ask({ method: "GET", path: branchAt(branch), bearable: [404] });
    return reply.status === 404 ? null : shaped(reply, branchSchema, "a branch", side).commit;
  };
  return {
    ...gitlabRequests(api, { draft, labels }),
    ...{ name, bodyLimit },
    async base() {
      const reply = await ask({ method: "GET", path: at("") });
      const found = shaped(reply, projectSchema, "the project", side);
      id = found.id;
      const branch = base ?? found.default_branch ?? "";
      if (found.archived === true) throw refused(name, "is archived", "nothing can be proposed there");
      const commit = await branchOf(branch);
      if (commit === null) throw refused(name, `has no branch ${branch}`, "set base to a branch that is there");
      const isMoved = found.path_with_namespace.toLowerCase() !== project.toLowerCase();
      const warnings = isMoved ? [`${project} is ${found.path_with_namespace} now: change it in the config`] : [];
      return { branch, commit: commit.id, warnings };
    },
    async head(branch) {
      const found = await branchOf(branch);
      if (found === null) return null;
      const { author_email, authored_date, committer_email, committed_date } = found;
      return {
        ...{ id: found.id, message: found.message, parents: found.parent_ids ?? [] },
        isAmended: isAmended([author_email, authored_date], [committer_email, committed_date]),
      };
    },
    async files(commit, folder) {
      const before = known.get(commit);
      if (before !== undefined) return before;
      const path = at(`/repository/tree?path=${encodeURIComponent(folder)}&ref=${commit}&recursive=true`);
      const all = await pages(api, path, treeSchema, "a tree", true);
      const blobs = all.filter(({ type }) => type === "blob");
      const files = new Map(blobs.map((one) => [one.path.slice(folder.length + 1), one.id]));
      known.set(commit, files);
      return files;
    },
    read: async (blob) => (await ask({ method: "GET", path: at(`/repository/blobs/${blob}/raw`) })).text,
    async commit({ branch, before, parent, folder, known: there, files, message }) {
      if (((await branchOf(branch))?.id ?? null) !== before)
        throw refused(name, `${branch} was pushed to meanwhile`, "plan again");
      const actions = [...files].map(([path, content]) => ({
        ...{ action: there.has(path) ? "update" : "create", file_path: `${folder}/${path}`, content, encoding: "text" },
      }));
      const body = { branch, start_sha: parent, force: before !== null, commit_message: message, actions };
      await ask({ method: "POST", path: at("/repository/commits"), body });
    },
    async remove(branch) {
      await ask({ method: "DELETE", path: branchAt(branch), bearable: [404] });
    },
  };
}

const refused = (name: string, what: string, mend: string) =>
  new ScoutError("repository/refused", `${name}: ${what}`, { mend });
