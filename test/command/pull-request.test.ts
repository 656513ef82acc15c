/** `plan --pull-request` end to end: a real Prometheus, the built command, and a stand-in for GitHub that keeps its state. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { person } from "../receivers/git-objects.ts";
import { type Github, github, githubToken } from "../receivers/github.ts";
import { becameOf, end, type HeldPlan, heldPlan, hostileTeam, middle } from "./pull-request.ts";

const env = { GITHUB_TOKEN: githubToken };

describe("plan --pull-request on GitHub", () => {
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
    configure();
    plan.nothingInForce();
  });
  afterEach(async () => {
    expect(hub.faults).toEqual([]);
    await hub.close();
  });

  function configure(more: object = {}): void {
    const settings = { repository: "acme/mesh", token: { env: "GITHUB_TOKEN" }, apiUrl: hub.url, timeout: "2s" };
    plan.configure({ github: { ...settings, labels: ["egress"], ...more } });
  }

  const propose = async (at = middle, ...args: string[]) => {
    const { stdout, stderr, code } = await plan.run(at, ["--pull-request", "--format", "json", ...args], env);
    expect(stderr + stdout).not.toContain(githubToken);
    return { ...becameOf(stdout), stderr, code };
  };
  const payments = () => hub.pulls.find(({ head }) => head === "egress-scout/prod-eu/payments")!;

  it("opens one for each owner, with the manifests, the evidence, reviewers and labels", async () => {
    const { all, code } = await propose();
    expect(code).toBe(0);
    expect(all.map(({ team, state }) => [team, state])).toEqual([
      [hostileTeam, "opened"],
      ["payments", "opened"],
    ]);
    const { number, url, warnings, files } = all[1]!;
    expect({ number, url, warnings, files }).toEqual({
      number: 2,
      url: "https://github.example/acme/mesh/pull/2",
      warnings: [],
      files: ["payments/api-stripe-com-5e9af329.yaml"],
    });
    const { title, body, reviewers, labels, base } = payments();
    expect([title, base, reviewers, labels]).toEqual([
      "Egress of payments in prod-eu",
      "main",
      ["alice", "payments"],
      ["egress"],
    ]);
    expect(body).toMatch(/\| `payments\/checkout` \| `api\.stripe\.com:443` tls \| 12 \| 2026-11-20 \d\d:\d\d \| /);
    const branch = hub.git.texts("egress-scout/prod-eu/payments");
    expect(Object.keys(branch).sort()).toEqual(["README.md", "egress/prod-eu/payments/api-stripe-com-5e9af329.yaml"]);
    expect(parse(branch["egress/prod-eu/payments/api-stripe-com-5e9af329.yaml"]!)).toMatchObject({
      kind: "ServiceEntry",
      spec: { hosts: ["api.stripe.com"] },
    });
    const commit = hub.git.commits.get(hub.git.branches.get("egress-scout/prod-eu/payments")!)!;
    expect(commit.parents).toEqual([hub.git.branches.get("main")]);
  });

  it("keeps others' words from meaning anything in a branch, a file or a body", async () => {
    await propose();
    const [one] = hub.pulls;
    expect(one!.head).toMatch(/^egress-scout\/prod-eu\/[a-z0-9-]+$/);
    expect(one!.title).toMatch(/^[A-Za-z0-9 ._/-]+$/);
    const paths = Object.keys(hub.git.texts(one!.head)).filter((path) => path !== "README.md");
    for (const path of paths) expect(path).toMatch(/^egress\/prod-eu\/shop\/[a-z0-9.-]+\.yaml$/);
    // What is left once spans of code are out is ours alone.
    const outside = one!.body.replaceAll(/`[^`\n]*`/g, "").replaceAll("<!-- -->", "");
    expect(outside).not.toMatch(/everyone|evil|<img|<\/td>/);
    expect(one!.body.match(/-->/g)).toHaveLength(one!.body.match(/<!--/g)!.length);
    for (const row of one!.body.split("\n").filter((line) => line.startsWith("| `")))
      expect([7, 3]).toContain(row.split("|").length - 1);
  });

  it("writes nothing where nothing changed, though the base branch and the time went on", async () => {
    await propose();
    hub.git.push("main", { "other.txt": "new\n" }, person);
    hub.writes();
    expect((await propose(middle)).states).toEqual({ [hostileTeam]: "unchanged", payments: "unchanged" });
    // Later calls, and another day for the annotations that say when: the destinations are the same.
    expect((await propose(middle + 30_000)).states).toEqual({ [hostileTeam]: "unchanged", payments: "unchanged" });
    expect(hub.writes()).toEqual([]);
  });

  it("updates in place: a new destination, one commit on top of the base branch, and the persons' words in the body", async () => {
    await propose();
    payments().body = `Talk to Ada first.\n\n${payments().body}`;
    hub.git.push("main", { "other.txt": "new\n" }, person);
    const { states } = await propose(end);
    expect(states).toEqual({ [hostileTeam]: "unchanged", payments: "updated" });
    expect(hub.pulls).toHaveLength(2);
    expect(payments().body).toMatch(/^Talk to Ada first\.\n\n<!-- egress-scout:begin/);
    expect(payments().body).toContain("api.paypal.com");
    expect(payments().reviewers).toEqual(["alice", "payments"]);
    const commit = hub.git.commits.get(hub.git.branches.get(payments().head)!)!;
    expect(commit.parents).toEqual([hub.git.branches.get("main")]);
    expect(Object.keys(hub.git.texts(payments().head)).sort()).toEqual([
      "README.md",
      "egress/prod-eu/payments/api-paypal-com-21e64317.yaml",
      "egress/prod-eu/payments/api-stripe-com-5e9af329.yaml",
      "other.txt",
    ]);
  });

  it("makes the commit anew where the base branch changed one of its files", async () => {
    await propose();
    hub.git.push("main", { "egress/prod-eu/payments/api-stripe-com-5e9af329.yaml": "kind: Other\n" }, person);
    expect((await propose()).states.payments).toBe("updated");
    const commit = hub.git.commits.get(hub.git.branches.get(payments().head)!)!;
    expect(commit.parents).toEqual([hub.git.branches.get("main")]);
  });

  it("closes it, says why and deletes the branch, once all of it is in force", async () => {
    await propose();
    await plan.apply(middle);
    const { all } = await propose();
    expect(all.map(({ state, why }) => [state, why])).toEqual([
      ["closed", "all of it is in force"],
      ["closed", "all of it is in force"],
    ]);
    expect(hub.pulls.map(({ state, merged }) => [state, merged])).toEqual([
      ["closed", false],
      ["closed", false],
    ]);
    expect(payments().comments).toEqual([
      "Closed: all of it is in force. It comes back when there is something to propose.",
    ]);
    expect([...hub.git.branches.keys()]).toEqual(["main"]);
    // What we closed is no person's no: a new destination opens another one.
    expect((await propose(end)).states).toEqual({ payments: "opened" });
    plan.nothingInForce();
    expect((await propose(end)).states).toEqual({ [hostileTeam]: "opened", payments: "updated" });
  });

  it("closes nothing where the plan saw nothing", async () => {
    await propose();
    hub.writes();
    const { all } = await propose(end + 30 * 24 * 3_600_000);
    expect(all.map(({ state }) => state)).toEqual(["kept", "kept"]);
    expect(all[0]!.why).toBe("nothing is proposed any more, but the plan saw no flow at all");
    expect(hub.writes()).toEqual([]);
  });

  it("leaves a branch alone that a person pushed to, or amended", async () => {
    await propose();
    const [other] = hub.pulls;
    hub.git.push(payments().head, { "egress/prod-eu/payments/api-stripe-com-5e9af329.yaml": "kind: Mine\n" }, person);
    hub.git.push(other!.head, { "extra.txt": "mine\n" }, person, true);
    hub.writes();
    const { all } = await propose(end);
    expect(all.map(({ state }) => state)).toEqual(["left", "left"]);
    expect(all[1]!.why).toContain("commits of others");
    await plan.apply(end);
    expect((await propose(end)).all.map(({ state }) => state)).toEqual(["left", "left"]);
    expect(hub.writes()).toEqual([]);
  });

  it("takes a person's closing for a no to these files, and asks only for others", async () => {
    await propose();
    hub.closeByPerson(payments().number);
    hub.writes();
    expect((await propose()).states.payments).toBe("declined");
    expect(hub.writes()).toEqual([]);
    const { all } = await propose(end);
    expect(all.find(({ team }) => team === "payments")).toMatchObject({
      state: "opened",
      number: 3,
      files: ["payments/api-paypal-com-21e64317.yaml"],
    });
  });

  it("does nothing while what was merged waits to be applied, changed by hand or not", async () => {
    await propose();
    hub.merge(1);
    hub.merge(2);
    hub.git.push("main", { "egress/prod-eu/payments/api-stripe-com-5e9af329.yaml": "kind: Mine\n" }, person);
    hub.writes();
    expect((await propose()).states).toEqual({ [hostileTeam]: "merged", payments: "merged" });
    expect(hub.writes()).toEqual([]);
    const { all } = await propose(end);
    expect(all.find(({ team }) => team === "payments")).toMatchObject({
      state: "opened",
      files: ["payments/api-paypal-com-21e64317.yaml"],
    });
  });

  it("leaves out what the base branch has already, whatever its dates", async () => {
    await propose();
    const path = "egress/prod-eu/payments/api-stripe-com-5e9af329.yaml";
    const text = hub.git.texts(payments().head)[path]!.replace(/(review-by: )"?[\d-]+"?/, '$1"2031-01-01"');
    hub.git.push("main", { [path]: text }, person);
    expect((await propose()).states.payments).toBe("closed");
    expect((await propose()).states.payments).toBe("merged");
  });

  it("says what it would do in a dry run, and does none of it", async () => {
    const { all } = await propose(middle, "--dry-run");
    expect(all.map(({ state, number }) => [state, number])).toEqual([
      ["opened", null],
      ["opened", null],
    ]);
    expect(hub.writes()).toEqual([]);
    const { stdout } = await plan.run(middle, ["--pull-request", "--dry-run"], env);
    expect(stdout).toMatch(/\n\nPull requests, had this not been a dry run:\n.*\n {2}payments: opened\n$/);
  });

  it("minds neither forks nor other clusters' branches nor pages of other pull requests", async () => {
    const other = { fork: false, base: "main", title: "x", body: "x", draft: false, merged: false };
    const none = { state: "open" as const, reviewers: [], labels: [], comments: [] };
    for (let number = 1; number <= 120; number += 1) {
      const head = number === 3 ? "egress-scout/prod/payments" : `topic-${number}`;
      hub.pulls.push({ number, head, ...other, ...none });
    }
    hub.pulls.push({ number: 121, head: "egress-scout/prod-eu/payments", ...other, ...none, fork: true });
    expect((await propose()).states).toEqual({ [hostileTeam]: "opened", payments: "opened" });
    await plan.apply(middle);
    expect((await propose()).states).toEqual({ [hostileTeam]: "closed", payments: "closed" });
    expect(hub.pulls.filter(({ state }) => state === "open")).toHaveLength(121);
  });

  it("follows a repository that was renamed, and says so", async () => {
    hub.fullName = "acme/platform";
    const { states, stderr } = await propose();
    expect(states).toEqual({ [hostileTeam]: "opened", payments: "opened" });
    expect(stderr).toContain("acme/mesh is acme/platform now: change it in the config");
  });

  it("opens it without the reviewers that cannot be asked, and warns", async () => {
    hub.collaborators.delete("alice");
    const { all, code } = await propose();
    expect(code).toBe(0);
    expect(payments().reviewers).toEqual(["payments"]);
    expect(all[1]!.warnings).toEqual([expect.stringContaining("the reviewer alice could not be had")]);
  });
});
