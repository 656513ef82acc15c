/** A log of JSON lines, as CloudWatch Logs Insights reads them. */
import type { Facts, Log } from "../lib/log.ts";

export function jsonLog(): Log {
  const write =
    (level: string) =>
    (message: string, facts: Facts = {}) => {
      process.stdout.write(`${JSON.stringify({ level, message, ...facts })}\n`);
    };
  return { error: write("ERROR"), warn: write("WARN"), info: write("INFO"), debug: () => {}, progress: write("INFO") };
}
