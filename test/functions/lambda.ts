/** A warm Lambda instance: the built handlers in a process of their own, called one after another. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("instance.mjs", import.meta.url));
const dist = fileURLToPath(new URL("../../dist/functions", import.meta.url));

export interface Invoked {
  /** What the handler gave; undefined where it threw. */
  result: unknown;
  /** What it threw: its message, and all that Lambda would print of it. */
  failed: { message: string; printed: string } | null;
  /** Lines of the log, and metrics among them, as objects. */
  lines: Record<string, unknown>[];
  /** All that was written. */
  written: string;
}

export interface InvokeOptions {
  /** The function's time, ms; default 300,000. */
  time?: number;
  /** So much later than the clock says, ms: from now on. */
  later?: number;
  /** Of the environment, from now on. */
  env?: Record<string, string>;
}

export interface Instance {
  invoke(event: unknown, options?: InvokeOptions): Promise<Invoked>;
  stop(): Promise<void>;
}

/** @param name of the function; `env` is all of its environment but PATH */
export async function lambda(name: string, env: Record<string, string>, cwd?: string): Promise<Instance> {
  const child = spawn(process.execPath, [script, `${dist}/${name}/index.mjs`], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { PATH: "/nonexistent", AWS_LAMBDA_FUNCTION_NAME: name, AWS_EC2_METADATA_DISABLED: "true", ...env },
    stdio: ["pipe", "pipe", "pipe", "ipc"],
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  let written: string[] = [];
  for (const input of [child.stdout, child.stderr])
    if (input !== null) createInterface({ input }).on("line", (line) => written.push(line));
  let count = 0;
  return {
    async invoke(event, options = {}) {
      const id = `request-${++count}`;
      written = [];
      const answer = await new Promise<Pick<Invoked, "result" | "failed">>((resolve, reject) => {
        child.once("message", (message) => resolve(message as Pick<Invoked, "result" | "failed">));
        void ended.then(() => reject(new Error(`the instance ended: ${written.join("\n")}`)));
        child.send({ id, event, ...options });
      });
      // What is written and what is answered come by different ways.
      while (!written.includes(`end ${id}`)) await new Promise((resolve) => setImmediate(resolve));
      const lines = written.flatMap((line) => {
        try {
          return [JSON.parse(line) as Record<string, unknown>];
        } catch {
          return [];
        }
      });
      return { ...answer, lines, written: written.join("\n") };
    },
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Values of a metric in EMF lines, with their dimensions but the service. */
export function metrics(
  lines: readonly Record<string, unknown>[],
  name: string,
): { value: unknown; of: Record<string, unknown> }[] {
  return lines.flatMap((line) => {
    const emf = line._aws as
      | { CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[] }
      | undefined;
    const [one] = emf?.CloudWatchMetrics ?? [];
    if (one?.Namespace !== "EgressScout" || !one.Metrics.some((metric) => metric.Name === name)) return [];
    const named = one.Dimensions.map((set) => set.filter((dimension) => dimension !== "service"));
    return named.map((set) => ({
      value: line[name],
      of: Object.fromEntries(set.map((dimension) => [dimension, line[dimension]])),
    }));
  });
}

/** Log lines of a level. */
export const said = (lines: readonly Record<string, unknown>[], level: string) =>
  lines.filter((line) => line.level === level);
