/** `plan --pull-request` end to end on a stand-in for GitLab: merge requests that are opened, updated in place, left alone and closed. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { person } from "../receivers/git-objects.ts";
import { type Gitlab, gitlab, gitlabToken } from "../receivers/gitlab.ts";
import { becameOf, end, type HeldPlan, heldPlan, hostileTeam, middle } from "./pull-request.ts";

const env = { GITLAB_TOKEN: gitlabToken };

describe("plan --pull-request on GitLab", () => {
  let plan: HeldPlan;
  let lab: Gitlab;

  beforeAll(async () => {
    [plan, lab] = await Promise.all([heldPlan(), gitlab()]);
    const token = { env: "GITLAB_TOKEN" };
    const settings = { project: "acme/platform/mesh", token, apiUrl: lab.apiUrl, draft: true, folder: "mesh/egress" };
    plan.configure({ gitlab: settings }, { payments: { reviewers: ["alice", "nobody"] } });
  });
  afterAll(async () => {
    expect(lab.faults).toEqual([]);
    await lab.close();
    await plan.stop();
  });

  const propose = async (at: number) => {
    const { stdout, stderr, code } = await plan.run(at, ["--pull-request", "--format", "json"], env);
    expect(stderr + stdout).not.toContain(gitlabToken);
    return { ...becameOf(stdout), code };
  };
  const payments = () => lab.requests.find(({ source }) => source === "egress-scout/prod-eu/payments")!;

  it("opens one for each owner", async () => {
    const { all, code, states } = await propose(middle);
    expect([code, states]).toEqual([0, { [hostileTeam]: "opened", payments: "opened" }]);
    expect(all[1]!.warnings).toEqual(["the reviewer nobody could not be had: there is no such user"]);
    expect(payments()).toMatchObject({ target: "main", title: "Draft: Egress of payments in prod-eu", reviewers: [7] });
    expect(Object.keys(lab.git.texts(payments().source))).toEqual([
      "README.md",
      "mesh/egress/payments/api-stripe-com-5e9af329.yaml",
    ]);
  });

  it("writes nothing where nothing changed", async () => {
    lab.writes();
    expect((await propose(middle)).states).toEqual({ [hostileTeam]: "unchanged", payments: "unchanged" });
    expect(lab.writes()).toEqual([]);
  });

  it("updates in place on top of the base branch", async () => {
    lab.git.push("main", { "other.txt": "new\n" }, person);
    expect((await propose(end)).states).toEqual({ [hostileTeam]: "unchanged", payments: "updated" });
    expect(lab.requests).toHaveLength(2);
    const commit = lab.git.commits.get(lab.git.branches.get(payments().source)!)!;
    expect(commit.parents).toEqual([lab.git.branches.get("main")]);
    expect(payments().description).toContain("api.paypal.com");
  });

  it("leaves a branch with commits of others alone, and closes what is in force", async () => {
    lab.git.push(payments().source, { "mine.txt": "mine\n" }, person);
    await plan.apply(end);
    expect((await propose(end)).states).toEqual({ [hostileTeam]: "closed", payments: "left" });
    const closed = lab.requests.find(({ state }) => state === "closed")!;
    expect(closed.notes).toEqual(["Closed: all of it is in force. It comes back when there is something to propose."]);
    expect(lab.git.branches.has(closed.source)).toBe(false);
  });
});
