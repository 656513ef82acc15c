/** Waits of any length between runs. */
import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { again } from "../../bin/again.ts";

it("waits for longer than a timer holds, and ends when its reader has gone", async () => {
  let runs = 0;
  const warned: string[] = [];
  const warn = ({ name }: Error) => void warned.push(name);
  process.on("warning", warn);
  const waiting = Promise.withResolvers<void>();
  const ended = again(
    25 * 24 * 60 * 60_000,
    async () => {
      runs += 1;
      return null;
    },
    () => waiting.resolve(),
  );
  await waiting.promise;
  await turn();
  process.stdout.emit("error", new Error("gone"));
  expect(await ended).toBe(0);
  process.off("warning", warn);
  expect([runs, warned]).toEqual([1, []]);
});
