/** Stands in for GitHub's REST API: one repository, with Git's own objects, that takes and refuses what GitHub does. */
import { bot, GitObjects, person } from "./git-objects.ts";
import { type Answer, type Got, listen, type Receiver } from "./receiver.ts";

type Json = Record<string, unknown>;

export const githubToken = "github_pat_SECRET11_xyzzySecretToken42";

export interface GithubPull {
  number: number;
  head: string;
  fork: boolean;
  base: string;
  title: string;
  body: string;
  draft: boolean;
  state: "open" | "closed";
  merged: boolean;
  reviewers: string[];
  labels: string[];
  comments: string[];
}

export interface Github extends Receiver {
  git: GitObjects;
  pulls: GithubPull[];
  /** The name it has by now; the first one is redirected. */
  fullName: string;
  /** Who may be asked for a review; teams as `team`. */
  collaborators: Set<string>;
  /** What changed something, as `METHOD /path`, since this was asked last. */
  writes(): string[];
  /** How requests whose `METHOD /path` matches are answered instead; null ends that. */
  instead(pattern: RegExp, answer: Answer | null): void;
  closeByPerson(number: number): void;
  merge(number: number): void;
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", ...headers },
  body: status === 204 ? "" : JSON.stringify(body),
});
const notFound = json(404, { message: "Not Found", documentation_url: "https://docs.github.com/rest", status: "404" });
const invalid = (message: string, errors: unknown[] = []) => json(422, { message, errors, status: "422" });

/** @param files of the default branch, `main` */
export async function github(files: Record<string, string> = { "README.md": "mesh\n" }): Promise<Github> {
  const git = new GitObjects();
  git.push("main", files, person);
  const pulls: GithubPull[] = [];
  const overrides = new Map<string, [RegExp, Answer]>();
  let seen = 0;

  const place = () => `/repos/${hub.fullName}`;
  const answer = (got: Got): Answer => {
    const { pathname, searchParams: query } = new URL(got.url, "http://localhost");
    const over = [...overrides.values()].find(([pattern]) => pattern.test(`${got.method} ${pathname}`));
    if (over !== undefined) return over[1];
    const path = decodeURIComponent(pathname);
    const first = "/repos/acme/mesh";
    if (hub.fullName !== "acme/mesh" && path.startsWith(first)) {
      return json(301, { message: "Moved Permanently" }, { location: `/repositories/42${path.slice(first.length)}` });
    }
    const own = [place(), "/repositories/42"].find((one) => path === one || path.startsWith(`${one}/`));
    if (own === undefined) return notFound;
    return route(`${got.method} ${path.slice(own.length)}`, query, got.body === "" ? {} : JSON.parse(got.body));
  };

  function route(what: string, query: URLSearchParams, body: Json): Answer {
    for (const [pattern, handle] of routes) {
      const match = pattern.exec(what);
      if (match !== null) return handle(match[1] ?? "", body, query);
    }
    return notFound;
  }

  const pullJson = (one: GithubPull) => ({
    number: one.number,
    html_url: `https://github.example/${hub.fullName}/pull/${one.number}`,
    state: one.state,
    merged_at: one.merged ? "2026-11-20T10:00:00Z" : null,
    title: one.title,
    body: one.body,
    draft: one.draft,
    head: { ref: one.head, repo: { full_name: one.fork ? "stranger/mesh" : hub.fullName } },
    base: { ref: one.base },
  });
  const pullOf = (number: string) => pulls.find((one) => one.number === Number(number));

  type Handle = (part: string, body: Json, query: URLSearchParams) => Answer;
  const routes: [RegExp, Handle][] = [
    [/^GET $/, () => json(200, { full_name: hub.fullName, default_branch: "main", archived: false, private: true })],
    [
      /^GET \/git\/ref\/heads\/(.+)$/,
      (name) => {
        const sha = git.branches.get(name);
        return sha === undefined ? notFound : json(200, { ref: `refs/heads/${name}`, object: { type: "commit", sha } });
      },
    ],
    [
      /^GET \/git\/commits\/(\w+)$/,
      (sha) => {
        const found = git.commits.get(sha);
        if (found === undefined) return notFound;
        return json(200, {
          ...found,
          tree: { sha: found.tree },
          parents: found.parents.map((one) => ({ sha: one })),
        });
      },
    ],
    [
      /^GET \/git\/trees\/(\w+)$/,
      (sha, _, query) => {
        const tree = git.trees.get(sha);
        if (tree === undefined) return notFound;
        const direct = [...tree].map(([path, one]) => ({ path, ...one }));
        const deep = [...git.flat(sha)].map(([path, id]) => ({ path, type: "blob", sha: id }));
        return json(200, { sha, truncated: false, tree: query.has("recursive") ? deep : direct });
      },
    ],
    [
      /^GET \/git\/blobs\/(\w+)$/,
      (sha) => {
        const text = git.blobs.get(sha);
        if (text === undefined) return notFound;
        // GitHub breaks the lines of its base64.
        const content = Buffer.from(text).toString("base64").replaceAll(/.{60}/g, "$&\n");
        return json(200, { sha, content, encoding: "base64" });
      },
    ],
    [/^POST \/git\/trees$/, (_, body) => newTree(body)],
    [
      /^POST \/git\/commits$/,
      (_, { tree, parents, message }) => {
        if (!git.trees.has(String(tree))) return invalid("Tree SHA does not exist");
        const all = parents as string[];
        if (!all.every((one) => git.commits.has(one))) return invalid("Parent SHA does not exist or is not a commit");
        const what = { tree: String(tree), parents: all, message: String(message), author: bot, committer: git.signer };
        return json(201, { sha: git.commit(what) });
      },
    ],
    [
      /^POST \/git\/refs$/,
      (_, { ref, sha }) => {
        const name = String(ref).replace(/^refs\/heads\//, "");
        if (git.branches.has(name)) return invalid("Reference already exists");
        if (!git.commits.has(String(sha))) return invalid("Object does not exist");
        git.branches.set(name, String(sha));
        return json(201, { ref });
      },
    ],
    [
      /^PATCH \/git\/refs\/heads\/(.+)$/,
      (name, { sha, force }) => {
        if (!git.branches.has(name)) return invalid("Reference does not exist");
        const isForward = git.commits.get(String(sha))?.parents.includes(git.branches.get(name) ?? "") === true;
        if (force !== true && !isForward) return invalid("Update is not a fast forward");
        git.branches.set(name, String(sha));
        return json(200, { ref: `refs/heads/${name}` });
      },
    ],
    [
      /^DELETE \/git\/refs\/heads\/(.+)$/,
      (name) => {
        if (!git.branches.delete(name)) return invalid("Reference does not exist");
        for (const one of pulls) if (one.head === name && !one.fork) one.state = "closed";
        return json(204, null);
      },
    ],
    [/^GET \/pulls$/, (_, __, query) => json(200, listed(query).map(pullJson))],
    [/^POST \/pulls$/, (_, body) => newPull(body)],
    [
      /^PATCH \/pulls\/(\d+)$/,
      (number, { body, state }) => {
        const one = pullOf(number);
        if (one === undefined) return notFound;
        if (typeof body === "string" && body.length > 65_536) return invalid("Validation Failed", ["body is too long"]);
        if (typeof body === "string") one.body = body;
        if (state === "closed") one.state = "closed";
        return json(200, pullJson(one));
      },
    ],
    [
      /^POST \/pulls\/(\d+)\/requested_reviewers$/,
      (number, { reviewers, team_reviewers }) => {
        const asked = [...(reviewers as string[]), ...(team_reviewers as string[])];
        const refused = asked.some((one) => !hub.collaborators.has(one));
        if (refused) return invalid("Reviews may only be requested from collaborators. One or more is not one.");
        pullOf(number)?.reviewers.push(...asked);
        return json(201, {});
      },
    ],
    [
      /^POST \/issues\/(\d+)\/labels$/,
      (number, { labels }) => {
        pullOf(number)?.labels.push(...(labels as string[]));
        return json(200, []);
      },
    ],
    [
      /^POST \/issues\/(\d+)\/comments$/,
      (number, { body }) => {
        pullOf(number)?.comments.push(String(body));
        return json(201, {});
      },
    ],
  ];

  function newTree({ base_tree, tree }: Json): Answer {
    const all = git.flat(String(base_tree));
    if (!git.trees.has(String(base_tree))) return invalid("base_tree is not a valid tree oid");
    for (const { path, mode, type, content } of tree as Json[]) {
      if (typeof path !== "string" || /^\/|\/\/|(^|\/)\.\.?(\/|$)/.test(path)) return invalid("tree.path is malformed");
      if (mode !== "100644" || type !== "blob" || typeof content !== "string") return invalid("tree.mode is wrong");
      all.set(path, git.blob(content));
    }
    return json(201, { sha: git.tree(all) });
  }

  function newPull({ head, base, title, body, draft }: Json): Answer {
    const [from, to] = [String(head), String(base)];
    if (!git.branches.has(from)) return invalid("Validation Failed", [{ field: "head", code: "invalid" }]);
    if (!git.branches.has(to)) return invalid("Validation Failed", [{ field: "base", code: "invalid" }]);
    if (String(body).length > 65_536 || String(title).length > 256) return invalid("Validation Failed", ["too long"]);
    if (pulls.some((one) => one.head === from && one.state === "open" && !one.fork)) {
      return invalid("Validation Failed", [{ message: `A pull request already exists for acme:${from}.` }]);
    }
    const one: GithubPull = {
      ...{ number: pulls.length + 1, head: from, fork: false, base: to, title: String(title), body: String(body) },
      ...{ draft: draft === true, state: "open", merged: false, reviewers: [], labels: [], comments: [] },
    };
    pulls.push(one);
    return json(201, pullJson(one));
  }

  function listed(query: URLSearchParams): GithubPull[] {
    const [state, head] = [query.get("state") ?? "open", query.get("head")];
    const some = pulls
      .filter((one) => state === "all" || one.state === state)
      .filter((one) => head === null || head === `${one.fork ? "stranger" : hub.fullName.split("/")[0]}:${one.head}`)
      .sort((a, b) => b.number - a.number);
    const size = Math.min(100, Number(query.get("per_page") ?? 30));
    const from = (Number(query.get("page") ?? 1) - 1) * size;
    return some.slice(from, from + size);
  }

  const receiver = await listen({
    faults: (got) => [...faults(got)],
    yes: answer,
    invalid: ([found = ""]) => json(found === "Bad credentials" ? 401 : 403, { message: found }),
    refuse: (echo) => json(403, { message: `Resource not accessible by personal access token ${echo}` }),
    rateLimited: (seconds) =>
      json(403, { message: "You have exceeded a secondary rate limit." }, { "retry-after": seconds }),
    serverError: (echo) => ({ status: 502, body: `<html>Unicorn! ${echo}</html>` }),
  });
  const hub: Github = Object.assign(receiver, {
    ...{ git, pulls, fullName: "acme/mesh", collaborators: new Set(["alice", "payments"]) },
    writes: () => {
      const all = receiver.got.slice(seen).filter(({ method }) => method !== "GET");
      seen = receiver.got.length;
      return all.map(({ method, url }) => `${method} ${url}`);
    },
    instead: (pattern: RegExp, given: Answer | null) =>
      void (given === null ? overrides.delete(pattern.source) : overrides.set(pattern.source, [pattern, given])),
    closeByPerson: (number: number) => void Object.assign(pullOf(`${number}`) ?? {}, { state: "closed" }),
    merge: (number: number) => {
      const one = pullOf(`${number}`);
      if (one === undefined) throw new Error("no such pull request");
      git.merge(one.head, one.base, person);
      Object.assign(one, { state: "closed", merged: true });
    },
  });
  return hub;
}

function* faults({ headers, method }: Got): Generator<string> {
  if (headers.authorization !== `Bearer ${githubToken}`) yield "Bad credentials";
  if ((headers["user-agent"] ?? "") === "") yield "Request forbidden by administrative rules. Add a User-Agent.";
  if (headers.accept !== "application/vnd.github+json") yield "accept is not what GitHub asks for";
  if (["POST", "PATCH"].includes(method) && headers["content-type"] !== "application/json") yield "no JSON";
}
