/** The heap as it is measured: of what is remembered only, not of machine code. To be imported before what is measured. */
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * V8 optimises functions for as long as a process lives, and forgets the code of those that rest: both swing by hundreds of KB. So there is one kind of
 * machine code only, made with what is learnt of types the first time that a function is called, and kept.
 */
const flags = ["no-opt", "no-maglev", "always-sparkplug", "no-flush-bytecode", "no-lazy-feedback-allocation"];
for (const flag of [...flags, "expose-gc"]) setFlagsFromString(`--${flag}`);
const collect: unknown = runInNewContext("gc");

/** Bytes that are left after garbage collection. */
export async function heapUsed(): Promise<number> {
  if (typeof collect !== "function") throw new Error("this Node has no gc()");
  // What finalizers let go (timers of signals that nobody waits for, statements) is collected by the second; they run in turns of their own.
  collect();
  await setTimeout(1);
  collect();
  return process.memoryUsage().heapUsed;
}
