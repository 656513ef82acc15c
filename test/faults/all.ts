/** The whole matrix, from its world to what came of each cell. */
import { tempFolder } from "../tools/temp.ts";
import { baseline, baselines } from "./baseline.ts";
import { type Cell, type Outcome, play } from "./cell.ts";
import { diskCells } from "./disk.ts";
import { killCells } from "./kills.ts";
import { clusterOf, runAll, slots } from "./matrix.ts";
import { dnsCells, httpCell, httpCells } from "./parts.ts";
import { togetherCells } from "./together.ts";
import { startWorld } from "./world.ts";

/** Cells that must fail, or the matrix sees nothing. */
const planted: Cell[] = [
  // The door waits for a request that no run makes.
  {
    ...{ part: "planted", fault: "never met", step: "from request 999" },
    run: (stage) => httpCell(stage, { part: "Slack", fault: "500", spoil: { from: 999 } }),
  },
  // Who says yes for the webhook hands nothing on.
  {
    ...{ part: "planted", fault: "swallowed", step: "from the first" },
    run: (stage) => httpCell(stage, { part: "webhook", fault: "wrong type", spoil: { from: 1 } }),
  },
];

export interface Matrix {
  cells: readonly Cell[];
  outcomes: ReadonlyMap<string, Outcome>;
  planted: ReadonlyMap<string, Outcome>;
  seconds: number;
}

/** @param choose the cells to run, of all */
export async function runMatrix(choose: (cells: readonly Cell[]) => readonly Cell[]): Promise<Matrix> {
  const begun = Date.now();
  const folder = tempFolder("faults");
  const world = await startWorld(folder.path);
  try {
    await world.learn([baselines.sqlite], "sqlite");
    await world.learn([baselines.dynamodb], "dynamodb");
    const { requests, steps } = await baseline(world);
    const all = [
      ...[...togetherCells(), ...httpCells(requests), ...dnsCells()],
      ...[...killCells(steps), ...diskCells()],
    ];
    const cells = choose(all);
    const stores = [...cells, ...planted].map(({ store = "sqlite" }, index) => ({ store, cluster: clusterOf(index) }));
    for (const store of ["sqlite", "dynamodb"] as const) {
      await world.learn(
        stores.flatMap((one) => (one.store === store ? [one.cluster] : [])),
        store,
      );
    }
    const failing = Promise.all(
      planted.map(async (cell, index) => {
        const cluster = clusterOf(cells.length + index);
        return [cell.fault, await play(world, cluster, cell, slots)] as const;
      }),
    );
    const outcomes = await runAll(world, cells);
    return { cells, outcomes, planted: new Map(await failing), seconds: Math.round((Date.now() - begun) / 1000) };
  } finally {
    await world.stop();
    folder.remove();
  }
}

/**
 * For every day: of each part every second fault, each at another step; of kills every sixteenth; of disks and of what runs do to each
 * other all but the repetitions.
 */
export function representative(cells: readonly Cell[]): Cell[] {
  const parts = [...new Set(cells.map(({ part }) => part))];
  const groups = new Map<string, Cell[]>();
  for (const cell of cells) {
    const name = `${cell.part} ${cell.fault}`;
    groups.set(name, [...(groups.get(name) ?? []), cell]);
  }
  const seen = new Map<string, number>();
  return [...groups.values()].flatMap((group, index) => {
    const [{ part } = { part: "" }] = group;
    if (part === "kill -9") return group.filter((_, n) => n % 16 === index % 16);
    if (["disk", "state file", "runs", "clock"].includes(part)) return group.slice(0, part === "clock" ? 3 : 1);
    const nth = seen.get(part) ?? 0;
    seen.set(part, nth + 1);
    if ((nth + parts.indexOf(part)) % 2 === 1) return [];
    return group.slice(nth % group.length).slice(0, 1);
  });
}
