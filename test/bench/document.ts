/** What a run of the benches gives: the rows of its table, on which machine and when they were measured, and what each group found besides. */
import * as z from "zod";
import { measures, type Size } from "./groups.ts";
import { machine } from "./machine.ts";
import { type Group, groups, type Row } from "./row.ts";

export interface BenchDocument {
  schema: "egress-scout/bench@2";
  /** RFC 3339, when it began. */
  at: string;
  size: Size;
  seconds: number;
  machine: ReturnType<typeof machine>;
  rows: Row[];
  details: Partial<Record<Group, object>>;
}

/** Runs the groups one after the other; `say` is told which is next. */
export async function documentOf(
  wanted: readonly Group[],
  size: Size,
  say: (text: string) => void,
): Promise<{ document: BenchDocument; prints: (() => void)[] }> {
  const [began, at] = [performance.now(), new Date().toISOString()];
  const rows: Row[] = [];
  const details: BenchDocument["details"] = {};
  const prints: (() => void)[] = [];
  for (const group of wanted) {
    const started = performance.now();
    const found = await measures[group](size);
    rows.push(...found.rows);
    details[group] = found.details;
    if (found.print !== undefined) prints.push(found.print);
    say(`${group}: ${groups[group]}, ${((performance.now() - started) / 1000).toFixed(0)} s`);
  }
  const seconds = (performance.now() - began) / 1000;
  return { document: { schema: "egress-scout/bench@2", at, size, seconds, machine: machine(), rows, details }, prints };
}

/** What is quoted of a document, as it is read from a file. */
export const quotable = z.object({
  at: z.iso.datetime(),
  size: z.literal("full"),
  machine: z.object({
    cores: z.int(),
    cpu: z.string(),
    memoryGiB: z.number(),
    node: z.string(),
    prometheus: z.string(),
  }),
  rows: z.array(
    z.object({
      group: z.enum(["a", "b", "c", "d", "e", "f", "g"]),
      figure: z.string(),
      unit: z.string(),
      ours: z.number(),
      baseline: z.number(),
      against: z.string(),
      ratio: z.number().nullable(),
      holds: z.boolean().nullable(),
    }),
  ),
});
