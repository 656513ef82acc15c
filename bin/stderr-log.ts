/** The log of a command: lines on stderr, and progress where a person watches. */
import { formatWithOptions } from "node:util";
import type { Facts, Log } from "../lib/log.ts";

export const levels = ["error", "warn", "info", "debug"] as const;
export type Level = (typeof levels)[number];

/** `progress` overwrites its own line on a terminal, and is an info line elsewhere. */
export function stderrLog(level: Level): Log & { done(): void } {
  let width = 0;
  const write =
    (of: Level) =>
    (text: string, facts: Facts = {}) => {
      if (levels.indexOf(of) > levels.indexOf(level)) return;
      const tail = Object.entries(facts).map(([name, value]) =>
        formatWithOptions({ colors: false }, " %s=%s", name, value),
      );
      process.stderr.write(`${of}: ${text}${tail.join("")}\n`);
    };
  const clear = () => {
    if (width > 0) process.stderr.write(`\r${" ".repeat(width)}\r`);
    width = 0;
  };
  return {
    error: write("error"),
    warn: write("warn"),
    info: write("info"),
    debug: write("debug"),
    progress(text) {
      if (!process.stderr.isTTY) return write("info")(text);
      clear();
      process.stderr.write(text);
      width = text.length;
    },
    done: clear,
  };
}
