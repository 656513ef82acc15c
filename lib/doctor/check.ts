/** What a check says. Pure. */

import type { Check } from "../report/doctor.ts";
import { grouped } from "../words/grouped.ts";

export type { Check } from "../report/doctor.ts";

/** A check's result, without its name and cluster. */
export type Said = Pick<Check, "status" | "found" | "means" | "mend">;

/** All is well: what that means, for those who read it in full. */
export const ok = (found: string, means: string): Said => ({ status: "ok", found, means, mend: "" });
/** Runs go on, but see less, cost more or come late. */
export const warn = (found: string, means: string, mend: string): Said => ({ status: "warn", found, means, mend });
/** Runs do not work, or not for what they are there. */
export const fail = (found: string, means: string, mend: string): Said => ({ status: "fail", found, means, mend });
/** Nothing to check, or nothing to check it with. */
export const skip = (found: string, means: string, mend = ""): Said => ({ status: "skip", found, means, mend });

/** `1 pod`, `1,200 pods` */
export const some = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;

/** `a`, `a and b`, `a, b and c`; of very many the first ones. */
export function listed(all: readonly string[], most = 6): string {
  const shown = all.length > most ? [...all.slice(0, most), `${all.length - most} more`] : all;
  const last = shown.at(-1) ?? "";
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(", ")} and ${last}`;
}

/** Rounded down: 100 is all of it. */
export const percent = (part: number, whole: number): number => (whole === 0 ? 0 : Math.floor((100 * part) / whole));
