/** ADAPTER: pull requests on GitHub. */
import * as z from "zod";
import type { Http } from "./http.ts";
import { type Side, shaped } from "./reply.ts";
import type { NewPullRequest, PullRequest, Repository } from "./repository.ts";
import { warned } from "./warned.ts";

const perPage = 50;
const mostPages = 40;

const pullSchema = z.object({
  number: z.int(),
  html_url: z.string(),
  state: z.enum(["open", "closed"]),
  merged_at: z.string().nullish(),
  body: z.string().nullish(),
  head: z.object({ ref: z.string(), repo: z.object({ full_name: z.string() }).nullish() }),
});

/** How a repository of GitHub is asked. */
export interface Api extends Side {
  ask: Http;
  /** `owner/name`, as GitHub calls it by now. */
  place(): string;
  /** A path below the repository as the API's path. */
  at(path: string): string;
}

type Pulls = Pick<Repository, "opened" | "history" | "open" | "rewrite" | "close" | "comment">;

export function githubPulls(api: Api, { draft, labels }: { draft: boolean; labels: readonly string[] }): Pulls {
  const { ask, at, place } = api;
  const pulls = async (query: string): Promise<PullRequest[]> => {
    const found: PullRequest[] = [];
    for (let page = 1; page <= mostPages; page += 1) {
      const path = at(`/pulls?${query}&per_page=${perPage}&page=${page}`);
      const pulled = shaped(await ask({ method: "GET", path }), z.array(pullSchema), "a list of pull requests", api);
      found.push(...pulled.filter((one) => isHere(one, place())).map(pullOf));
      if (pulled.length < perPage) break;
    }
    return found;
  };
  return {
    opened: async (prefix) => (await pulls("state=open")).filter(({ branch }) => branch.startsWith(prefix)),
    history: async (branch) => {
      const head = encodeURIComponent(`${place().split("/")[0]}:${branch}`);
      return (await pulls(`state=all&head=${head}&sort=created&direction=desc`)).filter((one) => one.branch === branch);
    },
    async open({ branch, base: to, title, body, reviewers }: NewPullRequest) {
      const content = { title, body, head: branch, base: to, draft };
      const reply = await ask({ method: "POST", path: at("/pulls"), body: content });
      const { number, html_url: url } = shaped(reply, pullSchema, "the pull request", api);
      const warnings = [
        ...(await labelled(ask, at(`/issues/${number}/labels`), labels)),
        ...(await reviewed(ask, at(`/pulls/${number}/requested_reviewers`), reviewers)),
      ];
      return { number, url, warnings };
    },
    async rewrite(number, body) {
      await ask({ method: "PATCH", path: at(`/pulls/${number}`), body: { body } });
    },
    async close(number, body) {
      await ask({ method: "PATCH", path: at(`/pulls/${number}`), body: { state: "closed", body } });
    },
    async comment(number, text) {
      await ask({ method: "POST", path: at(`/issues/${number}/comments`), body: { body: text } });
    },
  };
}

/** A fork's branch may have any name. */
const isHere = ({ head }: z.infer<typeof pullSchema>, place: string) =>
  head.repo?.full_name.toLowerCase() === place.toLowerCase();

const pullOf = ({ number, html_url, state, merged_at, body, head }: z.infer<typeof pullSchema>): PullRequest => ({
  ...{ number, url: html_url, branch: head.ref, body: body ?? "" },
  state: state === "open" ? "open" : typeof merged_at === "string" ? "merged" : "closed",
});

async function labelled(ask: Http, path: string, labels: readonly string[]): Promise<string[]> {
  if (labels.length === 0) return [];
  return await warned("its labels could not be had", () => ask({ method: "POST", path, body: { labels } }));
}

/** All at once; where one of them is refused GitHub takes none, and they are asked one by one. `org/team` is a team. */
async function reviewed(ask: Http, path: string, reviewers: readonly string[]): Promise<string[]> {
  const request = async (some: readonly string[]) => {
    const [teams, users] = [some.filter((one) => one.includes("/")), some.filter((one) => !one.includes("/"))];
    const body = { reviewers: users, team_reviewers: teams.map((one) => one.slice(one.lastIndexOf("/") + 1)) };
    await ask({ method: "POST", path, body });
  };
  if (reviewers.length === 0) return [];
  const refusal = await warned(`the reviewer ${reviewers[0]} could not be had`, () => request(reviewers));
  if (refusal.length === 0 || reviewers.length === 1) return refusal;
  const said: string[] = [];
  for (const one of reviewers)
    said.push(...(await warned(`the reviewer ${one} could not be had`, () => request([one]))));
  return said;
}
