/** Runs cells side by side, and counts what became of them. */
import { availableParallelism } from "node:os";
import pLimit from "p-limit";
import { type Cell, type Outcome, play, type Shown } from "./cell.ts";
import type { World } from "./world.ts";

export const nameOf = ({ part, fault, step, store = "sqlite" }: Cell): string =>
  `${part}: ${fault}, ${step}${store === "dynamodb" && part !== "DynamoDB" ? ", on DynamoDB" : ""}`;

export const clusterOf = (index: number): string => `cell-${index + 1}`;

/** Processes at once: many of them wait for something that hangs. */
const atOnce = 3 * Math.max(2, availableParallelism());
const slot = pLimit(atOnce);
export const slots = <T>(work: () => Promise<T>): Promise<T> => slot(work);

/** @returns what came of each cell by its name; one that broke has that as its fault */
export async function runAll(world: World, cells: readonly Cell[]): Promise<Map<string, Outcome>> {
  // A cell's parts are opened when its turn comes, and not all at once.
  const turn = pLimit(2 * atOnce);
  const outcomes = new Map<string, Outcome>();
  await Promise.all(
    cells.map((cell, index) =>
      turn(async () => {
        const outcome = await play(world, clusterOf(index), cell, slots).catch(
          (thrown: unknown): Outcome => ({
            shown: "killed",
            faults: [`the cell broke: ${thrown instanceof Error ? thrown.stack : thrown}`],
          }),
        );
        outcomes.set(nameOf(cell), outcome);
      }),
    ),
  );
  return outcomes;
}

/** What is wrong with the matrix as a whole: cells that did not run, or failed. */
export function shortfalls(cells: readonly Cell[], outcomes: ReadonlyMap<string, Outcome>): string[] {
  return cells.flatMap((cell) => {
    const outcome = outcomes.get(nameOf(cell));
    if (outcome === undefined) return [`${nameOf(cell)}: did not run`];
    return outcome.faults.map((one) => `${nameOf(cell)}: ${one}`);
  });
}

const order: readonly Shown[] = ["borne", "told later", "killed"];

/** A line for each part, with its faults: how many cells ran, and what they showed. */
export function countsText(cells: readonly Cell[], outcomes: ReadonlyMap<string, Outcome>): string {
  const rows = new Map<string, Map<string, Map<Shown, number>>>();
  for (const cell of cells) {
    const outcome = outcomes.get(nameOf(cell));
    if (outcome === undefined) continue;
    const row = rows.get(cell.part) ?? new Map<string, Map<Shown, number>>();
    const counts = row.get(cell.fault) ?? new Map<Shown, number>();
    counts.set(outcome.shown, (counts.get(outcome.shown) ?? 0) + 1);
    rows.set(cell.part, row.set(cell.fault, counts));
  }
  const told = (counts: ReadonlyMap<Shown, number>) =>
    order.flatMap((shown) => (counts.has(shown) ? [`${counts.get(shown)} ${shown}`] : [])).join(" + ");
  const lines = [...rows].flatMap(([part, row]) => [
    `${part}: ${sum([...row.values()])} cells`,
    ...[...row].map(([fault, counts]) => `  ${fault.padEnd(28)} ${told(counts)}`),
  ]);
  const failed = [...outcomes.values()].filter(({ faults }) => faults.length > 0).length;
  return [...lines, `${outcomes.size} of ${cells.length} cells ran, ${failed} failed`].join("\n");
}

const sum = (all: readonly ReadonlyMap<Shown, number>[]): number =>
  all.flatMap((counts) => [...counts.values()]).reduce((total, one) => total + one, 0);
