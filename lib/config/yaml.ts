/** The text of a config file → what it holds. Pure. Loaded where there is a file. */
import * as YAML from "yaml";
import { ConfigError } from "../errors.ts";
import { legible } from "../words/printable.ts";
import { keyFaults } from "../words/yaml-keys.ts";

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

/** The first line of what the library says, fit to print: it quotes the file. */
function said(text: string): string {
  const line = text.split("\n")[0]?.replace(/:$/, "") ?? text;
  return legible(line.replace("Maximum call stack size exceeded", "Nested too deeply"), 300);
}
