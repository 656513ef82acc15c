/** The log of a command: lines on stderr, and how far it is where a person watches. */
import { formatWithOptions } from "node:util";
import { cutEnd } from "../lib/report/width.ts";
import type { Facts, Log } from "../lib/words/log.ts";
import { legible } from "../lib/words/printable.ts";

export const levels = ["error", "warn", "info", "debug"] as const;
export type Level = (typeof levels)[number];

export interface CommandLog extends Log {
  /** Begins anew: which cluster it is about from now on; empty for none. */
  about(cluster: string): void;
  /** How far something has come that may tell it often. */
  tell(text: string): void;
  /** What will hold the process up is said at once, where a person watches. */
  announce(text: string): void;
  /** Wipes what is shown of the progress: before anything is printed, and at the end. */
  done(): void;
}

/** Nobody wants to read of what takes less, ms. */
const patience = 1000;
const redrawn = 250;
/** Where nobody watches, a line so often at most, ms. */
const quiet = 10_000;

/** One line, in which nothing is obeyed by a terminal: facts may be what a workload wrote. */
export function logLine(level: Level, text: string, facts: Facts): string {
  const tail = Object.entries(facts).map(([name, value]) =>
    formatWithOptions({ colors: false }, " %s=%s", name, value),
  );
  return `${level}: ${legible(`${text}${tail.join("")}`, 4_000)}`;
}

/**
 * Progress is one line that is drawn again and wiped at the end on a terminal, from the second second on, with the time since `about`.
 * Elsewhere it is info lines, of `tell` one every ten seconds.
 */
export function stderrLog(level: Level): CommandLog {
  const line = progressLine();
  const write =
    (of: Level) =>
    (text: string, facts: Facts = {}) => {
      if (levels.indexOf(of) > levels.indexOf(level)) return;
      line.wipe();
      process.stderr.write(`${logLine(of, text, facts)}\n`);
    };
  const isWatched = process.stderr.isTTY === true && process.env.TERM !== "dumb";
  let saidAt = Date.now();
  return {
    error: write("error"),
    warn: write("warn"),
    info: write("info"),
    debug: write("debug"),
    progress: (text) => (isWatched ? line.show(text) : write("info")(text)),
    about: (cluster) => line.begin(cluster),
    tell(text) {
      if (isWatched) return line.show(text);
      if (Date.now() - saidAt < quiet) return;
      saidAt = Date.now();
      write("info")(line.text(text));
    },
    announce: (text) => (isWatched ? line.announce(text) : undefined),
    done: () => line.end(),
  };
}

function progressLine() {
  let cluster = "";
  let since = Date.now();
  let shown = "";
  let isThere = false;
  let timer: NodeJS.Timeout | null = null;
  const wipe = () => {
    if (isThere) process.stderr.write("\r\u001b[2K");
    isThere = false;
  };
  const text = (what: string) => {
    const seconds = Math.floor((Date.now() - since) / 1000);
    return `${cluster === "" ? "" : `${cluster}: `}${what} (${seconds} s)`;
  };
  const draw = (isAnnounced = false) => {
    if (!isAnnounced && Date.now() - since < patience) return;
    // The last column stays free: some terminals break the line there.
    const room = (process.stderr.columns || 80) - 1;
    process.stderr.write(`\r\u001b[2K${cutEnd(text(shown), room)}`);
    isThere = true;
  };
  // However the command ends, its line does not stay.
  process.once("exit", wipe);
  return {
    text,
    wipe,
    begin(name: string) {
      cluster = name;
      since = Date.now();
    },
    show(what: string) {
      const isNew = shown.split(":")[0] !== what.split(":")[0];
      shown = what;
      // What comes may hold the process up: what it is, is drawn before.
      if (isNew) draw();
      timer ??= setInterval(() => draw(), redrawn).unref();
    },
    announce(what: string) {
      shown = what;
      draw(true);
    },
    end() {
      if (timer !== null) clearInterval(timer);
      timer = null;
      wipe();
    },
  };
}
