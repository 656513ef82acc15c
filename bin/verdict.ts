/** `egress-scout verdict`: what a person decides about a finding. */
import { userInfo } from "node:os";
import { Argument, type Command } from "commander";
import { type Config, readSettings } from "../lib/config/index.ts";
import { readVerdicts, writeVerdict } from "../lib/config/verdicts.ts";
import { ScoutError } from "../lib/errors.ts";
import { type Ruling, rulings, type Verdict } from "../lib/model.ts";
import type { Store } from "../lib/remember/store.ts";
import { subjectText, verdictsDocument, verdictsText } from "../lib/report/verdicts.ts";
import { decide, latestEnd, listVerdicts, longest, takeBack, usualSnooze } from "../lib/verdicts/decide.ts";
import { wireStore } from "../lib/wire.ts";
import { clock } from "../lib/words/duration.ts";
import { findingIdText } from "../lib/words/finding-id.ts";
import { textSettings } from "./colour.ts";
import { endOnSignals } from "./interrupt.ts";
import { common, deciding } from "./options.ts";

interface Place {
  config?: string;
  state?: string;
}

interface SetOptions extends Place {
  /** ms */
  for?: number;
  reason?: string;
  by?: string;
  force?: boolean;
  writeFile?: boolean;
}

const examples = `
Examples:
  egress-scout verdict set 42aea8b59a82890a36ca41e5f742a091 expected --reason "the orders database"
  egress-scout verdict set 42aea8b59a82890a36ca41e5f742a091 denied         called again, it is critical
  egress-scout verdict set 42aea8b59a82890a36ca41e5f742a091 snoozed --for 30d
  egress-scout verdict list --format json > verdicts.yaml                  to be reviewed in Git (verdicts: of the config)
  egress-scout verdict clear 42aea8b59a82890a36ca41e5f742a091

The ID is the finding's: in every message, in scan's output and in report's. What verdicts do is in docs/verdicts.md.`;

export function addVerdict(program: Command): void {
  const command = program.command("verdict").description("what a person decided about a finding");
  command.addHelpText("after", examples);
  const { config, state } = common;
  const set = command
    .command("set")
    .description("decide about a finding")
    .argument("<id>", "the finding's id")
    .addArgument(new Argument("<verdict>", "what it is").choices([...rulings]))
    .addHelpText("after", examples);
  for (const option of [...Object.values(deciding), config, state]) set.addOption(option());
  set.action((id: string, ruling: Ruling, options: SetOptions) => act(() => setVerdict(id, ruling, options)));
  const list = command.command("list").description("all verdicts, of the reviewed file and of the state");
  for (const option of [config, state, () => common.format("text", "json")]) list.addOption(option());
  list.action((options: Place & { format: "text" | "json" }) => act(() => listAll(options)));
  const clear = command.command("clear").description("take a verdict back").argument("<id>", "the finding's id");
  for (const option of [config, state]) clear.addOption(option());
  clear.action((id: string, options: Place) => act(() => clearVerdict(id, options)));
}

async function act(work: () => Promise<string>): Promise<void> {
  endOnSignals();
  process.stdout.write(await work());
}

async function setVerdict(id: string, ruling: Ruling, options: SetOptions): Promise<string> {
  const { reason = null, force = false, writeFile = false } = options;
  const at = Date.now();
  const lasts = options.for ?? (ruling === "snoozed" ? usualSnooze : null);
  const by = options.by ?? user();
  const until = lasts === null ? null : at + lasts;
  const verdict: Verdict = { id, verdict: ruling, until, reason, by, at };
  const faults = faultsOf(verdict);
  if (faults.length > 0) throw new ScoutError("usage", faults.join("; "));
  if (writeFile && options.config?.startsWith("s3:") === true) {
    const mend = "write to the file where it is reviewed, with a config beside it";
    throw new ScoutError("usage", "--write-file: what a config in S3 names is only read", { mend });
  }
  return await withStore(options, !force || writeFile, async (store, reviewed, file) => {
    if (writeFile && file === "") {
      const mend = "name one: verdicts: ./verdicts.yaml";
      throw new ScoutError("usage", "--write-file: the config has no file of verdicts", { mend });
    }
    const keep = writeFile ? async () => writeVerdict(file, verdict) : undefined;
    const { subject, overruled } = await decide(store, reviewed, verdict, { force, keep });
    if (overruled !== null && !writeFile) warnOf(file, overruled);
    const end = until === null ? "without end" : `until ${clock(until)}`;
    return `${id} (${subjectText(subject)}): ${ruling}, ${end}.\n`;
  });
}

function faultsOf({ id, reason, by, until }: Verdict): string[] {
  const faults: [isSo: boolean, text: string][] = [
    [!findingIdText.test(id), "an id is letters, digits and dashes, 128 at most"],
    [(reason ?? "").length > longest.reason, `--reason takes ${longest.reason} characters at most`],
    [(by ?? "").length > longest.by, `--by takes ${longest.by} characters at most`],
    [until !== null && until > latestEnd, "--for is too long"],
  ];
  return faults.flatMap(([isSo, text]) => (isSo ? [text] : []));
}

async function listAll({ format, ...place }: Place & { format: "text" | "json" }): Promise<string> {
  return await withStore(place, true, async (store, reviewed) => {
    const all = await listVerdicts(store, reviewed);
    if (format === "json") return `${JSON.stringify(verdictsDocument(all), null, 2)}\n`;
    return verdictsText(all, Date.now(), textSettings());
  });
}

async function clearVerdict(id: string, place: Place): Promise<string> {
  return await withStore(place, true, async (store, reviewed, file) => {
    const left = await takeBack(store, reviewed, id);
    if (left !== null) warnOf(file, left);
    return `${id}: the verdict is taken back.\n`;
  });
}

function warnOf(file: string, { id, verdict }: Verdict): void {
  process.stderr.write(`warning: ${file} says ${verdict} of ${id}, and the file wins; it was not written to\n`);
}

/** @param look where there is no state file yet, none is made */
async function withStore(
  { config: path, state }: Place,
  look: boolean,
  work: (store: Store, reviewed: readonly Verdict[], file: string) => Promise<string>,
): Promise<string> {
  const config = await readSettings(path ?? null);
  const reviewed = reviewedOf(config);
  const store = await wireStore(state ?? config.state, look);
  try {
    return await work(store, reviewed, config.verdicts ?? "");
  } finally {
    await store.close();
  }
}

const reviewedOf = ({ verdicts }: Pick<Config, "verdicts">) => (verdicts === undefined ? [] : readVerdicts(verdicts));

/** Who runs this, by the machine's word. */
function user(): string | null {
  const said = process.env.USER ?? process.env.LOGNAME ?? "";
  if (said !== "") return said.slice(0, longest.by);
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}
