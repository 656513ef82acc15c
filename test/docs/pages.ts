/** The pages as tests read them: fenced blocks, and the commands in them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Page {
  /** Relative to the repository, as `docs/config.md`. */
  path: string;
  text: string;
}

export interface Block {
  page: string;
  /** Of its first line of text, from 1. */
  line: number;
  /** What stands behind the fence; `sh` also for an indented block of commands; else empty. */
  language: string;
  text: string;
}

const inDocs = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));

/** All that a reader is sent to, but the changelog, which speaks of the past. */
export const pages: readonly Page[] = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md"],
  ...inDocs.map((name) => `docs/${name}`),
].map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));

const fence = /^( *)```(\w*)\n(.*?)^\1```$/gms;
const indented = /(?<=\n\n)(?: {4}.*\n)+/g;
/** How a line begins that somebody may copy into a shell. */
const isCommand = /^ {4}(?:egress-scout|npx|npm|node|kubectl|aws|docker|curl) /m;

export function blocksOf({ path, text }: Page): Block[] {
  const lineOf = (index: number) => text.slice(0, index).split("\n").length;
  const fenced = [...text.matchAll(fence)].map(
    ({ index, 1: margin = "", 2: language = "", 3: body = "" }): Block => ({
      page: path,
      line: lineOf(index) + 1,
      language,
      text: body.replaceAll(new RegExp(`^${margin}`, "gm"), ""),
    }),
  );
  const plain = text.replace(fence, (block) => block.replaceAll(/[^\n]/g, ""));
  const shifted = [...plain.matchAll(indented)].map(
    ({ index, 0: body }): Block => ({
      page: path,
      line: lineOf(index),
      language: isCommand.test(body) ? "sh" : "",
      text: body.replaceAll(/^ {4}/gm, ""),
    }),
  );
  return [...fenced, ...shifted].sort((a, b) => a.line - b.line);
}

/** A block's commands, each with its continuation lines or its text up to EOF. */
export function stepsOf({ text }: Pick<Block, "text">): string[] {
  const steps: string[] = [];
  let open: string[] = [];
  let until: string | null = null;
  for (const line of text.split("\n")) {
    if (open.length === 0 && /^\s*(#.*)?$/.test(line)) continue;
    open.push(line);
    until ??= /<<'(\w+)'/.exec(line)?.[1] ?? null;
    if (until === null ? line.endsWith("\\") : line !== until) continue;
    steps.push(open.join("\n"));
    [open, until] = [[], null];
  }
  return [...steps, ...(open.length > 0 ? [open.join("\n")] : [])];
}

/** The programs that a step calls, `npx egress-scout` as what npx calls. */
export function programsOf(step: string): string[] {
  const plain = step
    .replaceAll(/<<'(\w+)'.*?^\1$/gms, "")
    .replaceAll(/'[^']*'|"(?:[^"\\]|\\.)*"/g, "Q")
    .replaceAll(/(^|\s)#.*$/gm, "")
    .replaceAll(/\\\n/g, " ");
  return plain
    .split(/\$\(|&&|\|\|?|;|&(?!\d)/)
    .map((part) => part.trim().replace(/^(?:\w+=\S*\s+)+|^\w+=/, ""))
    .flatMap((part) => /^(?:npx )?[\w./-]+/.exec(part)?.[0] ?? []);
}
