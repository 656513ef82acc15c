import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { findPrometheus3, type Run } from "./prometheus-3.ts";
import { tempFolder } from "./temp.ts";

const folder = tempFolder("prometheus-3");
afterEach(folder.remove);

/** A machine whose apt brings a program of that version; keeps what was run, and the sources that apt was given. */
function machine(mirror: string, version: string, fails = "") {
  const ran: string[] = [];
  const sources: string[] = [];
  const run: Run = async (program, args, cwd = "") => {
    ran.push([program.replace(/^.*\//, ""), args[0]].join(" "));
    if (args[0] === fails) throw new Error(`Command failed\nW: slow\nE: ${fails} failed\nE: and more`);
    const list = args.find((arg) => arg.startsWith("Dir::Etc::SourceList="))?.replace(/^.*=/, "");
    if (list !== undefined) sources.push(readFileSync(list, "utf8"));
    if (program === "sh") {
      mkdirSync(join(cwd, "unpacked/usr/bin"), { recursive: true });
      writeFileSync(join(cwd, "unpacked/usr/bin/prometheus"), version);
    }
    return args[0] === "indextargets" ? mirror : args[0] === "--version" ? `prometheus, version ${version}\n` : "";
  };
  const said: string[] = [];
  const find = () => findPrometheus3(run, folder.path, (line) => void said.push(line));
  return { find, ran, said, sources };
}

const mirror = "http://mirror.example/debian/\nhttp://mirror.example/debian/\n";

describe("findPrometheus3", () => {
  it("fetches it from where the machine has Debian from, once, and leaves nothing else behind", async () => {
    const { find, ran, said, sources } = machine(mirror, "3.5.3");
    const program = join(folder.path, "prometheus-3");
    expect(await find()).toEqual({ program });
    expect(ran).toEqual([
      "apt-get indextargets",
      "apt-get update",
      "apt-get download",
      "sh -c",
      "prometheus --version",
    ]);
    const source =
      "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror.example/debian/ unstable main\n";
    expect(sources).toEqual([source, source]);
    expect(readdirSync(folder.path)).toEqual(["prometheus-3"]);
    expect(await find()).toEqual({ program });
    expect([ran.length, said.length]).toEqual([5, 1]);
  });

  it.each([
    ["", "3.5.3", "", "apt has no lists of a Debian release"],
    [mirror, "3.5.3", "update", "no Prometheus 3: update failed;"],
    [mirror, "4.0.0", "", "has another: prometheus, version 4.0.0;"],
  ])("says why it is missing and how to get it (%j, %s, %s)", async (uri, version, fails, why) => {
    const { find, said } = machine(uri, version, fails);
    const found = await find();
    const missing = "missing" in found ? found.missing : "";
    expect(missing).toContain(why);
    expect(missing).toContain(`put its program at ${join(folder.path, "prometheus-3")}`);
    expect(said.at(-1)).toBe(missing);
    expect(existsSync(folder.path) ? readdirSync(folder.path) : []).toEqual([]);
  });

  it("finds the real one, or says why not", async ({ annotate }) => {
    const found = await findPrometheus3();
    if ("missing" in found) await annotate(found.missing);
    else expect(execFileSync(found.program, ["--version"], { encoding: "utf8" })).toMatch(/version 3\./);
  }, 300_000);
});
