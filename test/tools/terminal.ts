/** The built command on a real pseudo-terminal: util-linux' `script` holds it, `stty` sets its size. */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { displayWidth } from "../../lib/report/width.ts";
import { command } from "../command/run-scout.ts";
import { tempFolder } from "./temp.ts";

export interface TerminalOptions {
  columns: number;
  rows?: number;
  cwd?: string;
  env?: Record<string, string>;
  /** Shell redirections of the command, such as `2>/dev/null`. */
  redirect?: string;
  /** What a shell does with the command line; default: it becomes the command. */
  around?: (run: string) => string;
}

export interface Terminal {
  /** All that the terminal got so far, escapes included. */
  readonly text: string;
  /** What a live view drew last, a line each, as a terminal of that many columns shows it. */
  frame(): string[];
  /** Waits until the text pleases; throws with the text when that takes too long. */
  until(pleases: (text: string) => boolean, timeoutMs?: number): Promise<void>;
  send(keys: string): void;
  resize(columns: number, rows: number): void;
  /** The command's own process id. */
  pid(): number;
  /** Its exit code. */
  ended: Promise<number | null>;
  stop(): void;
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

const esc = "\u001b";
const sequence = new RegExp(`(${esc}\\[[0-9;?]*[A-Za-z])`);

/** Without line breaks of the terminal's own, all that is too much goes into its last cell, and what wipes the rest wipes that, too. */
function shownIn(columns: number, line: string): string {
  const cells: string[] = [];
  let at = 0;
  for (const piece of line.split(sequence)) {
    if (piece.startsWith(esc)) {
      if (/[JK]$/.test(piece)) cells.splice(Math.min(at, columns - 1));
      continue;
    }
    for (const character of piece) {
      cells[Math.min(at, columns - 1)] = character;
      at += displayWidth(character);
    }
  }
  return cells.join("");
}

/** Runs the command with these arguments; ended by itself or by the caller. */
export function onTerminal(args: readonly string[], options: TerminalOptions): Terminal {
  const { rows = 40, cwd, env = {}, redirect = "", around = (run) => `exec ${run} ${redirect}` } = options;
  let { columns } = options;
  const folder = tempFolder("terminal");
  const [ttyFile, pidFile] = [join(folder.path, "tty"), join(folder.path, "pid")];
  const run = [process.execPath, command, ...args].map(quoted).join(" ");
  const line = `stty cols ${columns} rows ${rows}; tty >${quoted(ttyFile)}; echo $$ >${quoted(pidFile)}; ${around(run)}`;
  const child = spawn("script", ["--quiet", "--return", "--command", `sh -c ${quoted(line)}`, "/dev/null"], {
    cwd,
    env: { PATH: process.env.PATH ?? "", TERM: "xterm-256color", SHELL: "/bin/sh", ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let text = "";
  let changed = () => {};
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
    changed();
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve)).finally(() => {
    changed();
    folder.remove();
  });
  let isOver = false;
  void ended.then(() => {
    isOver = true;
  });
  return {
    get text() {
      return text;
    },
    frame() {
      const drawn = text.split("\u001b[H").at(-1)?.split("\u001b[?7h")[0] ?? "";
      // The terminal driver writes one more carriage return.
      return drawn.split(/\r*\n/).map((one) => shownIn(columns, one));
    },
    async until(pleases, timeoutMs = 30_000) {
      const late = Date.now() + timeoutMs;
      while (!pleases(text)) {
        if (Date.now() > late || isOver) throw new Error(`the terminal shows otherwise:\n${text.slice(-4000)}`);
        const { promise, resolve } = Promise.withResolvers<void>();
        changed = resolve;
        const timer = setTimeout(resolve, 250);
        await promise;
        clearTimeout(timer);
      }
    },
    send: (keys) => void child.stdin.write(keys),
    resize(width, height) {
      columns = width;
      const tty = readFileSync(ttyFile, "utf8").trim();
      execFileSync("stty", ["-F", tty, "cols", String(width), "rows", String(height)]);
    },
    pid: () => (existsSync(pidFile) ? Number(readFileSync(pidFile, "utf8")) : 0),
    ended,
    stop: () => void child.kill("SIGKILL"),
  };
}
