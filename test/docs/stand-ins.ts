/**
 * What the docs' commands need and a test cannot have, first on PATH under its own name: each checks what it is asked, and answers as the real one would
 * where something reads the answer. `node stand-ins.ts PROGRAM ARGUMENTS…`; a wrong question ends with 64.
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { parseArgs } from "node:util";
import { parse, parseAllDocuments } from "yaml";
import { toolPath } from "../tools/ensure.ts";
import { root } from "./pages.ts";
import { entry, logLines } from "./town.ts";

type StandIn = (args: string[]) => Promise<void> | void;

function demand(holds: boolean, text: string): asserts holds {
  if (!holds) throw new Error(text);
}
const one = (what: string, value: string | undefined, allowed: Iterable<string>) =>
  demand(value !== undefined && [...allowed].includes(value), `${what}: ${value}`);
const read = (path: string) => readFileSync(join(root, path), "utf8");
const stdin = () => readFileSync(0, "utf8");
const say = (text: string) => void process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
const scripts = () => Object.keys(JSON.parse(read("package.json")).scripts);

/** The built command; what would go on for ever is ended when it is at work. */
async function scout(args: string[]): Promise<void> {
  if (args[0] === "demo") return;
  const child = spawn(process.execPath, [join(root, "dist/egress-scout.mjs"), ...args], {
    stdio: ["inherit", "pipe", "pipe"],
  });
  const endless = args[0] === "serve" ? /listening on/ : args.includes("--watch") ? /\n/ : null;
  let ended = false;
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    from.on("data", (chunk: Buffer) => {
      to.write(chunk);
      if (ended || endless === null || !endless.test(String(chunk))) return;
      ended = true;
      child.kill("SIGTERM");
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  process.exitCode = ended && (code === 143 || code === 0) ? 0 : (code ?? 1);
}

/** osls' own options, and the parameters that serverless.yml has. */
function osls([verb, ...rest]: string[]): void {
  one("npx osls", verb, ["deploy", "package", "remove"]);
  const text = { type: "string" } as const;
  const options = {
    region: text,
    stage: text,
    package: text,
    cfnRole: text,
    param: { ...text, multiple: true },
  } as const;
  const { values } = parseArgs({ args: rest, options });
  const known = Object.keys(parse(read("serverless.yml"), { logLevel: "error" }).params.default);
  for (const param of values.param ?? []) one("a parameter", param.split("=")[0], known);
}

function npm([verb, name, ...rest]: string[]): void {
  if (verb === "run") one("npm run", name, scripts());
  else one("npm", verb, ["ci", "test", "install"]);
  if (verb === "install") demand(name === "-g" && rest.join() === "egress-scout", `npm install ${name} ${rest}`);
}

const resources = new Set(["serviceentries", "sidecars", "namespaces"]);

async function kubectl(args: string[]): Promise<void> {
  const text = { type: "string", short: "n" } as const;
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      namespace: text,
      ...{ filename: { type: "string", short: "f" }, kustomize: { type: "string", short: "k" } },
      ...{
        output: { type: "string", short: "o" },
        selector: { type: "string", short: "l" },
        container: { type: "string", short: "c" },
      },
      ...{
        "all-namespaces": { type: "boolean", short: "A" },
        recursive: { type: "boolean", short: "R" },
        prefix: { type: "boolean" },
      },
      ...{
        since: { type: "string" },
        "dry-run": { type: "string" },
        from: { type: "string" },
        "from-literal": { type: "string" },
      },
    } as const,
  });
  const [verb = "", ...names] = positionals;
  one("kubectl", verb, ["apply", "create", "get", "logs", "port-forward"]);
  // What one of many calls needs is loaded by that one.
  const { kustomize } = await import("../tools/kustomize.ts");
  if (verb === "apply") {
    if (values.kustomize !== undefined) return demand(kustomize(values.kustomize).length > 0, "nothing to apply");
    const file = values.filename ?? "";
    return applied(file === "-" ? stdin() : readFileSync(file, "utf8"));
  }
  if (verb === "create" && values.from !== undefined) {
    const [kind, name] = values.from.split("/");
    const made = kustomize(".").find((each) => each.kind.toLowerCase() === kind && each.metadata.name === name);
    return demand(made !== undefined && made.metadata.namespace === values.namespace, `no ${values.from}`);
  }
  // The real one checks what it can without a server.
  if (verb === "create") return void execFileSync(toolPath("kubectl"), [...args, "--dry-run=client", "-o", "yaml"]);
  if (verb === "get") {
    for (const name of names.join().split(",")) one("kubectl get", name, resources);
    demand(values.output === "yaml" && values["all-namespaces"] === true, "get without -A -o yaml");
    return say(JSON.stringify({ apiVersion: "v1", kind: "List", items: [parse(entry)] }));
  }
  const prefix = values.prefix ? "[pod/web-5d8f7c6b9-abcde/istio-proxy] " : "";
  if (verb === "logs") say(logLines(Date.now()).replaceAll(/^(?=.)/gm, prefix));
}

/** What a cluster would be given: whole manifests, ServiceEntries by Istio's rules. */
function applied(text: string): void {
  const all = parseAllDocuments(text).flatMap((document) => {
    demand(document.errors.length === 0, String(document.errors[0]));
    const value = document.toJS();
    return value?.kind === "List" ? value.items : (value ?? []);
  });
  demand(all.length > 0, "nothing to apply");
  for (const { apiVersion, kind, metadata } of all) {
    demand(
      [apiVersion, kind, metadata?.name].every((each) => typeof each === "string"),
      "no Kubernetes object",
    );
  }
  execFileSync(process.execPath, [join(root, "dist/egress-scout.mjs"), "lint", "-"], { input: text });
}

/** By command: the options it must have, and may have. */
const awsCalls: Record<string, [must: string[], may: string[]]> = {
  "dynamodb create-table": [["table-name", "billing-mode", "attribute-definitions", "key-schema"], []],
  "dynamodb update-time-to-live": [["table-name", "time-to-live-specification"], []],
  "dynamodb update-continuous-backups": [["table-name", "point-in-time-recovery-specification"], []],
  "dynamodb update-table": [["table-name", "no-deletion-protection-enabled"], []],
  "dynamodb delete-table": [["table-name"], []],
  "lambda invoke": [["function-name"], ["payload", "cli-binary-format"]],
};

async function aws([service = "", action = "", ...rest]: string[]): Promise<void> {
  const [must, may] = awsCalls[`${service} ${action}`] ?? [[], []];
  demand(must.length > 0, `aws ${service} ${action}`);
  const values = new Map<string, string[]>();
  const alone: string[] = [];
  let name = "";
  for (const word of rest) {
    if (word.startsWith("--")) {
      name = word.slice(2);
      values.set(name, []);
    } else if (service === "lambda" && (values.get(name)?.length ?? 0) > 0) alone.push(word);
    else values.get(name)?.push(word);
  }
  for (const each of must) demand(values.has(each), `aws ${service} ${action} without --${each}`);
  for (const each of values.keys()) one(`aws ${service} ${action}`, each, [...must, ...may]);
  if (action === "create-table") sameAsTable(values);
  if (service !== "lambda") return;
  const [payload = "{}"] = values.get("payload") ?? [];
  const { order } = await import("../../functions/payload.ts");
  order.parse(JSON.parse(payload));
  demand(alone.length === 1, "aws lambda invoke needs a file for the answer");
  writeFileSync(alone[0] ?? "", "{}");
}

/** The table that is made by hand is that of the stack. */
function sameAsTable(values: ReadonlyMap<string, string[]>): void {
  const { Properties: table } = parse(read("infra/table.yml"), { logLevel: "error" }).Resources.Memory;
  const shorthand = (list: Record<string, string>[]) =>
    list
      .map((each) =>
        Object.entries(each)
          .map(([key, value]) => `${key}=${value}`)
          .join(),
      )
      .join(" ");
  for (const [name, wanted] of [
    ["attribute-definitions", shorthand(table.AttributeDefinitions)],
    ["key-schema", shorthand(table.KeySchema)],
    ["billing-mode", table.BillingMode],
  ])
    demand(values.get(name)?.join(" ") === wanted, `--${name}: ${values.get(name)?.join(" ")}`);
}

/** `run`: what follows the image has to be a command of ours, with options that it has. */
function docker([verb, ...rest]: string[]): void {
  one("docker", verb, ["build", "push", "run"]);
  if (verb === "build") demand(existsSync(join(root, "Dockerfile")) && rest.at(-1) === ".", "docker build where?");
  if (verb !== "run") return;
  const [name = "", ...args] = rest.slice(rest.findIndex((each) => each.includes("/egress-scout:")) + 1);
  const help = execFileSync(process.execPath, [join(root, "dist/egress-scout.mjs"), name, "--help"], {
    encoding: "utf8",
  });
  for (const option of args.filter((each) => each.startsWith("--"))) demand(help.includes(option), `${name} ${option}`);
}

function units(args: string[]): void {
  const names = args.filter((each) => each.startsWith("egress-scout"));
  for (const name of names) {
    const file = name.includes(".") ? name : `${name}.service`;
    demand(existsSync(join(root, "infra/systemd", file)), `no unit ${file}`);
  }
}

export const standIns: Readonly<Record<string, StandIn>> = {
  "egress-scout": scout,
  npx: ([name = "", ...args]) => {
    one("npx", name, ["egress-scout", "osls"]);
    return name === "osls" ? osls(args) : scout(args);
  },
  npm,
  kubectl,
  aws,
  docker,
  systemctl: units,
  journalctl: units,
  adduser: (args) => demand(args.includes("--system") && args.at(-1) === "egress-scout", `adduser ${args}`),
};

if (process.argv[1] === import.meta.filename) {
  // Whoever is called from here is meant, and not what stands in for it.
  process.env.PATH = process.env.PATH?.split(delimiter).slice(1).join(delimiter);
  const [program = "", ...args] = process.argv.slice(2);
  try {
    await standIns[program]?.(args);
  } catch (thrown) {
    process.stderr.write(`stand-in for ${program}: ${thrown instanceof Error ? thrown.message : thrown}\n`);
    process.exitCode = 64;
  }
}
