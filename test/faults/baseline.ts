/** A run that meets no fault: how many requests it makes of each part. */
import { healed, heardBy, lies, scan, type Stage } from "./cell.ts";
import { httpParts, openOutside } from "./outside.ts";
import type { Requests } from "./parts.ts";
import type { World } from "./world.ts";

export async function baseline(world: World): Promise<Requests> {
  const seen: Record<string, number> = {};
  for (const store of ["sqlite", "dynamodb"] as const) {
    const outside = await openOutside(world, { cluster: `base-${store}`, store });
    const faults: string[] = [];
    const stage: Stage = {
      ...{ world, cluster: outside.cluster, scan, fault: (what) => void faults.push(what) },
      open: async () => outside,
    };
    const ran = await scan(outside, world.times.first);
    for (const part of httpParts) seen[part] = Math.max(seen[part] ?? 0, outside.doors[part].seen);
    faults.push(...lies(ran, await heardBy(outside)));
    await healed(stage, outside, [ran], { quiet: true });
    await outside.close();
    if (faults.length > 0) throw new Error(`without any fault, on ${store}: ${faults.join("\n")}`);
  }
  return seen as Requests;
}
