import { Command } from "commander";
import { afterEach, describe, expect, it, vi } from "vitest";
import { common, splitLists, testing } from "../../bin/options.ts";

afterEach(() => vi.unstubAllEnvs());

/** What the options come to. */
async function parsed(...args: string[]) {
  let options: unknown;
  const program = new Command("egress-scout").hook("preAction", (_, command) => splitLists(command));
  const command = program.command("scan");
  for (const option of [common.existing, common.dns, testing.label]) command.addOption(option());
  command.action((given) => {
    options = given;
  });
  await program.parseAsync(["scan", ...args], { from: "user" });
  return options;
}

describe("an option that may be given often", () => {
  it("takes a comma as part of the value on the command line, and between values in the environment", async () => {
    const both = ["--existing", "a,b.yaml", "--existing", "c.yaml", "--label", "x=1,2"];
    vi.stubEnv("EGRESS_SCOUT_DNS", "127.0.0.1:1,,127.0.0.1:2");
    vi.stubEnv("EGRESS_SCOUT_EXISTING", "a,b.yaml");
    expect(await parsed(...both)).toEqual({
      existing: ["a,b.yaml", "c.yaml"],
      label: ["x=1,2"],
      dns: ["127.0.0.1:1", "127.0.0.1:2"],
    });
    expect(await parsed()).toEqual({ existing: ["a", "b.yaml"], dns: ["127.0.0.1:1", "127.0.0.1:2"] });
  });
});
