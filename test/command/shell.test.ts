import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { command, runScout } from "./run-scout.ts";

describe("the command is a good citizen of the shell", () => {
  let asked: () => void = () => {};
  const server = createServer(() => asked());
  let url = "";
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("ends on %s with %d, in the middle of a question", async (signal, exit) => {
    const { code, stdout } = await runScout(["scan", "--prometheus", url, "--state", "memory:"], {
      started: (child) => {
        asked = () => child.kill(signal);
      },
    });
    expect({ code, stdout }).toEqual({ code: exit, stdout: "" });
  });

  it("says in a line that the disk is full which its output goes to", async () => {
    const under = ["sh", "-c", 'exec "$0" "$@" >/dev/full'];
    const { code, stderr } = await runScout(["schema", "config"], { under });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^egress-scout: internal: its output cannot be written \(ENOSPC\); .*\n$/);
  });

  it("takes options from the environment; the command line wins, and a variable may say no to a flag", async () => {
    const env = {
      EGRESS_SCOUT_PROMETHEUS: "http://127.0.0.1:44444",
      EGRESS_SCOUT_STATE: "redis:x",
      EGRESS_SCOUT_NO_LEARN: "false",
    };
    expect((await runScout(["scan"], { env })).stderr).toContain("redis:x");
    expect((await runScout(["scan", "--state", "memory:"], { env })).stderr).toMatch(
      /127\.0\.0\.1:44444 does not answer/,
    );
  });

  it("prints schemas that are JSON Schemas, and help with examples", async () => {
    for (const what of ["config", "scan", "replay"]) {
      expect(JSON.parse((await runScout(["schema", what])).stdout)).toMatchObject({
        type: "object",
        $schema: expect.any(String),
      });
    }
    for (const name of ["scan", "replay", "schema"]) {
      expect(await runScout([name, "--help"])).toMatchObject({ code: 0, stdout: expect.stringContaining("Example") });
    }
    expect(await runScout(["--version"])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  it("a reader that has seen enough is no error", async () => {
    const { spawn } = await import("node:child_process");
    const child = spawn("/bin/sh", ["-c", `"${process.execPath}" "${command}" schema config | head -c 10; exit 0`], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    await new Promise((resolve) => child.once("close", resolve));
    expect(stderr).toBe("");
  });
});
