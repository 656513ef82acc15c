/** A program that runs beside the tests and never outlives them. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface Child {
  pid: number;
  /** Has it ended? */
  ended(): boolean;
  /** SIGTERM, and SIGKILL when that has not helped for ten seconds. Returns when it has ended; again is no error. */
  stop(): Promise<void>;
  /** SIGKILL, as a power cut does. */
  kill9(): Promise<void>;
}

/**
 * Starts a program and waits until `ready` says so (asked every 20 ms). Throws with the end of its stderr where it ends before that, or
 * is not ready in time, and leaves nothing running.
 */
export async function startChild(
  path: string,
  args: string[],
  ready: () => Promise<boolean>,
  timeoutMs = 20_000,
): Promise<Child> {
  const child = spawn(path, args, { stdio: ["ignore", "ignore", "pipe"] });
  const said: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => said.splice(0, Math.max(0, said.push(text) - 50)));
  await once(child, "spawn");
  const handle = handleOf(child);
  const deadline = Date.now() + timeoutMs;
  while (!(await ready()) || handle.ended()) {
    if (!handle.ended() && Date.now() < deadline) {
      await sleep(20);
      continue;
    }
    const how = handle.ended()
      ? `ended with ${child.exitCode ?? child.signalCode}`
      : `is not ready after ${timeoutMs} ms`;
    await handle.kill9();
    throw new Error(`${path} ${how}: ${said.join("").trim().slice(-2000) || "it said nothing"}`);
  }
  return handle;
}

function handleOf(child: ChildProcess): Child {
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  const gone = ended() ? Promise.resolve() : once(child, "exit").then(() => undefined);
  const killNow = () => void child.kill("SIGKILL");
  process.once("exit", killNow);
  void gone.then(() => process.removeListener("exit", killNow));
  return {
    pid: child.pid ?? 0,
    ended,
    async stop() {
      if (ended()) return;
      child.kill("SIGTERM");
      const patience = setTimeout(killNow, 10_000);
      await gone;
      clearTimeout(patience);
    },
    async kill9() {
      killNow();
      await gone;
    },
  };
}

/** A TCP port of 127.0.0.1 that was free a moment ago. Whoever uses it must bear that somebody else was faster. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  return address.port;
}

/** Calls `start` with a fresh port, up to three times: between finding a port and taking it, another process may take it. */
export async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}
