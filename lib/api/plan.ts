/** `GET /api/v1/plan` and `/api/v1/service-entries`: what REGISTRY_ONLY would break, and the manifests that close the gap. */
import type { Context } from "hono";
import { accepts } from "hono/accepts";
import * as z from "zod";
import { planDocument } from "../report/plan.ts";
import { toYaml } from "../suggest/yaml.ts";
import type { ApiParts } from "./parts.ts";
import { planOf } from "./plan-of.ts";
import { mistaken, problem } from "./problem.ts";
import { sinceText, startMistakes, text } from "./query.ts";

export const planQuery = z.object({
  cluster: text.optional().meta({ description: "Needed where the config has several." }),
  namespace: text.optional().meta({ description: "Of the calling workloads." }),
  since: sinceText.optional().meta({ description: "How far back to look, or since when: 30d where nothing is said." }),
});
type Asked = z.output<typeof planQuery>;

export const entriesQuery = planQuery.extend({
  format: z.enum(["yaml", "json"], { error: "yaml or json" }).optional().meta({ description: "Wins over Accept." }),
});
type AskedEntries = z.output<typeof entriesQuery>;

/** What `kubectl apply -f -` takes. */
export const listShape = z.object({
  apiVersion: z.literal("v1"),
  kind: z.literal("List"),
  items: z.array(z.record(z.string(), z.unknown())),
});

export async function getPlan(c: Context, parts: ApiParts, asked: Asked): Promise<Response> {
  const mistakes = startMistakes(asked.since, parts.now());
  if (mistakes.length > 0) return mistaken(c, "the query", mistakes);
  const planned = await planOf(parts, asked);
  return planned === null ? busy(c) : c.json(planDocument(planned));
}

const yaml = "application/yaml";
const types = [yaml, "application/json"];

export async function getServiceEntries(c: Context, parts: ApiParts, asked: AskedEntries): Promise<Response> {
  const { format, since } = asked;
  const mistakes = startMistakes(since, parts.now());
  if (mistakes.length > 0) return mistaken(c, "the query", mistakes);
  const wanted = accepts(c, { header: "Accept", supports: types, default: yaml });
  const isJson = format === undefined ? wanted === "application/json" : format === "json";
  c.header("vary", "Accept");
  const planned = await planOf(parts, asked);
  if (planned === null) return busy(c);
  const { manifests } = planned;
  if (isJson) return c.json({ apiVersion: "v1", kind: "List", items: manifests });
  return c.body(manifests.map((one) => `---\n${toYaml(one)}`).join(""), 200, { "content-type": yaml });
}

const busy = (c: Context): Response => {
  const detail = "another plan of this cluster is being made";
  return problem(c, { status: 503, detail, headers: { "retry-after": "10" } });
};
