/** `GET /api/v1/sightings`: what is remembered of who calls what, and what was decided about it. */
import type { Context } from "hono";
import * as z from "zod";
import { type ClusterInventory, inventory, placeKey } from "../inventory.ts";
import { rulings } from "../model.ts";
import { sightingDocument, sightingSchema } from "../report/inventory.ts";
import { placeText } from "../words/address.ts";
import { page, paging } from "./paging.ts";
import type { ApiParts } from "./parts.ts";
import { sinceText, startOf, text } from "./query.ts";

export const sightingsQuery = z.object({
  cluster: text.optional(),
  namespace: text.optional().meta({ description: "Of the calling workload." }),
  workload: text.optional(),
  destination: text.optional().meta({ description: "Part of its host, address, SNI or name." }),
  passage: z
    .enum(["allowed", "blocked"], { error: "allowed or blocked" })
    .optional()
    .meta({ description: "What the mesh makes of the call." }),
  since: sinceText.optional().meta({ description: "Seen since: 7d, or a time. Good to a day." }),
  verdict: z
    .enum([...rulings, "none"], { error: `one of ${rulings.join(", ")} and none` })
    .optional()
    .meta({ description: "The verdict of a person that holds now; none where there is none." }),
  ...paging,
});
type Asked = z.output<typeof sightingsQuery>;

export const sightingsShape = z.object({ sightings: z.array(sightingSchema), next: z.string().nullable() });

export async function getSightings(c: Context, { store, reviewed, now }: ApiParts, asked: Asked): Promise<Response> {
  const { clusters } = await inventory(await store(), reviewed(), { only: asked.cluster ?? null, at: now() });
  const all = clusters.flatMap(({ cluster, sightings }) => sightings.map((one) => ({ cluster, ...one })));
  const matching = all.filter((one) => isAskedFor(one, asked, now()));
  const { page: shown, next } = page(
    matching,
    ({ cluster, sighting, id }) => [cluster, placeKey(sighting), id].join("\u0000"),
    asked,
  );
  return c.json({ sightings: shown.map(sightingDocument), next });
}

function isAskedFor(
  { sighting, verdict }: ClusterInventory["sightings"][number],
  asked: Omit<Asked, "limit" | "next" | "cluster">,
  now: number,
): boolean {
  const { source, destination, name, lastSeen } = sighting;
  const { host, address, sni, claim } = destination;
  const part = asked.destination?.toLowerCase();
  const names = [host, address, sni, claim, name?.name ?? null, placeText(destination)];
  return (
    (asked.namespace === undefined || source.namespace === asked.namespace) &&
    (asked.workload === undefined || source.workload === asked.workload) &&
    (asked.passage === undefined || destination.verdict === asked.passage) &&
    (asked.since === undefined || lastSeen >= startOf(asked.since, now)) &&
    (asked.verdict === undefined || (verdict?.verdict ?? "none") === asked.verdict) &&
    (part === undefined || names.some((one) => one?.toLowerCase().includes(part) === true))
  );
}
