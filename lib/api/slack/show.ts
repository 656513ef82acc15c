/** The button that shows manifests: the YAML whole, or where it is. No I/O of its own. */
import type { Verdict } from "../../model.ts";
import { wholeYaml } from "../../notify/manifest.ts";
import { oneLine } from "../../notify/one-line.ts";
import { codeBlock } from "../../notify/slack-code.ts";
import { allVerdicts, byWhom, holdsAt } from "../../verdicts/in-force.ts";
import type { PressJob, PressRoom } from "../parts.ts";
import { type Known, knownFindings } from "./known.ts";
import { lines, mostCharacters, mrkdwn, type Reply, type ReplyBlock, reply } from "./reply.ts";

/** All of a message (slackapi/bolt-js#2509), less what is said besides. */
const mostInAll = 8_000;

/** A manifest and the findings it is for. */
interface Shown {
  ids: string[];
  block: ReplyBlock;
  length: number;
}

/**
 * Each manifest once, and a line for each finding that has none to show.
 * @throws ScoutError `store/…`, `config/…`
 */
export async function show({ ids }: Pick<PressJob, "ids">, parts: PressRoom): Promise<Reply> {
  const store = await parts.store();
  const known = await knownFindings(store, ids, parts.channels);
  const verdicts = allVerdicts(parts.reviewed(), await store.verdicts());
  const shown = new Map<string, Shown>();
  const said: string[] = [];
  for (const id of ids) {
    const yaml = manifestOf(id, known.get(id), verdicts.get(id), parts.now());
    if (typeof yaml === "object") said.push(yaml.none);
    else if (!add(shown, id, yaml)) said.push(`${id}: ${elsewhere(known.get(id))}`);
  }
  const blocks = [...shown.values()].map(({ block }) => block);
  if (blocks.length === 0) return lines(said);
  const rest = said.length === 0 ? [] : lines(said).blocks;
  const text = `${blocks.length} manifest${blocks.length === 1 ? "" : "s"}`;
  return reply(text, [...blocks, ...rest]);
}

/** The YAML, or why there is none. */
function manifestOf(
  id: string,
  known: Known | undefined,
  verdict: Verdict | undefined,
  now: number,
): string | { none: string } {
  if (verdict?.verdict === "denied" && holdsAt(verdict, now))
    return { none: `${id}: denied${byWhom(verdict)}, so no manifest opens it.` };
  if (known === undefined) {
    const how =
      "`egress-scout plan` makes it anew from the traffic, and `egress-scout scan --format json` has those of its findings";
    return { none: `${id}: its manifest is not remembered: ${how.replaceAll("`", "'")}.` };
  }
  const { finding } = known;
  if (finding.state === "resolved") return { none: `${id}: it is over, and nothing is left to apply.` };
  const [suggestion] = finding.suggestions;
  if (suggestion === undefined) return { none: `${id}: no manifest: ${finding.noSuggestion ?? "none fits"}` };
  return codeBlock(wholeYaml(suggestion)) ?? "";
}

/** False where it has no room, or cannot be shown as it is. */
function add(shown: Map<string, Shown>, id: string, code: string): boolean {
  const same = shown.get(code);
  const ids = [...(same?.ids ?? []), id];
  const text = `*Finding* ${ids.map((one) => `\`${oneLine(one, 128)}\``).join(", ")}\n${code}`;
  const others = [...shown.values()].filter((one) => one !== same);
  const length = others.reduce((sum, one) => sum + one.length, text.length);
  if (code === "" || text.length > mostCharacters || length > mostInAll) return false;
  shown.set(code, { ids, block: mrkdwn(text), length: text.length });
  return true;
}

function elsewhere(known: Known | undefined): string {
  const whole = "the scan's output (--format json) has it whole";
  return known?.isThreaded
    ? `the manifest is too long to show here: see the message, or the file in its thread; ${whole}.`
    : `the manifest is too long to show here: ${whole}.`;
}
