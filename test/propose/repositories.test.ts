import { describe, expect, it } from "vitest";
import { github } from "../../lib/propose/github.ts";
import { gitlab } from "../../lib/propose/gitlab.ts";
import { type RepositoryParty, repositoryContract } from "../contract/repository.ts";
import { github as githubStandIn, githubToken } from "../receivers/github.ts";
import { gitlab as gitlabStandIn, gitlabToken } from "../receivers/gitlab.ts";

const files = { "README.md": "mesh\n", "egress/payments/old.yaml": "kind: Old\n" };
const usual = { base: null, draft: false, labels: [] };

async function onGithub(timeout: number): Promise<RepositoryParty> {
  const waits: number[] = [];
  const receiver = await githubStandIn(files);
  const wait = async (ms: number) => void waits.push(ms);
  const settings = { ...usual, repository: "acme/mesh", token: githubToken, apiUrl: `${receiver.url}/`, timeout, wait };
  return { repository: github(settings), receiver, token: githubToken, waits };
}

repositoryContract("github", onGithub);
repositoryContract("gitlab", async (timeout) => {
  const waits: number[] = [];
  const receiver = await gitlabStandIn(files);
  const wait = async (ms: number) => void waits.push(ms);
  const { apiUrl } = receiver;
  const settings = { ...usual, project: "acme/platform/mesh", token: gitlabToken, apiUrl, timeout, wait };
  return { repository: gitlab(settings), receiver, token: gitlabToken, waits };
});

describe("github", () => {
  it("refuses a folder that is a file there", async () => {
    const { repository, receiver } = await onGithub(5_000);
    const { commit } = await repository.base();
    await expect(repository.files(commit, "README.md/prod")).rejects.toMatchObject({ code: "repository/refused" });
    await receiver.close();
  });

  it("asks a second between many writes", async () => {
    const { repository, receiver, waits } = await onGithub(5_000);
    for (let write = 0; write < 22; write += 1) await repository.remove("egress-scout/prod/none");
    expect(waits).toEqual([1_000, 1_000]);
    await receiver.close();
  });
});
