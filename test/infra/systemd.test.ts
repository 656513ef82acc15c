import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { command, runScout } from "../command/run-scout.ts";
import { ensureTools, toolPath } from "../tools/ensure.ts";
import { tempFolder } from "../tools/temp.ts";

const unit = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../infra/systemd/${name}`, import.meta.url)), "utf8");

describe("infra/systemd", () => {
  const folder = tempFolder("systemd");
  beforeAll(() => ensureTools(["systemd-analyze"]));
  afterAll(() => folder.remove());
  const analyze = (...args: string[]) =>
    execFileSync(toolPath("systemd-analyze"), args, { encoding: "utf8", stdio: "pipe", cwd: folder.path });
  /** What systemd says of the units, the command where this checkout has it. */
  function verified(service: string): string {
    writeFileSync(
      join(folder.path, "egress-scout.service"),
      service.replaceAll("/usr/local/bin/egress-scout", command),
    );
    writeFileSync(join(folder.path, "egress-scout.timer"), unit("egress-scout.timer"));
    // It says what it finds, and exits with 0 nevertheless.
    const names = ["egress-scout.service", "egress-scout.timer"];
    return spawnSync(toolPath("systemd-analyze"), ["verify", ...names], { cwd: folder.path, encoding: "utf8" }).stderr;
  }

  it("holds units that systemd finds nothing wrong with, and a misspelt one would be found", () => {
    expect(verified(unit("egress-scout.service"))).toBe("");
    expect(verified(unit("egress-scout.service").replace("Type=oneshot", "Type=oneshoot"))).toContain("oneshoot");
  });

  it("starts every five minutes", () => {
    const [, calendar = ""] = /^OnCalendar=(.*)$/m.exec(unit("egress-scout.timer")) ?? [];
    const next = analyze("calendar", "--iterations=3", "--base-time=2026-11-22 10:01:00", calendar);
    expect(next.match(/\d\d:\d\d:00(?= UTC|$)/gm)?.slice(0, 3)).toEqual(["10:05:00", "10:10:00", "10:15:00"]);
  });

  it("leaves the service little to do harm with", () => {
    verified(unit("egress-scout.service"));
    const said = analyze("security", "--offline=true", "--threshold=20", "egress-scout.service");
    expect(said).toContain("OK");
  });

  it("calls the command with options it has", async () => {
    const [, line = ""] = /^ExecStart=\S+ (.*)$/m.exec(unit("egress-scout.service")) ?? [];
    const [name = "", ...args] = line.split(" ");
    const { stdout } = await runScout([name, "--help"]);
    for (const option of args.filter((one) => one.startsWith("--"))) expect(stdout).toContain(`${option} <`);
  });
});
