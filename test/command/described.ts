/** Holds answers against what `/openapi.json` says of them, by a validator that is none of ours. */
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import * as z from "zod";

const answered = z.object({ content: z.record(z.string(), z.object({ schema: z.unknown() })).optional() });
const operation = z.object({ operationId: z.string(), responses: z.record(z.string(), answered) });
const description = z.object({ paths: z.record(z.string(), z.record(z.string(), operation)) });

export interface Described {
  /** `method path` of every operation. */
  operations: readonly string[];
  /** What is wrong with an answer; null where nothing is. */
  fault(method: string, path: string, answer: { status: number; type: string; body: string }): string | null;
}

/** @param text of `/openapi.json` */
export async function described(text: string): Promise<Described> {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(JSON.parse(text));
  if (!valid) throw new Error(JSON.stringify(errors));
  const { paths } = description.parse(validator.resolveRefs());
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, validateFormats: false });
  return {
    operations: Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    ),
    fault(method, path, { status, type, body }) {
      const found = Object.entries(paths).find(([template]) => patternOf(template).test(path));
      const responses = found?.[1][method]?.responses;
      const said = responses?.[status] ?? responses?.default;
      if (said === undefined) return `${method} ${path}: not described`;
      if (said.content === undefined) return body === "" ? null : `${status}: a body where none is described`;
      // Slack takes an empty answer for a yes, where it takes words as well.
      if (body === "" && type === "") return path === "/slack/actions" ? null : `${status}: no body`;
      const one = said.content[type];
      if (one === undefined)
        return `${status}: ${type || "no type"} is not among ${Object.keys(said.content).join(", ")}`;
      const validate = ajv.compile(z.record(z.string(), z.unknown()).parse(one.schema));
      return validate(type.endsWith("json") ? JSON.parse(body) : body)
        ? null
        : `${status}: ${ajv.errorsText(validate.errors)}`;
    },
  };
}

const patternOf = (template: string): RegExp => new RegExp(`^${template.replace(/\{\w+\}/g, "[^/]+")}$`);
