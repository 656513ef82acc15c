/** Runs the built command as a user does: a process of its own. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ScanDocument } from "../../lib/report/scan-schema.ts";

export const command = fileURLToPath(new URL("../../dist/egress-scout.mjs", import.meta.url));

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd?: string;
  /** Beside PATH; nothing else of this process' environment is passed on. */
  env?: Record<string, string>;
  stdin?: string;
  /** What it runs under: a program and its arguments, before Node's. */
  under?: readonly string[] | undefined;
  /** Called with the process as soon as it runs. */
  started?: (child: ReturnType<typeof spawn>) => void;
}

export async function runScout(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const [program = "", ...rest] = [...(options.under ?? []), process.execPath, command, ...args];
  const child = spawn(program, rest, {
    cwd: options.cwd,
    env: { PATH: process.env.PATH ?? "", ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  options.started?.(child);
  child.stdin.end(options.stdin ?? "");
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once("error", reject).once("close", resolve),
  );
  return { code, ...texts };
}

/** A scan whose result is wanted: throws with what it said where it failed. */
export async function scanJson(args: readonly string[], options: RunOptions = {}): Promise<ScanDocument> {
  const { code, stdout, stderr } = await runScout(["scan", "--format", "json", ...args], options);
  if (code !== 0) throw new Error(`exit ${code}: ${stderr}`);
  return JSON.parse(stdout);
}
