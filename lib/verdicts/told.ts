/** What is kept of findings that are told. Pure. */
import type { Finding, ToldFinding } from "../model.ts";

/** Those that begin or go on, with whose they are; `at` is the run's end, ms. */
export const toldFindings = (findings: readonly Finding[], at: number): ToldFinding[] =>
  findings
    .filter(({ state }) => state === "open")
    .map(({ id, key, kind, source, destination, owner: { team } }) => ({
      id,
      key,
      kind,
      source,
      destination,
      team,
      at,
    }));
