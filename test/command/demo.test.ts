import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { describe, expect, it } from "vitest";
import { runScout } from "./run-scout.ts";

const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith("egress-scout-demo"));

describe("demo", () => {
  it("learns, finds exactly what the mesh made new, finds nothing more, and cleans up", async () => {
    const before = leftovers();
    const { code, stdout, stderr } = await runScout(["demo"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/first run, learned 4 destinations[\s\S]* 6 new, [\s\S]* nothing new, /);
    for (const place of ["api.stripe.com", "203.0.113."]) expect(stdout).toContain(place);
    expect(leftovers()).toEqual(before);
  }, 90_000);

  it("ends with 130 on Ctrl-C, and leaves nothing behind", async () => {
    const before = leftovers();
    const { code } = await runScout(["demo"], {
      started: (child) => child.stdout?.once("data", () => child.kill("SIGINT")),
    });
    expect(code).toBe(130);
    expect(leftovers()).toEqual(before);
  }, 60_000);
});
