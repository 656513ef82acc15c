/** What a config file holds → Config, or every mistake at once. Pure. */
import type * as z from "zod";
import { ConfigError } from "../errors.ts";
import { legible, printable } from "../words/printable.ts";
import { danglingReferences } from "./references.ts";
import { type Config, configSchema } from "./schema.ts";

/**
 * The config with all its defaults.
 * @param value what the file holds, of any shape
 * @throws ConfigError with all mistakes at once, each as `path: what is wrong; what is allowed`
 */
export function checkConfig(value: unknown, file: string): Config {
  // Compiled, a schema is faster from the second value on; a config is one value.
  const parsed = configSchema.safeParse(value, { reportInput: true, jitless: true });
  const mistakes = [...explained(parsed.error), ...danglingReferences(value)];
  if (parsed.success && mistakes.length === 0) return { ...parsed.data, folder: "." };
  throw new ConfigError(
    file,
    mistakes.map((one) => legible(one, 1_000)),
  );
}

/** Mistakes for people, each as `path: what is wrong; what is allowed`; none for no error. */
export const explained = (error: z.ZodError | undefined): string[] => (error?.issues ?? []).flatMap(explain);

/** `clusters[0].prometheus.url` */
function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    const word = /^[\w-]+$/.test(String(key)) ? String(key) : printable(String(key));
    return text === "" ? word : `${text}.${word}`;
  }, "");
}

function explain(issue: z.core.$ZodIssue): string[] {
  const path = pathText(issue.path);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${pathText([...issue.path, key])}: no such key`);
  }
  const at = path === "" ? "(the file)" : path;
  if (issue.code === "invalid_type" && issue.input === undefined) return [`${at}: missing; ${issue.expected} expected`];
  if (issue.code === "invalid_union") return explainUnion(issue, at);
  const said = issue.message.replace(/^[^:]*: (?=expected)/, "");
  return [`${at}: ${said.startsWith("expected") ? said : `must be ${said}`}`];
}

/** Where one branch of a union was meant, its own mistakes say more than a list of the branches. */
function explainUnion(issue: z.core.$ZodIssueInvalidUnion, at: string): string[] {
  const meant = issue.errors.filter((branch) => branch.every((one) => one.path.length > 0));
  const branch = meant[0];
  if (meant.length === 1 && branch !== undefined) {
    return branch.flatMap((one) => explain({ ...one, path: [...issue.path, ...one.path] } as z.core.$ZodIssue));
  }
  return [`${at}: must be ${issue.message}`];
}
