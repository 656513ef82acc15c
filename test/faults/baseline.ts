/** Runs that meet no fault: how many requests they make of each part, and what they say to the state file. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { healed, heardBy, lies, type Stage, scan } from "./cell.ts";
import type { Steps } from "./kills.ts";
import { type HttpPart, httpParts, openOutside } from "./outside.ts";
import type { Requests } from "./parts.ts";
import { preloaded } from "./preloaded.ts";
import type { World } from "./world.ts";

export const baselines = { sqlite: "well-sqlite", dynamodb: "well-dynamodb" } as const;

/** @throws where such a run is not as it should be: then no cell says anything */
export async function baseline(world: World): Promise<{ requests: Requests; steps: Steps }> {
  const [file, table] = [await well(world, "sqlite"), await well(world, "dynamodb")];
  const sum = (seen: Requests) => Object.values(seen).reduce((all, one) => all + one, 0);
  const requests = { ...file.seen, DynamoDB: table.seen.DynamoDB };
  const steps = { requests: { sqlite: sum(file.seen), dynamodb: sum(table.seen) }, statements: file.statements };
  return { requests, steps };
}

async function well(world: World, store: "sqlite" | "dynamodb") {
  const outside = await openOutside(world, { cluster: baselines[store], store });
  const faults: string[] = [];
  const stage: Stage = {
    ...{ world, cluster: outside.cluster, store, scan, fault: (what) => void faults.push(what) },
    open: async () => outside,
  };
  const list = join(outside.dir, "statements.json");
  try {
    const ran = await scan(outside, world.times.first, { env: preloaded({ statements: list }) });
    const counts = httpParts.map((part): [HttpPart, number] => [part, outside.doors[part].seen]);
    faults.push(...lies(ran, await heardBy(outside)));
    await healed(stage, outside, [ran], { quiet: true });
    if (faults.length > 0) throw new Error(`without any fault, with ${store}: ${faults.join("\n")}`);
    const statements: string[] = JSON.parse(readFileSync(list, "utf8"));
    return { seen: Object.fromEntries(counts) as Record<HttpPart, number>, statements };
  } finally {
    await outside.close();
  }
}
