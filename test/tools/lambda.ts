/**
 * Runs a packaged function as Lambda does: a process of its own, driven through a Runtime API on loopback, frozen between invocations, killed
 * at its time-out, started again after that. What Lambda adds to a function (its memory limit, its network) is not here.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";

/** The Node of each Lambda runtime, from the development dependencies. */
export const runtimes = {
  "nodejs22.x": fileURLToPath(new URL("../../node_modules/node22/bin/node", import.meta.url)),
  "nodejs24.x": fileURLToPath(new URL("../../node_modules/node/bin/node", import.meta.url)),
};
export type Runtime = keyof typeof runtimes;

const runtimeFile = fileURLToPath(new URL("lambda-runtime.mjs", import.meta.url));

export interface FunctionSettings {
  /** Where the package is unzipped, and the handler in it: `dist/functions/poll/index.handler`. */
  root: string;
  handler: string;
  runtime?: Runtime;
  env?: Record<string, string>;
  /** Default 60,000. */
  timeoutMs?: number;
}

/** How an invocation, or the start before it, ended. */
export type Invocation =
  | { ended: "answer"; value: unknown }
  | { ended: "error"; errorType: string; errorMessage: string; trace: string[] }
  | { ended: "init error"; errorType: string; errorMessage: string; trace: string[] }
  | { ended: "timeout" }
  | { ended: "exit"; code: number | null };

export interface LambdaFunction {
  /** One invocation; a process is started where none is there. One at a time, as in one of Lambda's environments. It is frozen when this returns. */
  invoke(payload?: unknown): Promise<Invocation>;
  /** Processes started so far: one more after a time-out, an error of the start, or an exit. */
  starts(): number;
  /** Of the process that is there. */
  pid(): number;
  /** The most memory that the process had, in bytes. */
  peakMemory(): number;
  /** What was written to stdout and stderr so far. */
  logs(): string;
  stop(): Promise<void>;
}

/** What the Runtime API has to say to the process, and hears of it. */
interface Environment {
  child: ChildProcess;
  /** Set while the process waits for its next invocation. */
  waiting: ServerResponse | null;
  heard: (invocation: Invocation) => void;
  frozen: () => void;
}

export async function startFunction(settings: FunctionSettings): Promise<LambdaFunction> {
  const { timeoutMs = 60_000 } = settings;
  let [running, queued, starts, said]: [Environment | null, string | null, number, string] = [null, null, 0, ""];

  const server = createServer((asked, answer) => void route(asked, answer)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = portOf(server);
  const killNow = () => void running?.child.kill("SIGKILL");
  process.once("exit", killNow);

  /** An invocation waits for the process, or the process for an invocation: then it is frozen. */
  function handOut(): void {
    if (running?.waiting == null) return;
    if (queued === null) {
      running.child.kill("SIGSTOP");
      running.frozen();
      return;
    }
    const [answer, body] = [running.waiting, queued];
    [running.waiting, queued] = [null, null];
    running.child.kill("SIGCONT");
    answer.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": randomUUID(),
      "lambda-runtime-deadline-ms": String(Date.now() + timeoutMs),
      "lambda-runtime-invoked-function-arn": "arn:aws:lambda:eu-west-1:000000000000:function:egress-scout-poll",
      "lambda-runtime-trace-id": "Root=1-00000000-000000000000000000000000;Sampled=0",
    });
    answer.end(body);
  }

  async function route(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const path = asked.url?.replace("/2018-06-01/runtime/", "") ?? "";
    if (path === "invocation/next") {
      if (running !== null) running.waiting = answer;
      handOut();
      return;
    }
    const body: unknown = JSON.parse(Buffer.concat(await asked.toArray()).toString());
    answer.writeHead(202).end("{}");
    if (path.endsWith("/response")) running?.heard({ ended: "answer", value: body });
    else running?.heard({ ended: path === "init/error" ? "init error" : "error", ...errorIn(body) });
  }

  function start(): Environment {
    starts++;
    const { root, handler, runtime = "nodejs24.x", env = {} } = settings;
    const child = spawn(runtimes[runtime], ["--expose-gc", "--max-http-header-size", "81920", runtimeFile], {
      cwd: root,
      env: { ...lambdaEnv(runtime, root, handler, port), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (said += text));
    const current: Environment = { child, waiting: null, heard: () => {}, frozen: () => {} };
    child.once("exit", (code) => {
      current.heard({ ended: "exit", code });
      current.frozen();
    });
    return current;
  }

  async function invoke(payload: unknown = {}): Promise<Invocation> {
    const current = running ?? start();
    running = current;
    queued = JSON.stringify(payload);
    const invocation = await new Promise<Invocation>((resolve) => {
      const late = setTimeout(() => resolve({ ended: "timeout" }), timeoutMs);
      current.heard = (heard) => {
        clearTimeout(late);
        resolve(heard);
      };
      handOut();
    });
    if (invocation.ended !== "answer" && invocation.ended !== "error") await drop(current);
    else if (current.waiting === null) await new Promise<void>((resolve) => (current.frozen = resolve));
    return invocation;
  }

  async function drop({ child }: Environment): Promise<void> {
    [running, queued] = [null, null];
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  const pid = () => running?.child.pid ?? 0;
  return {
    invoke,
    pid,
    starts: () => starts,
    peakMemory: () => 1024 * Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid()}/status`, "utf8"))?.[1]),
    logs: () => said,
    async stop() {
      process.removeListener("exit", killNow);
      if (running !== null) await drop(running);
      server.closeAllConnections();
      server.close();
    },
  };
}

function portOf(server: Server): number {
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("a TCP server has no port");
  return bound.port;
}

function errorIn(body: unknown): { errorType: string; errorMessage: string; trace: string[] } {
  const { errorType, errorMessage, trace } = body as { errorType: string; errorMessage: string; trace: string[] };
  return { errorType, errorMessage, trace };
}

/** What Lambda sets, as far as a program may look at it. Nothing of this machine's environment is passed on. */
const lambdaEnv = (runtime: Runtime, root: string, handler: string, port: number): Record<string, string> => ({
  PATH: "/nonexistent",
  LANG: "en_US.UTF-8",
  TZ: ":UTC",
  AWS_REGION: "eu-west-1",
  AWS_DEFAULT_REGION: "eu-west-1",
  AWS_EXECUTION_ENV: `AWS_Lambda_${runtime}`,
  AWS_LAMBDA_FUNCTION_NAME: "egress-scout-poll",
  AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
  AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
  AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
  LAMBDA_TASK_ROOT: root,
  LAMBDA_RUNTIME_DIR: root,
  _HANDLER: handler,
});
