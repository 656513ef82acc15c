/** `GET /metrics`: how clusters stand and how many findings were worth a message, as Prometheus reads it. */
import type { Context } from "hono";
import { inventory } from "../inventory.ts";
import { isSilenced } from "../model.ts";
import { exposition } from "../report/exposition.ts";
import { precisionMetrics } from "../report/metrics.ts";
import { standingMetrics } from "../report/self.ts";
import type { ApiParts } from "./parts.ts";

export async function getMetrics(c: Context, { store, reviewed, now }: ApiParts): Promise<Response> {
  const kept = await store();
  const { clusters } = await inventory(kept, reviewed(), { only: null, at: now() });
  const standing = await Promise.all(
    clusters.map(async ({ cluster, lastRun }) => ({
      ...{ cluster, lastRun },
      open: [...(await kept.open(cluster)).values()].filter((one) => !isSilenced(one)).length,
      undelivered: (await kept.letters(cluster)).length,
    })),
  );
  const text = exposition(standingMetrics(standing)) + precisionMetrics(clusters);
  return c.body(text, 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
}
