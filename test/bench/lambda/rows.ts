/** (e) Functions: how soon they are at work, how large they are, and what memory they need. */
import { bareMB } from "../process.ts";
import { type Row, rowOf } from "../row.ts";
import type { LambdaMemory } from "./memory.ts";
import type { LambdaStart } from "./start.ts";

export function functionRows(start: LambdaStart, memory: LambdaMemory): Row[] {
  const bare = bareMB();
  const { sightings, series, learnMB, quietMB } = memory;
  const size = `${sightings} sightings, ${series} series`;
  const of = (figure: string, ours: number) =>
    rowOf("e", {
      figure,
      unit: "MB",
      ours,
      baseline: bare,
      against: "a Node that does nothing",
      limit: { of: "ours", most: 160 },
    });
  return [
    rowOf("e", {
      ...{
        figure: "poll: start to the handler's first line",
        unit: "ms",
        ours: start.handlerMs,
        baseline: start.bareMs,
      },
      ...{ against: "a Node that does nothing", limit: { of: "ratio", most: 4 } },
    }),
    ...Object.entries(start.sizes).map(([name, { start: bytes, total }]) =>
      rowOf("e", {
        ...{ figure: `${name}: JavaScript of a cold start`, unit: "bytes", ours: bytes, baseline: total },
        ...{ against: "all that any call may load", limit: name === "poll" ? { of: "ours", most: 450_000 } : null },
      }),
    ),
    of(`poll: most memory, ${size}, all known`, quietMB),
    of(`poll: most memory, ${size}, to learn them`, learnMB),
  ];
}
