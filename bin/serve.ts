/** `egress-scout serve`: the HTTP API, as long as it is left running. */
import { once } from "node:events";
import type { Server } from "node:http";
import type { Command } from "commander";
import { readSettings } from "../lib/config/index.ts";
import { ScoutError } from "../lib/errors.ts";
import type { ApiCall, WiredApi } from "../lib/wire/api.ts";
import { common, serving } from "./options.ts";
import { type Level, stderrLog } from "./stderr-log.ts";

interface ServeOptions {
  config?: string;
  state?: string;
  dns?: string[];
  existing?: string[];
  port: number;
  logLevel: Level;
}

const examples = `
Examples:
  egress-scout serve --config egress-scout.yaml          the page, the API and Slack's buttons on port 8080
  curl -fsS http://localhost:8080/healthz
  curl -fsS http://localhost:8080/api/v1/verdicts -H "Authorization: Bearer $SCOUT_TOKEN" -H 'Content-Type: application/json' \\
    -d '{"id":"42aea8b59a82890a36ca41e5f742a091","verdict":"snoozed","for":"30d"}'

Who may call and how Slack is set up is in docs/serve.md.`;

/** So long requests that are being answered, and then runs that go on, may take after SIGTERM, ms. */
const patience = 10_000;

export function addServe(program: Command): void {
  const command = program
    .command("serve")
    .description("the on-demand HTTP API: what is known, plans, scans, verdicts; Slack's command and buttons")
    .addHelpText("after", examples);
  const { config, state, dns, existing, logLevel } = common;
  for (const option of [config, state, serving.port, dns, existing, logLevel]) command.addOption(option());
  command.action(serve);
}

/** Loaded when it is needed: other commands need not wait for it. */
const parts = async () => ({
  ...(await import("./http-server.ts")),
  ...(await import("../lib/api/app.ts")),
  ...(await import("../lib/wire/api.ts")),
});

async function serve({ config: file, state, dns, existing, port, logLevel }: ServeOptions): Promise<void> {
  const config = await readSettings(file ?? null);
  const isAlone = config.api.tokens.length === 0;
  const machine = { env: process.env, now: Date.now, log: stderrLog(logLevel) };
  const besides = isAlone ? "loopback" : null;
  const call: ApiCall = {
    state: state ?? config.state,
    besides,
    queue: null,
    dns: dns ?? [],
    existing: existing ?? [],
  };
  const { api, httpServer, wireApi } = await parts();
  const wired = await wireApi(config, call, machine);
  // A state that cannot be opened is told now, and not to the first who calls.
  await wired.parts.store();
  const server = httpServer(api(wired.parts).fetch);
  const signal = firstSignal();
  await listen(server, port, isAlone);
  const why = isAlone ? " (this machine alone, without a token: the config has no api.tokens)" : "";
  process.stderr.write(`listening on ${addressOf(server)}${why}\n`);
  process.exitCode = await ended(server, signal, wired);
}

async function listen(server: Server, port: number, isAlone: boolean): Promise<void> {
  server.listen(isAlone ? { port, host: "127.0.0.1" } : { port });
  try {
    await once(server, "listening");
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown error";
    const mend = code === "EADDRINUSE" ? "another program listens there: give another --port" : "give another --port";
    throw new ScoutError("usage", `port ${port} cannot be listened on (${code})`, { mend, cause: thrown });
  }
}

function addressOf(server: Server): string {
  const at = server.address();
  if (typeof at !== "object" || at === null) return String(at);
  return `http://${at.family === "IPv6" ? `[${at.address}]` : at.address}:${at.port}`;
}

const firstSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, resolve);
  });

/** Waits for a signal, takes no more requests, answers those that are there. @returns the exit code */
async function ended(server: Server, signal: Promise<NodeJS.Signals>, { close }: WiredApi): Promise<number> {
  const name = await signal;
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), patience);
  await closed;
  clearTimeout(late);
  const code = name === "SIGINT" ? 130 : 0;
  // A run that goes on still would keep the process; its window is the next one's.
  if (!(await close(patience))) process.exit(code);
  return code;
}
