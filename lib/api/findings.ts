/** `GET /api/v1/findings`: what is open, and what was told. */
import type { Context } from "hono";
import * as z from "zod";
import { allFindings, type KnownFinding } from "../findings.ts";
import { findingKinds, severities } from "../model.ts";
import { knownFindingDocument, knownFindingSchema } from "../report/known-finding.ts";
import { page, paging } from "./paging.ts";
import type { ApiParts } from "./parts.ts";
import { text } from "./query.ts";

export const findingsQuery = z.object({
  cluster: text.optional(),
  namespace: text.optional().meta({ description: "Of the calling workload." }),
  team: text.optional().meta({ description: "The owner, as it was when it was told." }),
  kind: z.enum(findingKinds, { error: `one of ${findingKinds.join(", ")}` }).optional(),
  severity: z
    .enum(severities, { error: `one of ${severities.join(", ")}` })
    .optional()
    .meta({ description: "Of open ones: it is not remembered of others." }),
  state: z.enum(["open", "told"], { error: "open or told" }).optional(),
  ...paging,
});
type Asked = z.output<typeof findingsQuery>;

export const findingsShape = z.object({ findings: z.array(knownFindingSchema), next: z.string().nullable() });

/** Newest first. */
export async function getFindings(c: Context, { store, reviewed, now }: ApiParts, asked: Asked): Promise<Response> {
  const known = await allFindings(await store(), reviewed(), { only: asked.cluster ?? null, at: now() });
  const matching = known.filter((one) => isAskedFor(one, asked));
  const { page: shown, next } = page(matching, newestFirst, asked);
  return c.json({ findings: shown.map(knownFindingDocument), next });
}

function isAskedFor({ subject, open, told }: KnownFinding, asked: Asked): boolean {
  return (
    (asked.namespace === undefined || subject.source.namespace === asked.namespace) &&
    (asked.team === undefined || told?.team === asked.team) &&
    (asked.kind === undefined || subject.kind === asked.kind) &&
    (asked.severity === undefined || open?.severity === asked.severity) &&
    (asked.state === undefined || (open === null ? "told" : "open") === asked.state)
  );
}

/** No time of ours is later. */
const latest = 8.64e15;

function newestFirst({ cluster, subject, open, told }: KnownFinding): string {
  const back = latest - (told?.at ?? open?.firstSeen ?? 0);
  return [String(back).padStart(17, "0"), cluster, subject.id].join("\u0000");
}
