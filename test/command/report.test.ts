/** `report` where it writes: whole or not at all, and in which form. */
import { execFileSync } from "node:child_process";
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { build } from "../page/town.ts";
import { tempFolder } from "../tools/temp.ts";
import { runScout } from "./run-scout.ts";

const folder = tempFolder("report");
const at = (name: string) => join(folder.path, name);
const state = ["--state", `sqlite:${at("town.db")}`];

beforeAll(async () => {
  const end = Math.floor(Date.now() / 60_000) * 60_000;
  await build(`sqlite:${at("town.db")}`, { cluster: "prod-eu", end, flows: 5, isHostile: false });
});
afterAll(() => folder.remove());

it("writes the page, in the place of what was there, and leaves nothing beside it", async () => {
  mkdirSync(at("out"));
  writeFileSync(at("out/egress.html"), "old");
  const { code, stdout, stderr } = await runScout(["report", ...state, "--out", at("out/egress.html")]);
  expect([code, stdout, stderr]).toEqual([0, "", ""]);
  expect(readFileSync(at("out/egress.html"), "utf8")).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
  expect(readdirSync(at("out"))).toEqual(["egress.html"]);
});

it("a link stays one, and a pipe is written to", async () => {
  writeFileSync(at("real.html"), "old");
  symlinkSync(at("real.html"), at("link.html"));
  expect((await runScout(["report", ...state, "--out", at("link.html")])).code).toBe(0);
  expect(lstatSync(at("link.html")).isSymbolicLink()).toBe(true);
  expect(readFileSync(at("real.html"), "utf8")).toMatch(/^<!doctype html>/);
  execFileSync("/usr/bin/mkfifo", [at("pipe")]);
  const read = readFile(at("pipe"), "utf8");
  expect((await runScout(["report", ...state, "--out", at("pipe")])).code).toBe(0);
  expect(await read).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
  expect(lstatSync(at("pipe")).isFIFO()).toBe(true);
});

it("knows the manifests in force that the config names for a cluster; --existing wins over it", async () => {
  const config = {
    clusters: [{ name: "prod-eu", prometheus: { url: "http://none.invalid" }, existing: ["in-force"] }],
  };
  writeFileSync(at("scout.json"), JSON.stringify(config));
  mkdirSync(at("in-force"));
  writeFileSync(at("in-force/none.yaml"), "");
  const html = ["report", ...state, "--config", at("scout.json"), "--format", "html"];
  expect((await runScout(html)).stdout).toContain("; 0 % covered; ");
  writeFileSync(at("in-force/none.yaml"), "kind: [");
  const given = await runScout([...html, "--existing", at("scout.json")]);
  expect([given.code, given.stderr]).toEqual([0, ""]);
  writeFileSync(at("scout.json"), JSON.stringify(config).replace("in-force", "gone"));
  const gone = await runScout(html);
  expect([gone.code, gone.stderr]).toEqual([
    2,
    expect.stringMatching(/clusters\.prod-eu\.existing: .*gone cannot be read/),
  ]);
});

it("to stdout with --format html; other forms as before, to a file too", async () => {
  const page = await runScout(["report", ...state, "--format", "html"]);
  expect([page.code, page.stdout.slice(0, 15)]).toEqual([0, "<!doctype html>"]);
  const json = await runScout(["report", ...state, "--format", "json", "--out", at("report.json")]);
  expect([json.code, json.stdout]).toEqual([0, ""]);
  expect(JSON.parse(readFileSync(at("report.json"), "utf8"))).toMatchObject({ schema: "egress-scout/report@1" });
  const text = await runScout(["report", ...state], { env: { EGRESS_SCOUT_FORMAT: "text" } });
  expect(text.stdout).toMatch(/^prod-eu: 5 destinations of \d workloads; /);
});

it("what cannot be written, read or understood is told: exit 2", async () => {
  const cases: [string[], RegExp][] = [
    [["--out", at("no/such/folder.html")], /--out: .*folder\.html cannot be written \(ENOENT\)/],
    [["--out", folder.path], /--out: .* cannot be written \(EISDIR\)/],
    [["--out", at("x.html"), "--existing", at("nothing.yaml")], /--existing: .*nothing\.yaml cannot be read/],
    [["--out", at("x.html"), "--cluster", "other"], /nothing is remembered of a cluster "other"; known are: prod-eu/],
    [["--format", "pdf"], /Allowed choices are text, json, metrics, html/],
  ];
  for (const [args, words] of cases) {
    const { code, stderr } = await runScout(["report", ...state, ...args]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(words)]);
  }
  expect(readdirSync(folder.path).filter((name) => name.startsWith("x.html"))).toEqual([]);
});
