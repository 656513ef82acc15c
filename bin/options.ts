/** Options that commands share, and their texts → values. Every option is also an environment variable EGRESS_SCOUT_…. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { type Addition, additions } from "../lib/istio/telemetry/additions.ts";
import type { Call } from "../lib/wire.ts";
import { parseDuration, parseTime } from "../lib/words/duration.ts";
import { levels } from "./stderr-log.ts";

const environment = (name: string) => `EGRESS_SCOUT_${name.toUpperCase().replaceAll("-", "_")}`;

function option(flags: string, text: string): Option {
  const made = new Option(flags, text);
  const name = environment(made.name());
  // A variable that says no to a flag is as if it were not there; commander takes any value for a yes.
  const isFlag = !made.required;
  return isFlag && /^(|0|false|no|off)$/i.test(process.env[name] ?? "") ? made : made.env(name);
}

function time(text: string): number {
  const parsed = parseTime(text);
  if (parsed === null) throw new InvalidArgumentError("It takes RFC 3339 (2026-11-22T10:00:00Z) or Unix seconds.");
  return parsed;
}

function duration(text: string): number {
  const parsed = parseDuration(text);
  if (parsed === null) throw new InvalidArgumentError("It takes a duration such as 30s, 15m, 7d.");
  return parsed;
}

function span(text: string): number {
  const parsed = duration(text);
  if (parsed === 0) throw new InvalidArgumentError("It takes a duration of more than nothing.");
  return parsed;
}

function step(text: string): number {
  const parsed = duration(text);
  if (parsed < 1000) throw new InvalidArgumentError("It takes a second or more.");
  return parsed;
}

/** Of a variable that only says yes, the usual interval. */
const interval = (usual: string) => (text: string) => step(/^(true|yes|on)$/i.test(text) ? usual : text);

function since(text: string): Call["since"] {
  const back = parseDuration(text);
  if (back !== null) return { back };
  const at = parseTime(text);
  if (at === null) throw new InvalidArgumentError("It takes a duration back from the end (15m, 30d) or a time.");
  return { at };
}

/** Repeated on the command line; `splitLists` takes a list with commas apart that came from the environment. */
const list = (text: string, before: readonly string[] | undefined) => [...(before ?? []), text];

/** Of a variable, a list with commas becomes its values; on the command line a comma is part of the value. */
export function splitLists(command: Command): void {
  for (const option of command.options.filter((one) => one.parseArg === list)) {
    const name = option.attributeName();
    if (command.getOptionValueSource(name) !== "env") continue;
    const texts: readonly string[] = command.getOptionValue(name);
    const values = texts.flatMap((text) => text.split(",")).filter((one) => one !== "");
    command.setOptionValueWithSource(name, values, "env");
  }
}

function port(text: string): number {
  const parsed = Number(text);
  if (!/^\d{1,5}$/.test(text) || parsed > 65_535) throw new InvalidArgumentError("It takes a port, 0 to 65535.");
  return parsed;
}

function version(text: string): string {
  if (!/^1\.\d{1,2}(\.\d{1,2})?$/.test(text)) throw new InvalidArgumentError("It takes an Istio version such as 1.30.");
  return text;
}

function namespace(text: string): string {
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text)) throw new InvalidArgumentError("It takes a namespace.");
  return text;
}

function labels(text: string): readonly Addition[] {
  const asked = text.split(",").map((one) => one.trim());
  const known = additions.filter((one) => asked.includes(one));
  if (known.length === 0 || asked.some((one) => !additions.some((each) => each === one))) {
    throw new InvalidArgumentError(`It takes a list of ${additions.join(", ")}.`);
  }
  return known;
}

/** Options of `telemetry` alone. */
export const labelling = {
  istio: () =>
    option("--istio <version>", "the mesh's Istio (default: suggest.istio of the config, or 1.30)").argParser(version),
  labels: () =>
    option("--labels <list>", `what to add, of ${additions.join(",")}`)
      .argParser(labels)
      .default([...additions], "all"),
  namespace: () =>
    option("--namespace <name>", "the mesh's root namespace").argParser(namespace).default("istio-system"),
  gateway: () => option("--gateway", "also for the egress gateway (suggest.egressGateway of the config)"),
  logs: () => option("--logs", "also write access logs, of egress alone"),
  old: () => option("--old", "also what the mesh config needs up to Istio 1.17"),
  estimate: () => option("--estimate", "ask Prometheus how many series each label adds"),
};

/** Options of `doctor` alone. */
export const examining = {
  send: () => option("--send", "send a real test message to each channel"),
};

/** Options of `replay` alone. */
export const replaying = {
  from: () => option("--from <time>", "where to begin (default: 7d before the end)").argParser(time),
  to: () => option("--to <time>", "where to end (default: now less 15s)").argParser(time),
  step: () => option("--step <d>", "from one run to the next").argParser(step).default(300_000, "5m"),
};

/** Options of `policy test` alone. */
export const testing = {
  sni: () => option("--sni <name>", "the SNI of the call"),
  host: () => option("--host <name>", "the Host of the call, with or without a port"),
  from: () => option("--from <namespace/workload>", "who calls"),
  label: () => option("--label <key=value>", "a label of the workload, repeatable").argParser(list),
};

/** Options of `verdict set` alone. */
export const deciding = {
  lasting: () => option("--for <d>", "how long it holds, from now (default: without end; snoozed: 7d)").argParser(span),
  reason: () => option("--reason <text>", "why"),
  by: () => option("--by <name>", "who decides (default: the user who runs this)"),
  writeFile: () => option("--write-file", "put it into the reviewed file of the config instead of the state"),
  force: () => option("--force", "also for an id that no finding is known of"),
};

/** Options of `serve` alone. */
export const serving = {
  port: () => option("--port <n>", "where to listen; 0 for any that is free").argParser(port).default(8080),
};

export const common = {
  config: () => option("--config <file>", "the config file (default: egress-scout.yaml, where there is one)"),
  prometheus: () => option("--prometheus <url>", "one cluster with defaults; no config file needed"),
  cluster: () =>
    option("--cluster <name>", "only this cluster of the config; with --prometheus, its name (default: default)"),
  state: () =>
    option(
      "--state <url>",
      "where to remember: sqlite:PATH, dynamodb:TABLE or memory: (default: sqlite:egress-scout.db)",
    ),
  at: () => option("--at <time>", "the end: RFC 3339 or Unix seconds (default: now less 15s)").argParser(time),
  since: (usual = "the last run's end") =>
    option("--since <t>", `the start: 15m, 30d or a time (default: ${usual})`).argParser(since),
  dns: () => option("--dns <host:port>", "the resolver to ask, repeatable (default: the system's)").argParser(list),
  existing: () =>
    option(
      "--existing <path>",
      "ServiceEntry, Sidecar and Namespace manifests in force: a file or folder of YAML, repeatable",
    ).argParser(list),
  logs: () =>
    option("--logs <file>", "access logs to read beside the metrics, repeatable; gzip too, - for stdin").argParser(
      list,
    ),
  pullRequest: () =>
    option("--pull-request", "open or update a pull request for each owner, where the config's pullRequests says"),
  dryRun: () => option("--dry-run", "send nothing, remember nothing, print what would have been sent"),
  format: (...choices: string[]) => option("--format <f>", "how to print the result").choices(choices).default("text"),
  failOnFindings: () => option("--fail-on-findings", "exit 3 where there are open findings"),
  logLevel: () => option("--log-level <l>", "what to say on stderr").choices(levels).default("warn"),
  watch: (usual: string) =>
    option("--watch [d]", `again and again, so often (default: ${usual}); a live view on a terminal`)
      .preset(usual)
      .argParser(interval(usual)),
  noLearn: () => option("--no-learn", "a first run reports all it sees as new"),
  learn: () => option("--learn <d>", "how far back a first run learns (default: 7d)").argParser(duration),
};
