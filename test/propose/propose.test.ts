import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Knowledge } from "../../lib/propose/close.ts";
import { github } from "../../lib/propose/github.ts";
import type { Proposal } from "../../lib/propose/proposal.ts";
import { propose } from "../../lib/propose/propose.ts";
import type { Proposed } from "../../lib/propose/proposed.ts";
import { finding } from "../notify/sample.ts";
import { type Github, githubToken, github as standIn } from "../receivers/github.ts";

const branch = "egress-scout/prod/payments";
const manifest = (day: string, host = "api.stripe.com") =>
  `metadata:\n  annotations:\n    egress-scout/first-seen: "${day}"\nspec:\n  hosts:\n    - "${host}"\n`;

function proposal(day: string, change: Partial<Proposal> = {}): Proposal {
  const files = new Map([["payments/a.yaml", manifest(day)]]);
  const lastSeen = Date.parse(day);
  const flows = [{ finding: finding({ lastSeen, count: lastSeen % 997 }), path: "payments/a.yaml", why: "no entry" }];
  const known = { cluster: "prod", team: "payments", branch, title: "Egress", window: { from: 0, to: lastSeen } };
  return { ...known, files, flows, open: [], blind: [], conflicts: [], ...change };
}

describe("proposing", () => {
  let hub: Github;
  let outcomes: Proposed[] = [];
  const knows: Knowledge = { inForce: new Set(), planned: new Set(), doubt: null };
  beforeEach(async () => {
    hub = await standIn();
  });
  afterEach(async () => {
    await hub.close();
  });

  const run = async (all: readonly Proposal[], knowledge: Partial<Knowledge> = {}) => {
    const known = { repository: "acme/mesh", token: githubToken, apiUrl: hub.url, timeout: 5_000 };
    const repository = github({ ...known, base: null, draft: false, labels: [] });
    const settings = { folder: "egress/prod", reviewersOf: () => [] };
    const { done } = await propose(all, "prod", repository, settings, { ...knows, ...knowledge });
    outcomes = done;
    return done.map(({ state, why, error }) => error?.code ?? why ?? state);
  };
  const warnings = async () => {
    await run([]);
    return outcomes.flatMap((one) => one.warnings);
  };

  it("writes nothing for other dates, counts and times", async () => {
    expect(await run([proposal("2026-11-20")])).toEqual(["opened"]);
    hub.writes();
    expect(await run([proposal("2026-12-24")])).toEqual(["unchanged"]);
    expect(hub.writes()).toEqual([]);
    const other = proposal("2026-12-24", {
      files: new Map([["payments/a.yaml", manifest("2026-12-24", "b.example")]]),
    });
    expect(await run([other])).toEqual(["updated"]);
  });

  it("rewrites the body alone where the flows are others and the files are not", async () => {
    await run([proposal("2026-11-20")]);
    hub.writes();
    const [flow] = proposal("2026-11-20").flows;
    const source = { ...flow!.finding.source, workload: "another" };
    const flows = [flow!, { ...flow!, finding: { ...flow!.finding, source } }];
    expect(await run([proposal("2026-11-20", { flows })])).toEqual(["updated"]);
    expect(hub.writes()).toEqual(["PATCH /repos/acme/mesh/pulls/1"]);
  });

  it("goes on where another run was cut off: a branch without a pull request", async () => {
    hub.instead(/^POST .*\/pulls$/, { status: 500, body: "" });
    expect(await run([proposal("2026-11-20")])).toEqual(["repository/unavailable"]);
    hub.instead(/^POST .*\/pulls$/, null);
    expect(await run([proposal("2026-11-20")])).toEqual(["opened"]);
  });

  it("writes its part again where a person took it out", async () => {
    await run([proposal("2026-11-20")]);
    hub.pulls[0]!.body = "Mine.";
    expect(await run([proposal("2026-11-20")])).toEqual(["updated"]);
    expect(hub.pulls[0]!.body).toMatch(/^Mine\.\n\n<!-- egress-scout:begin/);
    expect(await run([proposal("2026-11-20")])).toEqual(["unchanged"]);
  });

  it("asks again once a person opened again what they had closed", async () => {
    await run([proposal("2026-11-20")]);
    hub.closeByPerson(1);
    expect(await run([proposal("2026-11-20")])).toEqual(["a person closed the same"]);
    hub.pulls[0]!.state = "open";
    expect(await run([proposal("2026-11-20")])).toEqual(["unchanged"]);
  });

  it("says again what it is about once a person opened again what we had closed", async () => {
    await run([proposal("2026-11-20")]);
    const head = hub.git.branches.get(branch)!;
    await run([]);
    hub.git.branches.set(branch, head);
    hub.pulls[0]!.state = "open";
    expect(await run([proposal("2026-11-20")])).toEqual(["updated"]);
    expect(hub.pulls[0]!.body).toContain("### Evidence");
    expect(await run([proposal("2026-11-20")])).toEqual(["unchanged"]);
  });

  it("closes for a reason, or not at all", async () => {
    await run([proposal("2026-11-20")]);
    expect(await run([], { doubt: "the plan is blind" })).toEqual([
      "nothing is proposed any more, but the plan is blind",
    ]);
    const planned = new Set(["payments/a.yaml"]);
    expect(await run([], { planned })).toEqual(["it is in force, or in another pull request"]);
    await run([proposal("2026-11-20")]);
    expect(await run([])).toEqual(["these flows are in force, denied, or were not seen any more"]);
    await run([proposal("2026-11-20")]);
    const inForce = new Set(["payments/a.yaml"]);
    expect(await run([], { inForce, doubt: "the plan is blind" })).toEqual(["all of it is in force"]);
  });

  it("closes it though the comment or the deletion of its branch fails, and says so", async () => {
    await run([proposal("2026-11-20")]);
    hub.instead(/^POST .*\/comments$/, { status: 403, body: '{"message":"locked"}' });
    expect(await warnings()).toEqual([
      expect.stringMatching(/^the comment that says why could not be had: .*"locked"$/),
    ]);
    expect([hub.pulls[0]!.state, [...hub.git.branches.keys()]]).toEqual(["closed", ["main"]]);
    hub.instead(/^POST .*\/comments$/, null);
    await run([proposal("2026-11-20")]);
    hub.instead(/^DELETE .*\/git\/refs\//, { status: 403, body: '{"message":"protected"}' });
    expect(await warnings()).toEqual([expect.stringContaining(`its branch ${branch} stays behind: `)]);
    expect([hub.pulls[1]!.state, hub.pulls[1]!.comments.length]).toEqual(["closed", 1]);
    // What stayed behind is of use when there is something to propose again.
    expect(await run([proposal("2026-11-20")])).toEqual(["opened"]);
  });

  it("does not take a person's branch for its own", async () => {
    hub.git.push(branch, { "mine.txt": "x" }, { name: "Ada", email: "ada@example.com" });
    expect((await run([proposal("2026-11-20")]))[0]).toContain("the branch has commits of others");
    expect(hub.pulls).toEqual([]);
  });

  it("gives up once the other side is away twice on end, and only then", async () => {
    const all = ["a", "b", "c", "d"].map((team) =>
      proposal("2026-11-20", { team, branch: `egress-scout/prod/${team}` }),
    );
    hub.instead(/^POST .*\/git\/trees$/, { status: 502, body: "" });
    expect(await run(all)).toEqual(Array(4).fill("repository/unavailable"));
    expect(hub.writes()).toHaveLength(2);
  });
});
