/** Cells of runs that get SIGKILL: before and after each request to anybody, and before each statement that writes the state file. */
import type { ChildProcess } from "node:child_process";
import { type Cell, healed, type Shown, type Stage } from "./cell.ts";
import { afterLease } from "./parts.ts";
import { preloaded } from "./preloaded.ts";

/** Of a run that meets no fault: how many requests it makes in all, by store, and its statements to the state file. */
export interface Steps {
  requests: Readonly<Record<"sqlite" | "dynamodb", number>>;
  statements: readonly string[];
}

export const killCells = ({ requests, statements }: Steps): Cell[] => [
  ...(["sqlite", "dynamodb"] as const).flatMap((store) => requestCells(store, requests[store])),
  ...statementCells(statements),
];

const requestCells = (store: "sqlite" | "dynamodb", count: number): Cell[] =>
  Array.from({ length: count }, (_, index) => index + 1).flatMap((nth) =>
    (["before", "after"] as const).map(
      (when): Cell => ({
        ...{ part: "kill -9", fault: `${when} a request`, step: `request ${nth}`, store },
        run: (stage) => killedAtRequest(stage, nth, when),
      }),
    ),
  );

async function killedAtRequest(stage: Stage, nth: number, when: "before" | "after"): Promise<Shown> {
  let child: ChildProcess | undefined;
  let requests = 0;
  let isDead = false;
  const outside = await stage.open({
    step(_, now) {
      if (child === undefined) return false;
      if (now === "before") requests += 1;
      if (now === when && requests >= nth) isDead = child.kill("SIGKILL") || isDead;
      return isDead;
    },
  });
  const ran = await stage.scan(outside, stage.world.times.first, {
    started(process) {
      child = process;
    },
  });
  child = undefined;
  isDead = false;
  if (ran.code !== null) stage.fault(`was not killed: exit ${ran.code} after ${requests} requests`);
  await healed(stage, outside, [ran], { env: later(stage) });
  return "killed";
}

/** Where the state is in DynamoDB, the next run comes when the lease is over. */
const later = ({ store }: Stage): Record<string, string> =>
  store === "dynamodb" ? preloaded({ clock: afterLease }) : {};

function statementCells(statements: readonly string[]): Cell[] {
  const isWrite = (text: string) => /^(BEGIN|COMMIT|INSERT|UPDATE|DELETE|PRAGMA)/.test(text);
  return statements.flatMap((text, index): Cell[] =>
    isWrite(text) && statements[index - 1] !== text
      ? [
          {
            ...{ part: "kill -9", fault: "before a write to the state file", step: `statement ${index + 1} (${text})` },
            run: (stage) => killedAtStatement(stage, index + 1),
          },
        ]
      : [],
  );
}

async function killedAtStatement(stage: Stage, nth: number): Promise<Shown> {
  const outside = await stage.open();
  const ran = await stage.scan(outside, stage.world.times.first, { env: preloaded({ dieAt: nth }) });
  if (ran.code !== null) stage.fault(`was not killed: exit ${ran.code}: ${ran.stderr}`);
  await healed(stage, outside, [ran]);
  return "killed";
}
