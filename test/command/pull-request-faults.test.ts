/** `plan --pull-request` where the host says no, is away or wants to be left alone: the plan is printed, the others are done, the exit code is 1. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Github, github, githubToken } from "../receivers/github.ts";
import { becameOf, type HeldPlan, heldPlan, hostileTeam, middle } from "./pull-request.ts";

const env = { GITHUB_TOKEN: githubToken };

describe("plan --pull-request in trouble", () => {
  let plan: HeldPlan;
  let hub: Github;

  beforeAll(async () => {
    plan = await heldPlan();
  });
  afterAll(async () => {
    await plan.stop();
  });
  beforeEach(async () => {
    hub = await github();
    const token = { env: "GITHUB_TOKEN" };
    plan.configure({ github: { repository: "acme/mesh", token, apiUrl: hub.url, timeout: "2s" } });
  });
  afterEach(async () => {
    await hub.close();
  });

  const propose = async (given: Record<string, string> = env) => {
    const { stdout, stderr, code } = await plan.run(middle, ["--pull-request", "--format", "json"], given);
    expect(stderr + stdout).not.toContain(githubToken);
    return { code, stderr, stdout, ...(stdout === "" ? { all: [], states: {} } : becameOf(stdout)) };
  };

  it("fails for one owner, and does the others", async () => {
    const refused = { status: 422, body: '{"message":"Repository rule violations found"}' };
    hub.instead(/^POST \/repos\/acme\/mesh\/pulls$/, refused);
    const first = await propose();
    expect([first.code, ...Object.values(first.states)]).toEqual([1, "failed", "failed"]);
    expect(first.stderr).toMatch(
      /^egress-scout: repository\/refused: the pull request of payments: github acme\/mesh: status 422 to POST \/repos\/acme\/mesh\/pulls: "Repository rule violations found"; /m,
    );
    hub.instead(/^POST \/repos\/acme\/mesh\/pulls$/, null);
    // What was done stays: the next plan goes on from there.
    hub.instead(/refs\/heads\/egress-scout\/prod-eu\/payments$/, refused);
    const { code, states } = await propose();
    expect([code, states]).toEqual([1, { [hostileTeam]: "opened", payments: "failed" }]);
  });

  it("prints the plan all the same where the repository cannot be seen", async () => {
    hub.instead(/^GET \/repos\/acme\/mesh$/, { status: 404, body: '{"message":"Not Found"}' });
    const { code, stderr, stdout } = await propose();
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ schema: "egress-scout/plan@1", pullRequests: [] });
    expect(stderr).toContain(
      'repository/not-found: github acme/mesh: status 404 to GET /repos/acme/mesh: "Not Found"; check the name and the token',
    );
  });

  it("says what is wrong with a token", async () => {
    const { code, stderr } = await propose({ GITHUB_TOKEN: "ghp_expired" });
    expect([code, stderr]).toEqual([1, expect.stringContaining("repository/unauthorized")]);
    hub.behave("refuse");
    const forbidden = await propose();
    expect(forbidden.stderr).toContain("repository/forbidden");
    expect(forbidden.stderr).toContain("contents: write and pull requests: write");
    expect(forbidden.stderr).toContain("(secret)");
  });

  it("stops at a limit that lasts, and says until when", async () => {
    const headers = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "4102444800" };
    hub.instead(/^POST \/repos\/acme\/mesh\/git\/trees$/, { status: 403, body: "{}", headers });
    const { code, all } = await propose();
    expect([code, ...all.map(({ error }) => error?.code)]).toEqual([
      1,
      "repository/rate-limited",
      "repository/rate-limited",
    ]);
    expect(hub.writes()).toHaveLength(1);
  });

  it("refuses the settings before it asks anything", async () => {
    const { code, stderr } = await propose({});
    expect([code, stderr]).toEqual([2, expect.stringContaining("pullRequests")]);
    plan.configure({ github: { repository: "acme", token: "ghp_plain", folder: "../out" } });
    const wrong = await propose();
    expect(wrong.code).toBe(2);
    for (const path of ["repository", "token", "folder"])
      expect(wrong.stderr).toContain(`pullRequests.github.${path}: must be`);
    expect(wrong.stderr).not.toContain("ghp_plain");
    expect(hub.got).toEqual([]);
  });
});
