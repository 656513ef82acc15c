import { describe, expect, it } from "vitest";
import { ensureTools, type Machine, toolPath } from "./ensure.ts";

/** A machine that has `there`, and whose apt-get brings `brings`. Keeps what was run and said. */
function machine(
  there: string[],
  mayInstall: boolean,
  brings: string[] = [],
): Machine & { ran: string[]; said: string[] } {
  const ran: string[] = [];
  const said: string[] = [];
  return {
    ran,
    said,
    mayInstall,
    find: (name) => (there.includes(name) ? `/bin/${name}` : null),
    say: (line) => void said.push(line),
    async run(command, args) {
      ran.push([command, ...args].join(" "));
      if (args.includes("install")) there.push(...brings);
      return args.includes("update") ? 100 : 0;
    },
  };
}

describe("ensureTools", () => {
  it("does nothing where all is there", async () => {
    const one = machine(["prometheus", "promtool"], true);
    await ensureTools(["prometheus", "promtool"], one);
    expect([one.ran, one.said]).toEqual([[], []]);
  });

  it("installs only the packages of what is missing, even from old lists", async () => {
    const one = machine(["dnsmasq"], true, ["prometheus", "promtool"]);
    await ensureTools(["prometheus", "promtool", "dnsmasq"], one);
    expect(one.ran).toEqual([
      "apt-get update -y -o DPkg::Lock::Timeout=300",
      "apt-get install -y -o DPkg::Lock::Timeout=300 --no-install-recommends prometheus",
    ]);
    expect(one.said[0]).toBe("installing prometheus (Debian packages) for prometheus, promtool");
  });

  it("names what is missing and how to get it where it may not install", async () => {
    const asked = ensureTools(["prometheus", "dnsmasq"], machine([], false));
    await expect(asked).rejects.toThrow(
      "prometheus, dnsmasq are not in PATH, /usr/bin or /usr/sbin; on Debian or Ubuntu: sudo apt-get install --no-install-recommends prometheus dnsmasq-base",
    );
  });

  it("names what is still missing after an installation that failed", async () => {
    const asked = ensureTools(["prometheus", "dnsmasq"], machine([], true, ["prometheus"]));
    await expect(asked).rejects.toThrow(/^dnsmasq is not in PATH.* dnsmasq-base$/);
  });

  it("finds the real ones", async () => {
    await ensureTools(["prometheus", "promtool", "dnsmasq"]);
    for (const name of ["prometheus", "promtool", "dnsmasq"] as const)
      expect(toolPath(name)).toMatch(new RegExp(`/${name}$`));
  });
});
