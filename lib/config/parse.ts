/** A config file → Config, or every mistake at once. Pure. */
import * as YAML from "yaml";
import type * as z from "zod";
import { ConfigError } from "../errors.ts";
import { legible, printable } from "../words/printable.ts";
import { keyFaults } from "../words/yaml-keys.ts";
import { danglingReferences } from "./references.ts";
import { type Config, configSchema } from "./schema.ts";

/** After so many, what is no YAML is most often no YAML at all. */
const mostErrors = 20;

/**
 * The value of a config file's text, unchecked.
 * @param text YAML (or JSON, which is YAML)
 * @param file what to call it in messages
 * @throws ConfigError where it is no YAML
 */
export function readYaml(text: string, file: string): unknown {
  const lineCounter = new YAML.LineCounter();
  const place = (at: number) => {
    const { line, col } = lineCounter.linePos(at);
    return `at line ${line}, column ${col}`;
  };
  const { document, faults } = parsed(text, lineCounter, file);
  const errors = [
    ...document.errors.map(({ message, pos: [at] }) => ({ message, at })),
    ...faults.map(({ kind, at }) => ({ message: keyMistakes[kind], at })),
  ].sort((one, other) => one.at - other.at);
  if (errors.length > 0) {
    const told = errors.slice(0, mostErrors).map(({ message, at }) => said(`${message} ${place(at)}`));
    const more = errors.length - told.length;
    throw new ConfigError(file, more === 0 ? told : [...told, `and ${more} more like these`]);
  }
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (thrown) {
    throw new ConfigError(file, [said(thrown instanceof Error ? thrown.message : String(thrown))]);
  }
}

const keyMistakes = { collection: "A list or an object is a key", twice: "Map keys must be unique" } as const;

function parsed(text: string, lineCounter: YAML.LineCounter, file: string) {
  try {
    // Its own pretty errors take the square of their number, and so does its look for keys that are there twice.
    const document = YAML.parseDocument(text, {
      ...{ prettyErrors: false, uniqueKeys: false },
      ...{ lineCounter, logLevel: "error" },
    });
    return { document, faults: keyFaults(document) };
  } catch (thrown) {
    throw new ConfigError(file, [said(thrown instanceof Error ? thrown.message : String(thrown))]);
  }
}

/**
 * The config with all its defaults.
 * @param value what the file holds, of any shape
 * @throws ConfigError with all mistakes at once, each as `path: what is wrong; what is allowed`
 */
export function checkConfig(value: unknown, file: string): Config {
  const parsed = configSchema.safeParse(value, { reportInput: true });
  const mistakes = [...explained(parsed.error), ...danglingReferences(value)];
  if (parsed.success && mistakes.length === 0) return { ...parsed.data, folder: "." };
  throw new ConfigError(
    file,
    mistakes.map((one) => legible(one, 1_000)),
  );
}

/** Mistakes for people, each as `path: what is wrong; what is allowed`; none for no error. */
export const explained = (error: z.ZodError | undefined): string[] => (error?.issues ?? []).flatMap(explain);

/** The first line of what the library says, fit to print: it quotes the file. */
function said(text: string): string {
  const line = text.split("\n")[0]?.replace(/:$/, "") ?? text;
  return legible(line.replace("Maximum call stack size exceeded", "Nested too deeply"), 300);
}

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
