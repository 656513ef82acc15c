/** What has to hold for whatever comes in, and how long it is tried. */
import fc from "fast-check";
import { expect } from "vitest";
import { ScoutError } from "../../lib/errors.ts";
import { watched } from "./watchdog.ts";

export interface Property {
  /** `input: what holds`. */
  name: string;
  /** With fewer cases it has shown nothing, and fails. */
  least: number;
  check(tries: Tries): Promise<Outcome>;
}

export interface Tries {
  /** ms */
  time: number;
  seed: number;
  /** Where fast-check's path leads to: that case alone. */
  path?: string | undefined;
}

export interface Outcome {
  name: string;
  runs: number;
  seconds: number;
  /** What the hardest case cost, in ms of processor time. */
  hardest: number;
  counterexample: { seed: number; path: string; text: string } | null;
}

/** No case is larger than some 100 KB; one that costs more than this, in ms of processor time, is a hang to be. */
const most = 15_000;
/** So long the fewest cases may take where the machine is busy, ms; after them the time that was given counts. */
const patience = 30_000;

/** A property of fast-check's, with bounded work for each case; `holds` throws where it does not. */
export function property<T>(
  name: string,
  least: number,
  cases: fc.Arbitrary<T>,
  holds: (one: T) => void | Promise<void>,
): Property {
  return {
    name,
    least,
    async check({ time, seed, path }) {
      const began = performance.now();
      let hardest = 0;
      let runs = 0;
      const bounded = async (one: T) => {
        const before = process.cpuUsage();
        await watched(`${name}, seed ${seed}`, async () => await holds(one));
        const { user, system } = process.cpuUsage(before);
        const cost = (user + system) / 1000;
        runs += 1;
        hardest = Math.max(hardest, cost);
        if (cost > most) throw new Error(`one case took ${Math.round(cost)} ms of the processor`);
      };
      const tried = (settings: fc.Parameters<[T]>) =>
        fc.check(fc.asyncProperty(cases, bounded), { seed, markInterruptAsFailure: false, ...settings });
      const first =
        path === undefined
          ? { numRuns: least, interruptAfterTimeLimit: Math.max(time, patience) }
          : { path, numRuns: 1 };
      let details = await tried(first);
      const left = time - (performance.now() - began);
      if (path === undefined && !details.failed && left > 0) {
        details = await tried({ seed: seed + 1, numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: left });
      }
      const seconds = (performance.now() - began) / 1000;
      // Out of time before the first case ended is no counterexample: `least` tells.
      const failed =
        details.failed && details.counterexample !== null
          ? { seed: details.seed, path: details.counterexamplePath ?? "", text: textOf(details) }
          : null;
      return { name, runs, seconds, hardest: Math.round(hardest), counterexample: failed };
    },
  };
}

function textOf({ counterexample, errorInstance }: { counterexample: unknown; errorInstance: unknown | null }): string {
  const said = errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : String(errorInstance);
  return `${fc.stringify(counterexample).slice(0, 2_000)}\n${said.slice(0, 3_000)}`;
}

/** What `work` gives, or null where it refuses as it should: by an error of ours, fit to print. Whatever else it throws is thrown. */
export async function answered<T>(work: () => T | Promise<T>, secrets: readonly string[] = []): Promise<T | null> {
  try {
    return await work();
  } catch (thrown) {
    expectOurs(thrown, secrets);
    return null;
  }
}

/** An error of ours with a code, whose texts are fit to print and tell no secret. */
export function expectOurs(thrown: unknown, secrets: readonly string[] = []): asserts thrown is ScoutError {
  if (!(thrown instanceof ScoutError)) throw thrown;
  expect(thrown.code).toMatch(/^[a-z]+(\/[a-z-]+)?$/);
  expect(thrown.code).not.toBe("internal");
  expect(thrown.message).not.toBe("");
  expectPrintable(thrown.message);
  expectPrintable(thrown.mend);
  if ("mistakes" in thrown && Array.isArray(thrown.mistakes)) {
    expect(thrown.mistakes.length).toBeGreaterThan(0);
    for (const one of thrown.mistakes) expectPrintable(one);
  }
  const all = [thrown.message, thrown.mend, ...("mistakes" in thrown ? [thrown.mistakes].flat() : [])].join("\n");
  for (const secret of secrets) expect(all.includes(secret), `the secret in ${all.slice(0, 500)}`).toBe(false);
}

/** Nothing that a terminal obeys, nobody sees, or that turns the direction of what follows. `\n` where `lines`. */
export function expectPrintable(text: string, lines = false): void {
  const unseen = (lines ? /[^\P{C}\n]|[\p{Zl}\p{Zp}]/u : /[\p{C}\p{Zl}\p{Zp}]/u).exec(text);
  if (unseen === null) return;
  const at = Math.max(0, unseen.index - 60);
  throw new Error(`not fit to print: ${JSON.stringify(text.slice(at, at + 120))} has ${JSON.stringify(unseen[0])}`);
}
