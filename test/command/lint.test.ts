/** `lint` as a user runs it: the built command, files, folders, stdin, exit codes. */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, describe, expect, it } from "vitest";
import { lintSchema } from "../../lib/report/lint.ts";
import { entry, http } from "../istio/lint/make.ts";
import { tempFolder } from "../tools/temp.ts";
import { command, runScout } from "./run-scout.ts";

const folder = tempFolder("lint");
afterAll(() => folder.remove());

function file(name: string, ...documents: unknown[]): string {
  const path = join(folder.path, name);
  writeFileSync(path, documents.map((one) => (typeof one === "string" ? one : JSON.stringify(one))).join("\n---\n"));
  return path;
}

const sound = entry();
const warned = entry({ hosts: ["b.example.com."] });
const refused = entry({ hosts: ["203.0.113.7"] });
const lint = (args: string[], stdin = "") => runScout(["lint", ...args], { cwd: folder.path, stdin });

async function problems(args: string[], stdin = "") {
  const { stdout, code } = await lint(["--format", "json", ...args], stdin);
  return { code, ...lintSchema.parse(JSON.parse(stdout)) };
}

describe("exit codes", () => {
  it("0 without errors, with warnings too; 3 with one", async () => {
    file("sound.yaml", sound);
    file("warned.yaml", warned);
    file("refused.yaml", refused);
    expect(await lint(["sound.yaml"])).toEqual({
      code: 0,
      stdout: "No problems in 1 ServiceEntry of 1 file.\n",
      stderr: "",
    });
    expect(await lint(["warned.yaml"])).toMatchObject({ code: 0, stdout: expect.stringContaining("warning  ES0404") });
    expect(await lint(["sound.yaml", "warned.yaml", "refused.yaml"])).toMatchObject({ code: 3, stderr: "" });
  });

  it("2 without a file, with an unknown option, and with paths that cannot be read, all of which are named", async () => {
    file("sound.yaml", sound);
    mkdirSync(join(folder.path, "empty"), { recursive: true });
    expect(await lint([])).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("file") });
    expect(await lint(["--format", "yaml", "sound.yaml"])).toMatchObject({ code: 2, stdout: "" });
    const { code, stdout, stderr } = await lint(["sound.yaml", "none.yaml", "empty"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(
      /^egress-scout: usage: none\.yaml cannot be read \(ENOENT\); empty is a folder without .*\n$/,
    );
  });
});

describe("what is read", () => {
  it("several files and documents, each named by its file and place, in the order given", async () => {
    file("two.yaml", sound, { kind: "Service" }, refused);
    file("one.json", warned);
    const { problems: found, checked, code } = await problems(["two.yaml", "one.json", "two.yaml"]);
    expect(found.map(({ file, document, path, level, code }) => [file, document, path, level, code])).toEqual([
      ["two.yaml", 0, "metadata.name", "warning", "ES0410"],
      ["two.yaml", 2, "spec.hosts[0]", "error", "ES0202"],
      ["two.yaml", 2, "metadata.name", "warning", "ES0410"],
      ["one.json", 0, "spec.hosts[0]", "warning", "ES0404"],
    ]);
    expect({ checked, code }).toEqual({
      checked: { files: 2, documents: 4, serviceEntries: 3, passedOver: 1 },
      code: 3,
    });
  });

  it("a folder and what is below it, by name; other files are left alone", async () => {
    mkdirSync(join(folder.path, "tree/b"), { recursive: true });
    file("tree/b/x.yml", refused);
    file("tree/a.yaml", warned);
    file("tree/c.JSON", entry({ hosts: [] }, { name: "c" }));
    file("tree/notes.txt", '"');
    const { problems: found } = await problems(["tree", "tree/a.yaml"]);
    expect([...new Set(found.map(({ file }) => file))]).toEqual(["tree/a.yaml", "tree/b/x.yml", "tree/c.JSON"]);
  });

  it("stdin as -, once, with files beside it, also where it comes late", async () => {
    file("sound.yaml", sound);
    const text = `"\n---\n${JSON.stringify(refused)}\n`;
    const { problems: found, checked } = await problems(["-", "sound.yaml", "-"], text);
    expect(
      found.filter(({ level }) => level === "error").map(({ file, document, code }) => [file, document, code]),
    ).toEqual([
      ["-", 0, "ES0001"],
      ["-", 1, "ES0202"],
    ]);
    expect(checked.files).toBe(2);
    const late = spawn("/bin/sh", ["-c", `(sleep 0.5; echo '[') | "${process.execPath}" "${command}" lint -`], {
      env: { PATH: process.env.PATH ?? "", CI: "true", FORCE_COLOR: "1", TERM: "xterm" },
    });
    let said = "";
    late.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    expect(await new Promise((resolve) => late.once("close", resolve))).toBe(3);
    expect(said).toContain("-:0  -  error  ES0001");
  });

  it("an empty file, and nothing on stdin", async () => {
    file("empty.yaml", "");
    expect(await lint(["empty.yaml", "-"])).toMatchObject({
      code: 0,
      stdout: "No problems in 0 ServiceEntries of 2 files.\n",
    });
  });

  it("a pipe of the shell's", async () => {
    const child = spawn("/bin/bash", [
      "-c",
      `"${process.execPath}" "${command}" lint <(echo '${JSON.stringify(refused)}')`,
    ]);
    expect(await new Promise((resolve) => child.once("close", resolve))).toBe(3);
  });
});

describe("what is printed", () => {
  it("FILE:document path level code message, aligned, without colours in a pipe", async () => {
    file("refused.yaml", refused);
    const { stdout } = await lint(["refused.yaml"]);
    expect(stdout).toMatch(
      /^refused\.yaml:0 {2}spec\.hosts\[0\] {2}error {2}ES0202 {2}istiod refuses the manifest: "203\.0\.113\.7" is no host: .*\.\n1 problem \(1 error, 0 warnings\) in 1 ServiceEntry of 1 file\.\n$/,
    );
  });

  it("colours on a terminal, unless NO_COLOR; none in a pipe, whatever a CI's environment says", async () => {
    file("refused.yaml", refused);
    const red = "\u001b[31merror";
    const run = `"${process.execPath}" "${command}" lint refused.yaml`;
    const said = async (line: string, env: Record<string, string>) => {
      const child = spawn("/bin/sh", ["-c", line], {
        cwd: folder.path,
        env: { PATH: process.env.PATH ?? "", TERM: "xterm", ...env },
      });
      return (await text(child.stdout)).includes(red);
    };
    const terminal = `script --quiet --return --command '${run}' /dev/null </dev/null`;
    expect(await said(terminal, {})).toBe(true);
    expect(await said(terminal, { NO_COLOR: "1" })).toBe(false);
    expect(await said(terminal, { TERM: "dumb" })).toBe(false);
    expect(await said(run, { CI: "true", FORCE_COLOR: "1" })).toBe(false);
  });

  it("the same twice, byte for byte", async () => {
    file("many.yaml", ...[sound, warned, refused, entry({ ports: [{ ...http, number: 443 }] }, { name: "x" })]);
    const [first, second] = await Promise.all([lint(["many.yaml"]), lint(["many.yaml"])]);
    expect(first).toEqual(second);
  });

  it("a reader that has seen enough is no error", async () => {
    file("lots.yaml", ...Array.from({ length: 3000 }, () => warned));
    const child = spawn("/bin/sh", ["-c", `"${process.execPath}" "${command}" lint lots.yaml | head -n 1; exit 0`], {
      cwd: folder.path,
    });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    await new Promise((resolve) => child.once("close", resolve));
    expect(stderr).toBe("");
  });

  it("help has examples", async () => {
    expect(await lint(["--help"])).toMatchObject({ code: 0, stdout: expect.stringContaining("Examples") });
  });
});

describe("scale", () => {
  it("10,000 documents are read and compared with each other", async () => {
    const all = Array.from({ length: 10_000 }, (_, index) =>
      [
        "apiVersion: networking.istio.io/v1\nkind: ServiceEntry",
        `metadata: { name: e${index}, namespace: ns${index % 40} }`,
        `spec:\n  hosts:\n    - h${index % 5000}.example.com`,
        "  ports:\n    - { number: 443, name: tls, protocol: TLS }\n  resolution: DNS\n  exportTo: ['*']",
      ].join("\n"),
    );
    file("all.yaml", ...all);
    const { problems: found, checked } = await problems(["all.yaml"]);
    expect(checked).toEqual({ files: 1, documents: 10_000, serviceEntries: 10_000, passedOver: 0 });
    expect(found).toHaveLength(10_000);
    expect(found[0]).toMatchObject({ document: 0, code: "KIA1211", message: expect.stringContaining("ns0/e5000") });
  });

  it("10,000 entries on one TCP port, some for their namespace alone, are compared with each other", async () => {
    const all = Array.from({ length: 10_000 }, (_, index) =>
      [
        "apiVersion: networking.istio.io/v1\nkind: ServiceEntry",
        `metadata: { name: e${index}, namespace: ns${index % 200} }`,
        `spec:\n  hosts:\n    - h${index}.example.com`,
        `  ports:\n    - { number: 5432, name: tcp, protocol: TCP }\n  resolution: DNS\n  exportTo: ['${index % 400 < 200 ? "*" : "."}']`,
      ].join("\n"),
    );
    file("all.yaml", ...all);
    const { problems: found } = await problems(["all.yaml"]);
    expect(found.filter(({ code }) => code === "ES0403")).toHaveLength(10_000);
  });

  it("an entry of thousands of hosts and namespaces is refused before it is compared", async () => {
    const [hosts, exportTo] = [Array(4000).fill("a.example.com"), Array.from({ length: 4000 }, (_, n) => `n${n}`)];
    const spec = { hosts, exportTo, ports: [{ number: 443, name: "tls", protocol: "TLS" }], resolution: "DNS" };
    const metadata = { name: "many", namespace: "shop" };
    file("many.yaml", JSON.stringify({ apiVersion: "networking.istio.io/v1", kind: "ServiceEntry", metadata, spec }));
    expect((await problems(["many.yaml"])).problems).toMatchObject([{ code: "ES0109" }]);
  });
});
