/**
 * A message as Slack's Block Kit. Pure. Limits are Slack's (reference of Block Kit: 50 blocks, section 3,000 characters, field
 * 2,000, header 150, 10 context elements; text 4,000 advised), and 10,000 characters in all: past about 13,200 a message is
 * refused with `msg_blocks_too_long`, which no page documents (slackapi/bolt-js#2509).
 *
 * What others wrote stands in plain_text or in code spans only: nothing in it becomes a mention, a link or formatting.
 */
import type { Finding, Message } from "../model.ts";
import { facts } from "./facts.ts";
import { footer, headline, notShown, title } from "./headline.ts";
import { elsewhere, firstSuggestion, wholeYaml } from "./manifest.ts";
import { oneLine } from "./one-line.ts";
import { takeWhole } from "./take-whole.ts";

interface PlainText {
  type: "plain_text";
  text: string;
  emoji: false;
}

interface Mrkdwn {
  type: "mrkdwn";
  text: string;
  verbatim: true;
}

export type SlackBlock =
  | { type: "header"; text: PlainText }
  | { type: "section"; text: PlainText | Mrkdwn; fields?: Mrkdwn[] }
  | { type: "context"; elements: PlainText[] };

/** The body of a post to an incoming webhook. */
export interface SlackPost {
  text: string;
  blocks: SlackBlock[];
  unfurl_links: false;
  unfurl_media: false;
}

const mostBlocks = 50;
const mostCharacters = 10_000;
const sectionLength = 3_000;
const summaryLength = 600;
/** How many summaries stand in the text that notifications show. */
const summariesInText = 5;

/**
 * One post for the whole message, within Slack's limits whatever the message holds. Findings that do not fit are left out
 * from the end and counted in the last block; a manifest is shown whole, or a line says where it is. Throws nothing.
 */
export function slackPost(message: Message): SlackPost {
  const header: SlackBlock = { type: "header", text: plain(headline(message, oneLine)) };
  const closing = closingBlock(message, message.findings);
  const room = [mostBlocks - 2, mostCharacters - characters([header, closing])];
  const shown = takeWhole(
    message.findings,
    (finding) => forms(finding, message),
    (blocks) => [blocks.length, characters(blocks)],
    room,
  );
  const blocks = [header, ...shown.flat(), closingBlock(message, message.findings.slice(shown.length))];
  return { text: fallback(message), blocks, unfurl_links: false, unfurl_media: false };
}

/** All the text of some blocks, in characters: what Slack's limit of a whole message counts. */
export function characters(blocks: readonly SlackBlock[]): number {
  const texts = blocks.flatMap((block) => {
    if (block.type === "context") return block.elements;
    return block.type === "header" ? [block.text] : [block.text, ...(block.fields ?? [])];
  });
  return texts.reduce((sum, { text }) => sum + text.length, 0);
}

/** A finding with its manifest, and without. */
function forms(finding: Finding, message: Message): SlackBlock[][] {
  const suggestion = firstSuggestion(finding, message);
  if (suggestion === null) {
    return [[findingBlock(finding, finding.noSuggestion === null ? [] : [`No manifest: ${finding.noSuggestion}`])]];
  }
  const brief = [findingBlock(finding, []), context([elsewhere(oneLine(finding.id, 80))])];
  const yaml = codeBlock(wholeYaml(suggestion));
  if (yaml === null) return [brief];
  const text = `*Ready to apply* (confidence ${suggestion.confidence})\n${yaml}`;
  if (text.length > sectionLength) return [brief];
  const warnings = suggestion.warnings.slice(0, 5).map((warning) => `Mind: ${oneLine(warning, 300)}`);
  const manifest: SlackBlock = { type: "section", text: mrkdwn(text) };
  return [[findingBlock(finding, []), manifest, ...(warnings.length > 0 ? [context(warnings)] : [])], brief];
}

function findingBlock(finding: Finding, remarks: readonly string[]): SlackBlock {
  const lines = [title(finding), finding.summary, ...remarks].map((line) => oneLine(line, summaryLength));
  const fields = facts(finding, code).map(({ label, text }) => mrkdwn(`*${label}*\n${text}`));
  return { type: "section", text: plain(lines.filter((line) => line !== "").join("\n")), fields };
}

function closingBlock(message: Message, left: readonly Finding[]): SlackBlock {
  return context([notShown(left), footer(message)].filter((line) => line !== null));
}

function context(lines: readonly string[]): SlackBlock {
  return { type: "context", elements: lines.map(plain) };
}

/** What notifications and screen readers show; Slack reads it as mrkdwn. Under 2,000 characters. */
function fallback(message: Message): string {
  const lines = message.findings.slice(0, summariesInText).map((one) => `- ${title(one)}: ${code(one.summary, 240)}`);
  return [headline(message, code), ...lines].join("\n");
}

function plain(text: string): PlainText {
  return { type: "plain_text", text, emoji: false };
}

/** verbatim: Slack makes no links of its own of what looks like a URL or a channel. */
function mrkdwn(text: string): Mrkdwn {
  return { type: "mrkdwn", text, verbatim: true };
}

/** Untrusted text as a code span: `oneLine` has taken the backticks and brackets out of it. */
function code(text: string, most: number): string {
  const line = oneLine(text, most).trim();
  return `\`${line === "" ? "(empty)" : line}\``;
}

/** YAML between fences, with Slack's three escapes; null where it holds a fence and could break out. */
function codeBlock(yaml: string | null): string | null {
  if (yaml === null || yaml.includes("```")) return null;
  const escaped = yaml.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return `\`\`\`\n${escaped}\`\`\``;
}
