/** `GET /openapi.json`: the routes as OpenAPI 3.1 describes them (https://spec.openapis.org/oas/v3.1.1), from the schemas they check by. Pure. */
import * as z from "zod";
import { problemType } from "./problem.ts";
import type { Described, Route } from "./route.ts";

/** Ours with RFC 9457's. */
const problemShape = z.object({
  type: z.literal("about:blank"),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string().optional(),
  errors: z.array(z.string()).optional(),
});

/** Hono's `/runs/:id` as OpenAPI writes it: `/runs/{id}`. */
export const pathOf = (path: string): string => path.replace(/:(\w+)/g, "{$1}");

const secured = { client: [{ bearer: [] }], slack: [{ slackSignature: [] }], anybody: [] };

export function openapi(routes: readonly Route[]) {
  const paths = Map.groupBy(routes, ({ path }) => pathOf(path));
  return {
    openapi: "3.1.1",
    info: {
      title: "egress-scout",
      version: "1",
      description:
        "What leaves an Istio mesh: seen, found, decided, planned. Errors are application/problem+json (RFC 9457).",
    },
    servers: [{ url: "/" }],
    paths: Object.fromEntries(
      [...paths].map(([path, all]) => [path, Object.fromEntries(all.map((one) => [one.method, operation(one)]))]),
    ),
    components: {
      schemas: { Problem: schemaOf(problemShape) },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "One of api.tokens; on AWS, SigV4 in its place." },
        slackSignature: { type: "apiKey", in: "header", name: "X-Slack-Signature" },
      },
    },
  };
}

function operation({ method, path, who, summary, query, body, answers }: Route) {
  const named = [...path.matchAll(/:(\w+)/g)].map(([, name = ""]) => ({
    ...{ name, in: "path", required: true, schema: { type: "string" } },
  }));
  const asked = query === null ? [] : parametersOf(query);
  const usual = {
    400: "What is asked is wrong.",
    ...(who === "client" ? { 401: "Nobody who may call." } : {}),
    429: "Too often.",
  };
  const refused = Object.entries(who === "anybody" ? {} : usual).map(([status, what]) => [status, refusal(what)]);
  return {
    operationId:
      `${method}${path.replace(/[^a-z0-9]+(\w)?/gi, (_, letter: string | undefined) => letter?.toUpperCase() ?? "")}` ||
      method,
    summary,
    security: secured[who],
    ...(named.length + asked.length === 0 ? {} : { parameters: [...named, ...asked] }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { [body.type]: { schema: schemaOf(body.schema, "input") } } } }),
    responses: Object.fromEntries([
      ...refused,
      ...Object.entries(answers).map(([status, one]) => [
        status,
        Number(status) < 400 ? answered(one) : refusal(one.what),
      ]),
      ["default", refusal("Any other no.")],
    ]),
  };
}

const refusal = (what: string) => ({
  description: what,
  content: { [problemType]: { schema: { $ref: "#/components/schemas/Problem" } } },
});

function answered({ what, content = {}, headers = {} }: Described) {
  const types = Object.entries(content).map(([type, schema]) => [
    type,
    { schema: schema === null ? { type: "string" } : schemaOf(schema) },
  ]);
  const named = Object.entries(headers).map(([name, description]) => [
    name,
    { description, schema: { type: "string" } },
  ]);
  return {
    description: what,
    ...(types.length === 0 ? {} : { content: Object.fromEntries(types) }),
    ...(named.length === 0 ? {} : { headers: Object.fromEntries(named) }),
  };
}

/** A description moves from the schema to the parameter, where readers look for it. */
function parametersOf(query: z.ZodObject) {
  return Object.entries(query.shape).map(([name, shape]) => {
    const { description, ...schema } = schemaOf(shape, "input");
    return { name, in: "query", required: false, ...(description === undefined ? {} : { description }), schema };
  });
}

/** OpenAPI 3.1 takes JSON Schema 2020-12 as it is. */
function schemaOf(shape: z.core.$ZodType, io: "input" | "output" = "output") {
  const { $schema: _, "~standard": __, ...schema } = z.toJSONSchema(shape, { io, unrepresentable: "any" });
  return schema;
}
