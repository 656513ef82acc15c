/** `/openapi.json`: a description by OpenAPI 3.1's rules, of all that is there and of nothing else. */
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { allRoutes } from "../../lib/api/app.ts";
import { made, remembered } from "./make.ts";

interface Operation {
  operationId: string;
  summary: string;
  security: object[];
  parameters?: { name: string; in: string; required: boolean; schema: object }[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
}
interface Description {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object>; securitySchemes: Record<string, object> };
}

const app = async () => made(await remembered("memory:"), { clients: { tokens: ["t"], besides: null } }).app;
const headers = { authorization: "Bearer t" };
const described = async (): Promise<Description> =>
  JSON.parse(await (await (await app()).request("/openapi.json", { headers })).text());
const operations = async () => {
  const { paths } = await described();
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
};

/** A reader of its own: what it makes of a schema is what a program would check by. */
function reader(schema: object, components: Description["components"]) {
  return z.fromJSONSchema(
    JSON.parse(
      JSON.stringify({ ...schema, $defs: components.schemas }).replaceAll("#/components/schemas/", "#/$defs/"),
    ),
  );
}

describe("the description", () => {
  it("has every route of the app, and no other", async () => {
    const own = allRoutes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/, "{$1}")}`);
    const served = (await app()).routes.filter(({ method }) => method !== "ALL");
    const found = (await operations()).map(({ path, method }) => `${method} ${path}`);
    expect(found.toSorted()).toEqual(own.toSorted());
    expect(
      served.map(({ method, path }) => `${method.toLowerCase()} ${path.replace(/:(\w+)/, "{$1}")}`).toSorted(),
    ).toEqual(own.toSorted());
  });

  it("holds to OpenAPI 3.1: its keys, its parameters, its answers, its references", async () => {
    const description = await described();
    expect(Object.keys(description).toSorted()).toEqual(["components", "info", "openapi", "paths", "servers"]);
    expect(description.openapi).toMatch(/^3\.1\.\d+$/);
    const ids = (await operations()).map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, operation } of await operations()) {
      expect(operation.operationId).toMatch(/^[a-zA-Z]\w+$/);
      expect(operation.summary).not.toBe("");
      const inPath = [...path.matchAll(/{(\w+)}/g)].map(([, name]) => name);
      const parameters = operation.parameters ?? [];
      expect(parameters.filter((one) => one.in === "path").map(({ name }) => name)).toEqual(inPath);
      expect(parameters.every(({ in: place, required }) => (place === "path") === required)).toBe(true);
      expect(new Set(parameters.map((one) => `${one.in} ${one.name}`)).size).toBe(parameters.length);
      for (const [status, answer] of Object.entries(operation.responses)) {
        expect(status).toMatch(/^([2-5]\d\d|default)$/);
        expect(answer.description).not.toBe("");
      }
      for (const need of operation.security)
        for (const name of Object.keys(need)) expect(description.components.securitySchemes).toHaveProperty(name);
    }
    const references = [...JSON.stringify(description).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
    expect(references.length).toBeGreaterThan(0);
    for (const [, name = ""] of references) expect(description.components.schemas).toHaveProperty(name);
  });

  it("is valid by the schema that the OpenAPI Initiative publishes; one that is not is told", async () => {
    const description = await described();
    const validator = new Validator();
    expect(await validator.validate(structuredClone({ ...description }))).toEqual({ valid: true });
    expect(validator.version).toBe("3.1");
    const [wrong] = Object.values(Object.values(structuredClone(description.paths))[0] ?? {});
    const parameters = [{ name: "x", in: "nowhere", required: true, schema: {} }];
    const changed = { ...description, paths: { "/": { get: { ...wrong, parameters } } } };
    expect(await new Validator().validate(changed)).toMatchObject({ valid: false });
  });

  it("has schemas that a reader of JSON Schema 2020-12 takes", async () => {
    const { components } = await described();
    for (const { path, operation } of await operations()) {
      const schemas = [
        ...(operation.parameters ?? []).map(({ schema }) => schema),
        ...Object.values(operation.requestBody?.content ?? {}).map(({ schema }) => schema),
        ...Object.values(operation.responses).flatMap(({ content = {} }) =>
          Object.values(content).map(({ schema }) => schema),
        ),
      ].filter((schema) => !("$ref" in schema));
      for (const schema of schemas) expect(() => reader(schema, components), path).not.toThrow();
    }
  });

  it("tells what is answered: what comes is as its schema says", async () => {
    const made = await app();
    // The page's code is only in the built command: test/command/api.test.ts asks that for it.
    const here = (await operations()).filter(({ path }) => path !== "/");
    for (const { path, method, operation } of here) {
      const response = await made.request(path.replace("{id}", "x"), { method: method.toUpperCase(), headers });
      expect([path, Object.keys(operation.responses)]).toEqual([
        path,
        path === "/healthz" ? ["200", "default"] : expect.arrayContaining([String(response.status)]),
      ]);
      const content = operation.responses[response.status]?.content ?? {};
      const type = response.headers.get("content-type")?.split(";")[0] ?? "";
      expect(Object.keys(content)).toContain(type);
      const { schema = {} } = content[type] ?? {};
      if (!type.endsWith("json")) continue;
      const read = reader(schema, (await described()).components).safeParse(await response.json());
      expect([path, read.error]).toEqual([path, undefined]);
    }
  });
});
