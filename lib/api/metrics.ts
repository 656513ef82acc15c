/** `GET /metrics`: what is remembered, as Prometheus reads it. */
import type { Context } from "hono";
import { inventory } from "../inventory.ts";
import { precisionMetrics } from "../report/metrics.ts";
import type { ApiParts } from "./parts.ts";

export async function getMetrics(c: Context, { store, reviewed, now }: ApiParts): Promise<Response> {
  const { clusters } = await inventory(await store(), reviewed(), { only: null, at: now() });
  return c.body(precisionMetrics(clusters), 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
}
