/** A log of JSON lines by Powertools, as CloudWatch Logs Insights reads them. */
import { Logger } from "@aws-lambda-powertools/logger";
import type { Context } from "aws-lambda";
import { asScoutError, ConfigError } from "../lib/errors.ts";
import type { Facts, Log } from "../lib/words/log.ts";

export const service = process.env.POWERTOOLS_SERVICE_NAME ?? "egress-scout";
const logger = new Logger({ serviceName: service });

/**
 * @param context of the invocation: its request id is on every line
 * @param keys on every line as well, such as the cluster; `correlation_id` is what one looks for to follow a call
 */
export function jsonLog(context?: Context, keys: Facts = {}): Log {
  const own = logger.createChild();
  if (context !== undefined) own.addContext(context);
  own.appendPersistentKeys(keys);
  return {
    error: (text, facts = {}) => own.error(text, { ...facts }),
    warn: (text, facts = {}) => own.warn(text, { ...facts }),
    info: (text, facts = {}) => own.info(text, { ...facts }),
    debug: (text, facts = {}) => own.debug(text, { ...facts }),
    progress: (text) => own.info(text),
  };
}

/** What a log says of an error: its code, what it met and what to do; of one that is our fault, where it was thrown as well. */
export function errorFacts(thrown: unknown): Facts {
  const error = asScoutError(thrown);
  const { code, message, mend } = error;
  return {
    ...{ code, error: message },
    ...(mend === "" ? {} : { mend }),
    ...(error instanceof ConfigError ? { mistakes: error.mistakes.join("; ") } : {}),
    ...(code === "internal" && thrown instanceof Error ? { stack: thrown.stack ?? "" } : {}),
  };
}

/** The error that the caller gets, in one line. Without a cause, which Lambda would print: an SDK's errors hold requests. */
export function answerable(thrown: unknown): Error {
  const error = asScoutError(thrown);
  const mistakes = error instanceof ConfigError ? `: ${error.mistakes.join("; ")}` : "";
  const mend = error.mend === "" ? "" : `; ${error.mend}`;
  const told = new Error(`${error.code}: ${error.message}${mistakes}${mend}`);
  told.name = "ScoutError";
  return told;
}
