/** Which message of Slack's a finding stands in, and how that one looks after what has come since. Pure. */
import * as z from "zod";
import type { Finding, Message } from "../model.ts";
import { time } from "./headline.ts";
import { firstSuggestion, wholeYaml } from "./manifest.ts";
import { oneLine } from "./one-line.ts";
import { json } from "./slack-api.ts";
import type { SlackPost } from "./slack-blocks.ts";
import { takeWhole } from "./take-whole.ts";

/** Of a finding: the message it was first told in, by that one's key. */
const told = z.object({ channel: z.string(), ts: z.string(), root: z.string() });
export type ToldIn = z.infer<typeof told>;
/** Of a message: where it stands, what it says now (null where that is too much to keep), and whether its file is there. */
const root = z.object({
  channel: z.string(),
  ts: z.string(),
  // Written by ourselves as one piece; only that it is one is checked.
  message: z.custom<Message>((value) => typeof value === "object" && value !== null && "findings" in value).nullable(),
  isAttached: z.boolean(),
});
export type Root = z.infer<typeof root>;

/** A message of so many characters is not kept, and so not changed in place: Slack shows a tenth of that. */
const mostKept = 100_000;
const fileBytes = 1_000_000;

/** What was kept, or null for nothing, and for what is damaged. */
export const toldIn = (receipt: string | null): ToldIn | null => read(told, receipt);
export const rootIn = (receipt: string | null): Root | null => read(root, receipt);

function read<T>(shape: z.ZodType<T>, receipt: string | null): T | null {
  const found = shape.safeParse(receipt === null ? undefined : json(receipt));
  return found.success ? found.data : null;
}

export function rootReceipt(one: Root): string {
  const whole = JSON.stringify({ ...one, message: one.message === null ? null : slim(one.message) });
  return whole.length <= mostKept ? whole : JSON.stringify({ ...one, message: null });
}

/** Without what Slack never shows: other suggestions than the first, and the manifest beside its YAML. */
function slim(message: Message): Message {
  const findings = message.findings.map((finding): Finding => {
    const suggestions = finding.suggestions.slice(0, 1).map((suggestion) => ({
      ...suggestion,
      manifest: { apiVersion: "", kind: "", metadata: { name: "" }, spec: {} },
    }));
    return { ...finding, suggestions };
  });
  return only(message, findings);
}

/** The key of a message: the same findings may be told for the same reason again, later. */
export const keyOf = ({ id, at }: Message): string => `${id}@${at}`;

/** With other findings; its id is the whole message's. */
export const only = (message: Message, findings: readonly Finding[]): Message => ({
  ...message,
  findings: [...findings],
});

/** A message as it looks when some of its findings have changed, or are over. */
export function afterwards(before: Message, later: Message): Message {
  const news = new Map(later.findings.map((one) => [one.id, one]));
  const findings = before.findings.map((one) => {
    const now = news.get(one.id);
    if (now === undefined) return one;
    return later.reason === "resolved" ? over(now, later.at) : now;
  });
  const isOver = findings.every((one) => one.state === "resolved");
  return { ...before, reason: isOver ? "resolved" : before.reason, findings };
}

function over(finding: Finding, at: number): Finding {
  const summary = `Resolved (${time(at)}): ${finding.summary}`;
  return { ...finding, state: "resolved", summary, suggestions: [], noSuggestion: null };
}

/** The manifests that a post does not show, as one file of YAML; null where there are none. */
export function manifestsBeside(
  message: Message,
  post: SlackPost,
): { name: string; title: string; text: string } | null {
  const shown = JSON.stringify(post.blocks);
  const documents = message.findings.flatMap((finding) => {
    const suggestion = firstSuggestion(finding, message);
    const yaml = suggestion === null ? null : wholeYaml(suggestion);
    return yaml === null || shown.includes(inBlocks(yaml)) ? [] : [{ id: oneLine(finding.id, 80), yaml }];
  });
  if (documents.length === 0) return null;
  const taken = takeWhole(
    documents,
    ({ id, yaml }) => [`---\n# finding ${id}\n${yaml.replace(/^---\n/, "")}`],
    (piece) => [Buffer.byteLength(piece, "utf8")],
    [fileBytes],
  );
  const left = documents.length - taken.length;
  const more = left === 0 ? "" : `# ${left} more: the scan's output has them all\n`;
  const name = `manifests-${message.id.replace(/[^\w-]/g, "_")}.yaml`;
  const title = `${taken.length} manifest${taken.length === 1 ? "" : "s"} not shown in the message`;
  return { name, title, text: `${taken.join("")}${more}` };
}

/** As Slack has it, and JSON. */
function inBlocks(yaml: string): string {
  const escaped = yaml.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return JSON.stringify(escaped).slice(1, -1);
}
