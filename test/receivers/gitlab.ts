/** Stands in for GitLab's REST API (v4): one project, with Git's own objects, that takes and refuses what GitLab does. */
import { bot, GitObjects, person } from "./git-objects.ts";
import { type Answer, type Got, listen, type Receiver } from "./receiver.ts";

type Json = Record<string, unknown>;

export const gitlabToken = "glpat-SECRET11-xyzzySecretToken42";

export interface GitlabRequest {
  iid: number;
  source: string;
  target: string;
  title: string;
  description: string;
  state: "opened" | "closed" | "merged";
  reviewers: number[];
  labels: string;
  notes: string[];
}

export interface Gitlab extends Receiver {
  /** https://…/api/v4 of this one. */
  apiUrl: string;
  git: GitObjects;
  requests: GitlabRequest[];
  /** What changed something since this was asked last. */
  writes(): string[];
}

const json = (status: number, body: unknown): Answer => ({
  status,
  headers: { "content-type": "application/json" },
  body: status === 204 ? "" : JSON.stringify(body),
});
const notFound = (what: string) => json(404, { message: `404 ${what} Not Found` });
const users = [{ id: 7, username: "alice" }];

/** @param files of the default branch, `main` */
export async function gitlab(files: Record<string, string> = { "README.md": "mesh\n" }): Promise<Gitlab> {
  const git = new GitObjects();
  git.push("main", files, person);
  const requests: GitlabRequest[] = [];
  let seen = 0;

  const answer = (got: Got): Answer => {
    const { pathname, searchParams: query } = new URL(got.url, "http://localhost");
    const what = `${got.method} ${pathname}`;
    if (pathname === "/api/v4/users") {
      return json(
        200,
        users.filter(({ username }) => username === query.get("username")),
      );
    }
    // A group's name has its slash encoded, or else it is another route.
    const own = /^\w+ \/api\/v4\/projects\/(?:acme%2Fplatform%2Fmesh|99)(\/.*)?$/.exec(what);
    if (own === null) return notFound("Project");
    return route(`${got.method} ${own[1] ?? ""}`, query, got.body === "" ? {} : JSON.parse(got.body));
  };

  function route(what: string, query: URLSearchParams, body: Json): Answer {
    for (const [pattern, handle] of routes) {
      const match = pattern.exec(what);
      if (match !== null) return handle(decodeURIComponent(match[1] ?? ""), body, query);
    }
    return json(404, { error: "404 Not Found" });
  }

  const requestJson = (one: GitlabRequest) => ({
    ...{ iid: one.iid, web_url: `https://gitlab.example/acme/platform/mesh/-/merge_requests/${one.iid}` },
    ...{ state: one.state, title: one.title, description: one.description, source_branch: one.source },
    ...{ target_branch: one.target, source_project_id: 99 },
  });
  const paged = <T>(all: readonly T[], query: URLSearchParams): T[] => {
    const size = Math.min(100, Number(query.get("per_page") ?? 20));
    return all.slice((Number(query.get("page") ?? 1) - 1) * size).slice(0, size);
  };

  type Handle = (part: string, body: Json, query: URLSearchParams) => Answer;
  const routes: [RegExp, Handle][] = [
    [/^GET $/, () => json(200, { id: 99, path_with_namespace: "acme/platform/mesh", default_branch: "main" })],
    [
      /^GET \/repository\/branches\/([^/]+)$/,
      (name) => {
        const found = git.commits.get(git.branches.get(name) ?? "");
        if (found === undefined) return notFound("Branch");
        const { sha: id, message, parents, author, committer } = found;
        const who = {
          ...{ author_email: author.email, authored_date: author.date },
          ...{ committer_email: committer.email, committed_date: committer.date },
        };
        return json(200, { name, commit: { id, message, parent_ids: parents, ...who } });
      },
    ],
    [
      /^DELETE \/repository\/branches\/([^/]+)$/,
      (name) => (git.branches.delete(name) ? json(204, null) : notFound("Branch")),
    ],
    [
      /^GET \/repository\/tree$/,
      (_, __, query) => {
        const under = `${query.get("path")}/`;
        const inside = [...git.filesAt(query.get("ref") ?? "")].filter(([path]) => path.startsWith(under));
        if (inside.length === 0) return notFound("invalid revision or path");
        const all = inside.map(([path, id]) => ({ id, type: "blob", mode: "100644", path, name: path }));
        return json(200, paged(all, query));
      },
    ],
    [
      /^GET \/repository\/blobs\/(\w+)\/raw$/,
      (id) => ({ status: 200, headers: { "content-type": "text/plain" }, body: git.blobs.get(id) ?? "" }),
    ],
    [/^POST \/repository\/commits$/, (_, body) => newCommit(body)],
    [
      /^GET \/merge_requests$/,
      (_, __, query) => {
        const [state, source] = [query.get("state"), query.get("source_branch")];
        const some = requests
          .filter((one) => state === "all" || one.state === state)
          .filter((one) => source === null || one.source === source)
          .sort((a, b) => b.iid - a.iid);
        return json(200, paged(some, query).map(requestJson));
      },
    ],
    [/^POST \/merge_requests$/, (_, body) => newRequest(body)],
    [
      /^PUT \/merge_requests\/(\d+)$/,
      (iid, { description, state_event }) => {
        const one = requests.find((each) => each.iid === Number(iid));
        if (one === undefined) return notFound("Merge Request");
        if (typeof description === "string") one.description = description;
        if (state_event === "close") one.state = "closed";
        return json(200, requestJson(one));
      },
    ],
    [
      /^POST \/merge_requests\/(\d+)\/notes$/,
      (iid, { body }) => {
        requests.find((each) => each.iid === Number(iid))?.notes.push(String(body));
        return json(201, {});
      },
    ],
  ];

  function newCommit({ branch, start_sha, force, commit_message, actions }: Json): Answer {
    const name = String(branch);
    if (git.branches.has(name) && force !== true)
      return json(400, { message: `A branch called '${name}' already exists.` });
    const all = git.filesAt(String(start_sha));
    for (const { action, file_path, content } of actions as Record<string, string>[]) {
      const path = file_path ?? "";
      if (action === "create" && all.has(path)) return json(400, { message: "A file with this name already exists" });
      if (action === "update" && !all.has(path)) return json(400, { message: "A file with this name doesn't exist" });
      all.set(path, git.blob(content ?? ""));
    }
    const message = String(commit_message);
    const what = { tree: git.tree(all), parents: [String(start_sha)], message, author: bot, committer: git.signer };
    git.branches.set(name, git.commit(what));
    return json(201, { id: git.branches.get(name) });
  }

  function newRequest({ source_branch, target_branch, title, description, reviewer_ids, labels }: Json): Answer {
    const [source, target] = [String(source_branch), String(target_branch)];
    if (!git.branches.has(source)) return json(400, { message: ["Source branch does not exist"] });
    const other = requests.find((one) => one.source === source && one.state === "opened");
    if (other !== undefined)
      return json(409, {
        message: [`Another open merge request already exists for this source branch: !${other.iid}`],
      });
    const one: GitlabRequest = {
      ...{ iid: requests.length + 1, source, target, title: String(title), description: String(description) },
      ...{ state: "opened", reviewers: reviewer_ids as number[], labels: String(labels), notes: [] },
    };
    requests.push(one);
    return json(201, requestJson(one));
  }

  const receiver = await listen({
    faults: ({ headers }) => (headers.authorization === `Bearer ${gitlabToken}` ? [] : ["401 Unauthorized"]),
    yes: answer,
    invalid: ([message]) => json(401, { message }),
    refuse: (echo) => json(403, { message: `403 Forbidden ${echo}` }),
    rateLimited: (seconds) => ({ status: 429, headers: { "retry-after": seconds }, body: "Retry later\n" }),
    serverError: (echo) => json(500, { message: `500 Internal Server Error ${echo}` }),
  });
  return Object.assign(receiver, {
    ...{ git, requests, apiUrl: `${receiver.url}/api/v4` },
    writes: () => {
      const all = receiver.got.slice(seen).filter(({ method }) => method !== "GET");
      seen = receiver.got.length;
      return all.map(({ method, url }) => `${method} ${url}`);
    },
  });
}
