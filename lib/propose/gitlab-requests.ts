/** ADAPTER: merge requests on GitLab, and its pages. */
import * as z from "zod";
import { ScoutError } from "../errors.ts";
import type { Http } from "./http.ts";
import { type Side, shaped } from "./reply.ts";
import type { NewPullRequest, PullRequest, Repository } from "./repository.ts";
import { warned } from "./warned.ts";

const perPage = 100;
const mostPages = 40;

const requestSchema = z.object({
  iid: z.int(),
  web_url: z.string(),
  state: z.enum(["opened", "closed", "merged", "locked"]),
  description: z.string().nullish(),
  source_branch: z.string(),
  source_project_id: z.int().nullish(),
});
const userSchema = z.array(z.object({ id: z.int(), username: z.string() }));

/** How a project of GitLab is asked. */
export interface Api extends Side {
  ask: Http;
  /** The project's own number, once it is known. */
  id(): string | number;
  /** A path below the project as the API's path. */
  at(path: string): string;
}

type Requests = Pick<Repository, "opened" | "history" | "open" | "rewrite" | "close" | "comment">;

export function gitlabRequests(api: Api, { draft, labels }: { draft: boolean; labels: readonly string[] }): Requests {
  const { ask, at } = api;
  const requests = async (query: string): Promise<PullRequest[]> => {
    const all = await pages(api, at(`/merge_requests?${query}`), z.array(requestSchema), "a list of merge requests");
    return all.filter(({ source_project_id: from }) => from === api.id()).map(requestOf);
  };
  const change = async (number: number, body: object) =>
    await ask({ method: "PUT", path: at(`/merge_requests/${number}`), body });
  return {
    opened: async (prefix) => (await requests("state=opened")).filter(({ branch }) => branch.startsWith(prefix)),
    history: async (branch) =>
      await requests(`state=all&source_branch=${encodeURIComponent(branch)}&order_by=created_at&sort=desc`),
    async open({ branch, base: to, title, body: description, reviewers }: NewPullRequest) {
      const warnings: string[] = [];
      const ids: number[] = [];
      for (const one of reviewers) {
        const lacks = `the reviewer ${one} could not be had`;
        const failed = await warned(lacks, async () => {
          const path = `/users?username=${encodeURIComponent(one)}`;
          const [user] = shaped(await ask({ method: "GET", path }), userSchema, "a list of users", api);
          if (user === undefined) warnings.push(`${lacks}: there is no such user`);
          else ids.push(user.id);
        });
        warnings.push(...failed);
      }
      const body = {
        ...{ source_branch: branch, target_branch: to, title: `${draft ? "Draft: " : ""}${title}`, description },
        ...{ remove_source_branch: true, reviewer_ids: ids, labels: labels.join(",") },
      };
      const reply = await ask({ method: "POST", path: at("/merge_requests"), body });
      const { iid, web_url } = shaped(reply, requestSchema, "the merge request", api);
      return { number: iid, url: web_url, warnings };
    },
    rewrite: async (number, description) => void (await change(number, { description })),
    close: async (number, description) => void (await change(number, { state_event: "close", description })),
    async comment(number, text) {
      await ask({ method: "POST", path: at(`/merge_requests/${number}/notes`), body: { body: text } });
    },
  };
}

/** `locked`: it is being merged. */
const requestOf = ({
  iid,
  web_url,
  state,
  description,
  source_branch,
}: z.infer<typeof requestSchema>): PullRequest => ({
  ...{ number: iid, url: web_url, branch: source_branch, body: description ?? "" },
  state: state === "opened" ? "open" : state === "locked" ? "merged" : state,
});

/** All pages of a list; none where the API says 404 and `isEmpty404`. @throws ScoutError `repository/…` */
export async function pages<T>(
  { ask, ...side }: Pick<Api, "ask"> & Side,
  path: string,
  shape: z.ZodType<T[]>,
  what: string,
  isEmpty404 = false,
): Promise<T[]> {
  const found: T[] = [];
  for (let page = 1; page <= mostPages; page += 1) {
    const all = `${path}${path.includes("?") ? "&" : "?"}per_page=${perPage}&page=${page}`;
    const reply = await ask({ method: "GET", path: all, bearable: isEmpty404 ? [404] : [] });
    if (reply.status === 404) return found;
    const some = shaped(reply, shape, what, side);
    found.push(...some);
    if (some.length < perPage) return found;
  }
  throw new ScoutError("repository/refused", `${side.name}: ${what} is too long`, { mend: "choose another folder" });
}
