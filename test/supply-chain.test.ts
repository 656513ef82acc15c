/** What we ship, and what may run when it is installed: held against the lock file and the build. docs/supply-chain.md says it in words. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as z from "zod";

const root = new URL("../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

const entry = z.object({
  version: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  inBundle: z.boolean().optional(),
  optional: z.boolean().optional(),
  hasInstallScript: z.boolean().optional(),
});
const lock = z.object({ packages: z.record(z.string(), entry) }).parse(JSON.parse(read("package-lock.json")));
const { allowScripts, scripts } = z
  .object({ allowScripts: z.record(z.string(), z.boolean()), scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(read("package.json")));
const installed = Object.entries(lock.packages).filter(([path]) => path !== "");
const nameOf = (path: string): string => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);

const bom = z.object({
  bomFormat: z.literal("CycloneDX"),
  specVersion: z.string().regex(/^1\.\d$/),
  components: z.array(
    z.object({
      type: z.literal("library"),
      "bom-ref": z.string().min(1),
      name: z.string().min(1),
      version: z.string().min(1),
      purl: z.string().startsWith("pkg:npm/"),
      licenses: z
        .array(z.object({ license: z.object({ id: z.string() }) }).or(z.object({ expression: z.string() })))
        .optional(),
    }),
  ),
  dependencies: z.array(z.object({ ref: z.string() })),
});

/** `npm run sbom`, as anybody runs it. */
const sbom = () => {
  const [program = "", ...args] = (scripts.sbom ?? "").split(" ");
  return bom.parse(
    JSON.parse(execFileSync(program, args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })),
  );
};

/** Packages of which something is in dist/, by the source maps beside it. */
function bundled(): string[] {
  const maps = readdirSync(new URL("dist/", root), { recursive: true, encoding: "utf8" }).filter((one) =>
    one.endsWith(".map"),
  );
  const sources = maps.flatMap(
    (map) => z.object({ sources: z.array(z.string()) }).parse(JSON.parse(read(`dist/${map}`))).sources,
  );
  const names = sources.flatMap((source) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1] ?? []);
  return [...new Set(names)].sort();
}

it("nobody's install script runs but those that package.json names", () => {
  const scripted = installed.filter(([, one]) => one.hasInstallScript === true).map(([path]) => nameOf(path));
  expect([...new Set(scripted)].sort()).toEqual(Object.keys(allowScripts).sort());
  const run = Object.keys(allowScripts).filter((name) => allowScripts[name]);
  expect(run.sort()).toEqual(["esbuild", "node", "node22"]);
});

it("the lock file names no host, and a hash of each package", () => {
  expect(installed.length).toBeGreaterThan(100);
  for (const [path, { resolved, integrity, inBundle, optional }] of installed) {
    expect([path, resolved]).toEqual([path, undefined]);
    // It comes within another package, whose hash is its own; or is for another platform than the one where the lock file was made.
    if (inBundle === true || (optional === true && integrity === undefined)) continue;
    expect([path, integrity]).toEqual([path, expect.stringMatching(/^sha512-/)]);
  }
  expect(read("package-lock.json")).not.toMatch(/https?:\/\/[^"]*registry/);
});

it("dependencies are pinned to the very version", () => {
  const own = z.object({
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
  });
  const { dependencies, devDependencies } = own.parse(JSON.parse(read("package.json")));
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    expect([name, version]).toEqual([name, expect.stringMatching(/^(npm:[\w-]+@)?\d+\.\d+\.\d+$/)]);
  }
});

it("the SBOM has all that is bundled, and no package that only tests need", () => {
  const names = new Set(sbom().components.map(({ name }) => name));
  expect(bundled().length).toBeGreaterThan(30);
  expect(bundled().filter((name) => !names.has(name))).toEqual([]);
  for (const name of ["vitest", "typescript", "esbuild", "fast-check"]) expect(names.has(name)).toBe(false);
});

it("docs/supply-chain.md has the licence of each package that is bundled, and all are permissive", () => {
  const licences = new Map(
    sbom().components.map(({ name, licenses = [] }) => [
      name,
      licenses.map((one) => ("license" in one ? one.license.id : one.expression)).join(", "),
    ]),
  );
  const permissive = /^(MIT(-0)?|Apache-2\.0|ISC|BSD-[23]-Clause|0BSD|\(?MIT OR .*)$/;
  for (const name of bundled()) expect([name, licences.get(name)]).toEqual([name, expect.stringMatching(permissive)]);
  const byLicence = Map.groupBy(bundled(), (name) => licences.get(name) ?? "");
  const rows = [...byLicence]
    .sort()
    .map(([licence, all]) => `| ${licence} | ${all.map((one) => `\`${one}\``).join(", ")} |`);
  const [, written = ""] =
    /\| licence \| packages \|\n\|---\|---\|\n((?:\|.*\n)+)/.exec(read("docs/supply-chain.md")) ?? [];
  expect(written.trim().split("\n")).toEqual(rows);
});

it("what runs on every change is our own script and npm's own commands", () => {
  expect(readdirSync(new URL(".ci/", root))).toEqual(["run"]);
  const lines = read(".ci/run")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  expect(
    lines.filter((line) => !/^(set -euo pipefail|cd "\$\(dirname "\$0"\)\/\.\."|npm (ci|test|run demo))$/.test(line)),
  ).toEqual([]);
});
