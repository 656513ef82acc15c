/** What every repository does, whichever host it is on: one suite, run on each adapter with a stand-in that keeps its state and misbehaves. */
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScoutError } from "../../lib/errors.ts";
import type { NewCommit, Repository } from "../../lib/propose/repository.ts";
import { bot, type GitObjects, person } from "../receivers/git-objects.ts";
import type { Receiver } from "../receivers/receiver.ts";

export interface RepositoryParty {
  repository: Repository;
  receiver: Receiver & { git: GitObjects; writes(): string[] };
  token: string;
  /** How long it waited, ms each. */
  waits: number[];
}

const branch = "egress-scout/prod/payments";
const files = new Map([["payments/a.yaml", "kind: A\n"]]);

export function repositoryContract(name: string, make: (timeout: number) => Promise<RepositoryParty>): void {
  describe(`${name}: the repository contract`, () => {
    let party: RepositoryParty;
    beforeEach(async () => {
      party = await make(5_000);
    });
    afterEach(async () => {
      await party.receiver.close();
    });

    const committed = async (change: Partial<NewCommit> = {}) => {
      const { repository } = party;
      const { commit: parent } = await repository.base();
      const known = await repository.files(parent, "egress");
      await repository.commit({
        branch,
        before: null,
        parent,
        folder: "egress",
        known,
        files,
        message: "m",
        ...change,
      });
      return parent;
    };
    const errorOf = async (work: Promise<unknown>): Promise<ScoutError> => {
      const thrown = await work.then(
        () => new Error("it went through"),
        (error: unknown) => error,
      );
      if (!(thrown instanceof ScoutError)) throw thrown;
      expect(inspect(thrown, { depth: 9 })).not.toContain(party.token);
      return thrown;
    };

    it("tells the default branch and its head, and of a branch that is not there nothing", async () => {
      const base = await party.repository.base();
      expect(base).toEqual({ branch: "main", commit: party.receiver.git.branches.get("main"), warnings: [] });
      expect(await party.repository.head(branch)).toBeNull();
      expect(await party.repository.files(base.commit, "egress/nowhere")).toEqual(new Map());
    });

    it("makes one commit on top of its parent, beside what is there, and reads it back", async () => {
      const parent = await committed();
      const head = await party.repository.head(branch);
      expect(head).toMatchObject({ parents: [parent], message: "m", isAmended: false });
      expect(party.receiver.git.texts(branch)).toEqual({
        "README.md": "mesh\n",
        "egress/payments/a.yaml": "kind: A\n",
        "egress/payments/old.yaml": "kind: Old\n",
      });
      const found = await party.repository.files(head?.id ?? "", "egress");
      expect([...found.keys()].sort()).toEqual(["payments/a.yaml", "payments/old.yaml"]);
      expect(await party.repository.read(found.get("payments/a.yaml") ?? "")).toBe("kind: A\n");
    });

    it("puts another commit in the place of the first, changes of files that are there included", async () => {
      await committed();
      const before = (await party.repository.head(branch))?.id ?? null;
      party.receiver.git.push("main", { "more.txt": "x" }, person);
      const parent = await committed({ before, files: new Map([["payments/old.yaml", "kind: New\n"]]) });
      expect((await party.repository.head(branch))?.parents).toEqual([parent]);
      expect(party.receiver.git.texts(branch)).toEqual({
        ...{ "README.md": "mesh\n", "more.txt": "x", "egress/payments/old.yaml": "kind: New\n" },
      });
    });

    it("does not take the place of what was pushed meanwhile", async () => {
      await committed();
      const before = (await party.repository.head(branch))?.id ?? null;
      party.receiver.git.push(branch, { "mine.txt": "x" }, person);
      const { code, message } = await errorOf(committed({ before }));
      expect([code, message]).toEqual(["repository/refused", expect.stringContaining("was pushed to meanwhile")]);
      expect(party.receiver.git.texts(branch)).toHaveProperty(["mine.txt"], "x");
    });

    it("sees that a commit was amended", async () => {
      await committed();
      party.receiver.git.push(branch, { "mine.txt": "x" }, person, true);
      expect(await party.repository.head(branch)).toMatchObject({ message: "m", isAmended: true });
    });

    it("sees that one was amended by whoever its token is of: it was committed later", async () => {
      await committed();
      party.receiver.git.push(branch, { "docs/mine.md": "x" }, bot, true);
      expect(await party.repository.head(branch)).toMatchObject({ message: "m", isAmended: true });
    });

    it("takes a commit for its own that the host has signed", async () => {
      party.receiver.git.signer = { ...bot, email: "noreply@host.example" };
      await committed();
      expect(await party.repository.head(branch)).toMatchObject({ message: "m", isAmended: false });
    });

    it("opens, rewrites and closes a pull request, and lists it", async () => {
      await committed();
      const { repository } = party;
      const opened = await repository.open({ branch, base: "main", title: "T", body: "one", reviewers: [] });
      expect(opened).toMatchObject({ number: 1, warnings: [] });
      const number = opened.number ?? 0;
      await repository.rewrite(number, "two");
      const one = { number: 1, url: opened.url, branch, state: "open", body: "two" };
      expect(await repository.opened("egress-scout/prod/")).toEqual([one]);
      expect(await repository.opened("egress-scout/stage/")).toEqual([]);
      expect(await repository.history(branch)).toEqual([one]);
      await repository.close(number, "three");
      await repository.comment(number, "why");
      expect(await repository.opened("egress-scout/prod/")).toEqual([]);
      expect(await repository.history(branch)).toEqual([{ ...one, state: "closed", body: "three" }]);
      await repository.remove(branch);
      await repository.remove(branch);
      expect(await repository.head(branch)).toBeNull();
    });

    it.each([
      ["refuse", "repository/forbidden"],
      ["not-ok", "repository/bad-answer"],
      ["html", "repository/bad-answer"],
      ["redirect", "repository/not-found"],
    ] as const)("says what it met, and no secret: %s", async (how, code) => {
      party.receiver.behave(how);
      expect((await errorOf(party.repository.base())).code).toBe(code);
    });

    it("sends its token to no other host", async () => {
      const other = await make(5_000);
      const location = `${other.receiver.url.replace("127.0.0.1", "localhost")}/elsewhere`;
      party.receiver.behave({ status: 307, body: "", headers: { location } });
      expect((await errorOf(party.repository.base())).code).toBe("repository/refused");
      expect(other.receiver.got).toEqual([]);
      await other.receiver.close();
    });

    it.each(["server-error", "reset", "half"] as const)("asks once more after a fault: %s", async (how) => {
      party.receiver.behave(how);
      expect((await party.repository.base()).branch).toBe("main");
      party.receiver.behave(how, how);
      expect((await errorOf(party.repository.base())).code).toBe("repository/unavailable");
    });

    it("writes nothing twice: it may have gone through", async () => {
      await committed();
      party.receiver.writes();
      party.receiver.behave("server-error");
      expect((await errorOf(party.repository.rewrite(1, "x"))).code).toBe("repository/unavailable");
      expect(party.receiver.writes()).toHaveLength(1);
    });

    it("waits as long as it is asked to, once, and no longer than a minute", async () => {
      party.receiver.retryAfter = "7";
      party.receiver.behave("rate-limited");
      expect((await party.repository.base()).branch).toBe("main");
      expect(party.waits).toEqual([7_000]);
      party.receiver.retryAfter = "3600";
      party.receiver.behave("rate-limited");
      const { code, retryAfter } = await errorOf(party.repository.base());
      expect([code, retryAfter, party.waits]).toEqual(["repository/rate-limited", 3_600_000, [7_000]]);
    });

    it.each(["hang", "drip"] as const)("gives up in time: %s", async (how) => {
      const hasty = await make(200);
      hasty.receiver.behave(how, how);
      const { code, message } = await errorOf(hasty.repository.base());
      expect([code, message]).toEqual([
        "repository/unavailable",
        expect.stringContaining("no whole answer within 0.2 s"),
      ]);
      await hasty.receiver.close();
    });

    it("reads no answer without an end", async () => {
      party.receiver.behave("flood", "flood");
      expect((await errorOf(party.repository.base())).message).toContain("its answer has no end");
    });
  });
}
