/** Every command of the docs runs, on a mesh that is simulated and a Prometheus that is not. */
import { execFile, execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HeldPast, holdPast } from "../command/past.ts";
import { command, runScout } from "../command/run-scout.ts";
import { type Github, github, githubToken } from "../receivers/github.ts";
import type { Receiver } from "../receivers/receiver.ts";
import { slackReceiver, slackUrl } from "../receivers/slack.ts";
import { type Dns, startDns } from "../tools/dns.ts";
import { ensureTools } from "../tools/ensure.ts";
import { tempFolder } from "../tools/temp.ts";
import { type Block, blocksOf, pages, programsOf, root, stepsOf } from "./pages.ts";
import { standIns } from "./stand-ins.ts";
import { configOf, hour, layOut, minute, townCalls, townDns, townSpan } from "./town.ts";

/** What runs as it is, in a folder that does not stay. */
const asTheyAre = ["cat", "cd", "cp", "curl", "export", "jq", "sed"];
/** Pages whose commands another test runs. */
const elsewhere: Record<string, string> = { "docs/api.md": "test/command/api-docs.test.ts" };
/** Steps that end otherwise than with 0, and so they should. */
const ends: Record<string, number> = {
  // Denied.
  "npx egress-scout policy test egress-scout.yaml --sni en.wikipedia.org --from shop/web": 3,
};

const shell = (page: (typeof pages)[number]) => blocksOf(page).filter(({ language }) => language === "sh");
/** Without what is said of it. */
const bare = (step: string) => step.replace(/ +#.*$/, "");
const unclassified = (block: Pick<Block, "text">) =>
  stepsOf(block)
    .flatMap(programsOf)
    .map((program) => program.replace(/^npx .*/, "npx"))
    .filter((program) => !asTheyAre.includes(program) && !Object.hasOwn(standIns, program));

const folder = tempFolder("docs-commands");
let held: HeldPast;
let dns: Dns;
let slack: Receiver;
let hub: Github;
const end = Math.floor(Date.now() / minute) * minute - minute;
const environment = () => ({
  PATH: `${join(folder.path, "bin")}:${dirname(process.execPath)}:${process.env.PATH}`,
  HOME: folder.path,
  EGRESS_SCOUT_DNS: dns.server,
  EGRESS_SCOUT_PORT: "0",
  SLACK_WEBHOOK: slackUrl(slack),
  GITHUB_TOKEN: githubToken,
});
const rewritten = (text: string, home: string) =>
  text
    .replaceAll("http://localhost:9090", held.prometheus.url)
    .replaceAll(/https:\/\/hooks\.slack\.com\/services\/\S*/g, slackUrl(slack))
    .replaceAll(/--from \d{4}-\d\d-\d\dT\S+/g, `--from ${(end - hour) / 1000}`)
    .replaceAll(/(?<= )\/(?=etc\/|var\/|tmp\/)/g, `${home}/`);

/** A program of that name. What ends by itself is the command itself: to start a stand-in takes longer than most commands do. */
const launcher = (name: string) => {
  const standIn = `exec ${process.execPath} ${join(root, "test/docs/stand-ins.ts")} ${name} "$@"`;
  const real = (shift: string) =>
    `case "$*" in *serve*|*demo*|*--watch*) ;; ${name === "npx" ? "egress-scout*" : "*"}) ${shift}exec ${process.execPath} ${command} "$@" ;; esac`;
  const direct = { "egress-scout": real(""), npx: real("shift; ") }[name] ?? "";
  return `#!/bin/sh\n${direct}\n${standIn}\n`;
};

interface Step {
  text: string;
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs a page's commands in one shell for each block, in a folder that all of the page share. */
async function follow(page: string, blocks: readonly Block[]): Promise<Step[]> {
  const home = join(folder.path, page.replaceAll(/\W/g, "-"));
  cpSync(join(folder.path, "town"), home, { recursive: true });
  mkdirSync(join(home, "etc/systemd/system"), { recursive: true });
  const done: Step[] = [];
  for (const [number, block] of blocks.entries()) {
    const steps = stepsOf(block);
    const file = (n: number, kind: string) => join(home, `${number}-${n}.${kind}`);
    const script = steps.flatMap((step, n) => [
      `{ ${rewritten(step, home)}`,
      `} >${file(n, "out")} 2>${file(n, "err")} </dev/null; echo $? >${file(n, "code")}`,
    ]);
    const told = ["set -uo pipefail", ...script].join("\n");
    await promisify(execFile)("bash", ["-c", told], { cwd: home, env: environment() }).catch(() => {});
    const read = (n: number, kind: string) => (existsSync(file(n, kind)) ? readFileSync(file(n, kind), "utf8") : "");
    done.push(
      ...steps.map((text, n) => ({
        text: bare(text),
        code: Number(read(n, "code") || "-1"),
        stdout: read(n, "out"),
        stderr: read(n, "err"),
      })),
    );
  }
  return done;
}

const wrong = (steps: readonly Step[]) =>
  steps
    .filter(({ text, code }) => code !== (ends[text] ?? 0))
    .map(({ text, code, stderr }) => `${text}\n  ended with ${code}: ${stderr.trim()}`);

beforeAll(async () => {
  await ensureTools(["prometheus", "promtool", "dnsmasq", "kubectl", "curl", "jq", "patch"]);
  held = await holdPast(townCalls(end), townSpan(end));
  dns = await startDns(townDns);
  slack = await slackReceiver();
  hub = await github();
  const town = join(folder.path, "town");
  mkdirSync(town);
  layOut(town, configOf({ prometheus: held.prometheus.url, github: hub.url }), Date.now());
  const bin = join(folder.path, "bin");
  mkdirSync(bin);
  for (const name of Object.keys(standIns)) {
    const file = join(bin, name);
    writeFileSync(file, launcher(name));
    chmodSync(file, 0o755);
  }
  // What was learned and found before: the docs' verdicts are about these findings.
  for (const at of [end - hour, end]) {
    const { code, stderr } = await runScout(["scan", "--at", `${at / 1000}`], { cwd: town, env: environment() });
    if (code !== 0) throw new Error(stderr);
  }
});
afterAll(async () => {
  await held.stop();
  await dns.stop();
  await slack.close();
  await hub.close();
  folder.remove();
});

describe("commands of the docs", () => {
  const withCommands = pages.filter((page) => shell(page).length > 0);

  it("are all of a class", () => {
    const unknown = withCommands.flatMap((page) =>
      shell(page).flatMap((block) => unclassified(block).map((program) => `${page.path}:${block.line}: ${program}`)),
    );
    expect(unknown).toEqual([]);
    for (const test of Object.values(elsewhere)) expect(existsSync(join(root, test))).toBe(true);
  });

  it.each(withCommands.filter(({ path }) => !(path in elsewhere)).map((page) => [page.path, page]))(
    "%s",
    async (path, page) => {
      expect(wrong(await follow(path, shell(page)))).toEqual([]);
    },
    120_000,
  );

  it("have no exceptions that nobody needs", () => {
    const all = new Set(withCommands.flatMap((page) => shell(page).flatMap(stepsOf)).map(bare));
    expect(Object.keys(ends).filter((step) => !all.has(step))).toEqual([]);
  });
});

describe("commands within the text", () => {
  const helps = new Map<string, string>();
  const helpOf = (words: readonly string[]) => {
    const key = words.join(" ");
    const help = helps.get(key) ?? execFileSync(process.execPath, [command, ...words, "--help"], { encoding: "utf8" });
    helps.set(key, help);
    return help;
  };
  const scripts = Object.keys(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts);
  /** What is wrong with a span of code that names a command of ours. */
  const faults = (span: string): string[] => {
    const [, script] = /^npm run ([\w:]+)/.exec(span) ?? [];
    if (script !== undefined) return scripts.includes(script) ? [] : [`no script ${script}`];
    const [, file] = /^node (\S+\.ts)/.exec(span) ?? [];
    if (file !== undefined) return existsSync(join(root, file)) ? [] : [`no file ${file}`];
    const [, text] = /^(?:npx )?egress-scout ([a-z].*)$/.exec(span) ?? [];
    if (text === undefined) return [];
    const [name = "", sub = ""] = text.split(" ");
    const known = [...helpOf([]).matchAll(/^ {2}([a-z]+) /gm)].map(([, each]) => each);
    if (!known.includes(name)) return [`no command ${name}`];
    const words = name === "verdict" || name === "policy" ? [name, ...(/^[a-z]+$/.test(sub) ? [sub] : [])] : [name];
    const help = helpOf(words);
    return [...text.matchAll(/(?<= )--[a-z-]+/g)].map(([one]) => one).filter((one) => !help.includes(one));
  };
  /** Spans of code, and lines of blocks that are no shell's: crontabs, and what we ourselves print. */
  const spans = pages.flatMap((page) => {
    const plain = page.text.replaceAll(/^```.*?^```$/gms, "");
    const lines = blocksOf(page).filter(({ language }) => language === "" || language === "text");
    return [
      ...[...plain.matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span),
      ...lines.flatMap(({ text }) => text.match(/(?<![\w/-])egress-scout [a-z][^#>`\n]*/g) ?? []),
    ].map((span) => ({ path: page.path, span }));
  });

  it("are there, with the options that they are named with", () => {
    const broken = spans.flatMap(({ path, span }) => faults(span).map((fault) => `${path}: ${span}: ${fault}`));
    expect(broken).toEqual([]);
    expect(spans.filter(({ span }) => span.includes("egress-scout ")).length).toBeGreaterThan(10);
  });

  it.each([
    ["egress-scout look", "no command look"],
    ["egress-scout scan --colour", "--colour"],
    ["npm run nothing", "no script nothing"],
    ["node test/nothing.ts", "no file test/nothing.ts"],
  ])("would be caught: %s", (span, fault) => {
    expect(faults(span)).toEqual([fault]);
  });
});

describe("a wrong command is caught", () => {
  it.each([
    ["helm install egress-scout", ["helm"]],
    ["egress-scout scan | tee out", ["tee"]],
    ["id=$(uuidgen) egress-scout scan", ["uuidgen"]],
  ])("by its class: %s", (text, programs) => {
    expect(unclassified({ text })).toEqual(programs);
  });

  it.each([
    ["egress-scout scan --colour", 2],
    ["npx egress-scout plan --prometheus http://localhost:9090 --exist manifests/", 2],
    ["npm run nothing", 64],
    ["npx osls deploy --param=nothing=1", 64],
    ["aws dynamodb create-table --table-name egress-scout", 64],
    [`aws lambda invoke --function-name poll --payload '{"dryrun":true}' out.json`, 64],
    ["kubectl apply -f proxy.log", 64],
    ["kubectl get pods -A -o yaml", 64],
    ["docker run registry.example/egress-scout:0.1.0 scan --colour", 64],
    ["systemctl enable egress-scout.socket", 64],
  ])("by its end: %s", async (text, code) => {
    const [step] = await follow(`wrong-${text.replaceAll(/\W/g, "")}`, [{ page: "", line: 0, language: "sh", text }]);
    expect(step?.code).toBe(code);
  });
});
