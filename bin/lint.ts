/** `egress-scout lint`: ServiceEntries by Istio's own rules, offline. */
import { readFileSync, realpathSync } from "node:fs";
import type { Command } from "commander";
import { withoutFiles, yamlFiles } from "../lib/config/index.ts";
import { ScoutError } from "../lib/errors.ts";
import { census, type LintDocument, lint } from "../lib/istio/lint/index.ts";
import { lintDocument, lintText } from "../lib/report/lint.ts";
import { readDocuments } from "../lib/words/documents.ts";
import { inColour } from "./colour.ts";
import { endOnSignals } from "./interrupt.ts";
import { common } from "./options.ts";

const examples = `
Examples:
  egress-scout lint entries.yaml egress/         files and folders (.yaml, .yml and .json in them)
  kubectl get serviceentries -A -o yaml | egress-scout lint -
  egress-scout lint --format json entries.yaml | jq '.problems[] | select(.level == "error")'

Errors are what the API server or istiod refuses, warnings what they, istioctl analyze or Kiali warn of, and traps that
they accept in silence (docs/lint.md). Other kinds are passed over. No cluster is asked.

Exit codes: 0 no errors, 2 wrong usage, 3 errors.`;

export function addLint(program: Command): void {
  program
    .command("lint")
    .description("check ServiceEntry manifests by Istio's own rules, offline")
    .argument("<file...>", "a file or folder of YAML or JSON; - is stdin")
    .addHelpText("after", examples)
    .addOption(common.format("text", "json"))
    .action(async (paths: string[], { format }: { format: "text" | "json" }) => {
      endOnSignals();
      process.exitCode = await run(paths, format);
    });
}

async function run(paths: readonly string[], format: "text" | "json"): Promise<number> {
  const files = filesOf(paths);
  const documents: LintDocument[] = [];
  for (const file of files) {
    const text = file === "-" ? await stdin() : read(file);
    for (const document of readDocuments(text)) documents.push({ file, ...document });
  }
  const linted = {
    problems: lint(documents),
    checked: { files: files.length, documents: documents.length, ...census(documents) },
  };
  process.stdout.write(
    format === "json" ? `${JSON.stringify(lintDocument(linted), null, 2)}\n` : lintText(linted, { colour: inColour() }),
  );
  return linted.problems.some(({ level }) => level === "error") ? 3 : 0;
}

/**
 * The files meant, each once, in the order given; those of a folder by name.
 * @throws ScoutError `usage` that names every path which cannot be read
 */
function filesOf(paths: readonly string[]): string[] {
  const faults: string[] = [];
  const files = new Map<string, string>();
  for (const path of paths) {
    try {
      for (const file of path === "-" ? [path] : under(path)) {
        const same = file === "-" ? file : realOf(file);
        if (!files.has(same)) files.set(same, file);
      }
    } catch (thrown) {
      faults.push(`${path} ${reason(thrown)}`);
    }
  }
  if (faults.length > 0)
    throw new ScoutError("usage", faults.join("; "), { mend: "give files or folders of manifests" });
  return [...files.values()];
}

const reason = (thrown: unknown): string =>
  thrown instanceof ScoutError
    ? thrown.message
    : `cannot be read (${thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown"})`;

function under(path: string): string[] {
  const found = yamlFiles(path);
  if (found.length === 0) throw new ScoutError("usage", withoutFiles);
  return found;
}

/** A pipe (`<(…)`) has no path of its own. */
function realOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (thrown) {
    throw new ScoutError("usage", `${file} ${reason(thrown)}`, { cause: thrown });
  }
}

async function stdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
