/** YAML or JSON text → its documents, read as kubectl reads them: one that is broken costs itself alone. Pure. */
import { type Document, parseAllDocuments, type ScalarTag, type Tags, visit } from "yaml";
import { keyFaults } from "./yaml-keys.ts";

export type ReadFault = "broken" | "duplicate-key" | "alias";

export interface ReadDocument {
  /** Counts from 0, empty documents included. */
  index: number;
  /** The value; null for an empty document and for one that could not be read. */
  value: unknown;
  /** What is wrong with it, where, in one line. It may hold text of the document. */
  fault: { kind: ReadFault; message: string } | null;
}

/** More aliases than any manifest has, and far fewer than a bomb: they multiply where they nest. */
const mostAliases = 10_000;

/**
 * sigs.k8s.io/yaml has YAML 1.1's `yes`, `0755` and `<<`, but neither its base-60 numbers nor its times: they stay texts. Its numbers
 * are Go's (goyaml.v2 resolve.go); the library's own YAML 1.1 would read the name `e1` as one.
 */
function customTags(tags: Tags): Tags {
  const kept = tags.filter((one) => {
    if (typeof one !== "object") return true;
    return (
      one.tag !== "tag:yaml.org,2002:timestamp" && one.tag !== integer.tag && (one.tag !== float.tag || isWord(one))
    );
  });
  return [...kept, integer, float];
}

/** `.nan` and `.inf`. */
const isWord = (tag: Extract<Tags[number], object>): boolean => "test" in tag && tag.test?.test(".nan") === true;

const integer: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: /^[-+]?(?:0[xX]_*[\da-fA-F][\da-fA-F_]*|0[bB]_*[01][01_]*|0[oO]?[0-7_]*[0-7]_*|0_*|[1-9][\d_]*)$/,
  resolve(text) {
    const [sign, digits] = /^[-+]/.test(text) ? [text[0] === "-" ? -1 : 1, text.slice(1)] : [1, text];
    return sign * Number(digits.replaceAll("_", "").replace(/^0(?=[0-7])/, "0o"));
  },
};

const float: ScalarTag = {
  tag: "tag:yaml.org,2002:float",
  default: true,
  test: /^[-+]?(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][-+]?\d[\d_]*)?$/,
  resolve: (text) => Number(text.replaceAll("_", "")),
};

const options = { version: "1.1", customTags, logLevel: "silent", prettyErrors: false, uniqueKeys: false } as const;

/**
 * Takes the text of a file and gives its documents in order; throws nothing. Documents are parted at their `---` lines before any is
 * parsed, as kubectl does, so that a quote left open ends with its document.
 */
export function readDocuments(text: string): ReadDocument[] {
  const whole = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const json = readJson(whole);
  if (json !== null) return json.map((value, index) => ({ index, value, fault: null }));
  const out: ReadDocument[] = [];
  let line = 1;
  for (const part of partsOf(whole)) {
    for (const read of readPart(part, line)) out.push({ index: out.length, ...read });
    line += linesIn(part);
  }
  return out;
}

/**
 * The values of a JSON text, or of a stream of them; null where it is none: then it is YAML, or neither. A line cannot end within a
 * text of JSON, so `}` and `{` with no more than a line's end between part two values. A key that is there twice is lost, as to kubectl.
 */
function readJson(text: string): unknown[] | null {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    return text.split(/(?<=\})[ \t\r]*\n\s*(?=\{)/).map((one): unknown => JSON.parse(one));
  } catch {
    return null;
  }
}

/** What comes before the first `---` may be comments and directives: they belong to the document after it. */
function partsOf(text: string): string[] {
  const [head = "", ...rest] = text.split(/^(?=---(?:\s|$))/m);
  const isPreamble = /^(?:[ \t]*(?:#.*)?(?:\r?\n|$)|%.*(?:\r?\n|$))*$/.test(head);
  if (!isPreamble) return [head, ...rest];
  const [first, ...others] = rest;
  return first === undefined ? [] : [head + first, ...others];
}

const linesIn = (text: string): number => text.split("\n").length - 1;

type Read = Omit<ReadDocument, "index">;
const faulty = (kind: ReadFault, message: string): Read => ({ value: null, fault: { kind, message } });

function readPart(part: string, line: number): Read[] {
  try {
    return [...parseAllDocuments(part, options)].map((document) => readOne(document, part, line));
  } catch {
    return [faulty("broken", `line ${line}: nested too deeply`)];
  }
}

function readOne(document: Document.Parsed, part: string, line: number): Read {
  const [broken] = document.errors;
  if (broken !== undefined) {
    const kind = broken.code === "BAD_ALIAS" ? "alias" : "broken";
    // What is missed at the very end is missed on the last line that says something.
    const at = Math.min(broken.pos[0], part.trimEnd().length);
    const said = broken.message.replace("Maximum call stack size exceeded", "nested too deeply");
    return faulty(kind, `line ${line + linesIn(part.slice(0, at))}: ${said}`);
  }
  try {
    const [key] = keyFaults(document);
    if (key !== undefined) {
      const at = `line ${line + linesIn(part.slice(0, key.at))}`;
      if (key.kind === "twice") return faulty("duplicate-key", `${at}: Map keys must be unique`);
      return faulty("broken", `${at}: a list or an object is a key`);
    }
    const value: unknown = document.toJS({ maxAliasCount: mostAliases });
    if (!part.includes("*") || !isCircular(value)) return { value, fault: null };
    return faulty("alias", `line ${line}: an anchor stands within itself`);
  } catch (thrown) {
    const at = line + linesIn(part.slice(0, danglingAlias(document)));
    return faulty("alias", `line ${at}: ${thrown instanceof Error ? thrown.message : "an alias"}`);
  }
}

/** Where the first alias stands that has no anchor before it; 0 where all have. */
function danglingAlias(document: Document.Parsed): number {
  let at = 0;
  visit(document, {
    Alias(_, node) {
      if (node.resolve(document) !== undefined) return;
      at = node.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return at;
}

/** Each object is looked into once, however often it is referred to. */
function isCircular(value: unknown, above = new Set<object>(), done = new Set<object>()): boolean {
  if (typeof value !== "object" || value === null || done.has(value)) return false;
  if (above.has(value)) return true;
  above.add(value);
  const found = Object.values(value).some((one) => isCircular(one, above, done));
  above.delete(value);
  done.add(value);
  return found;
}
