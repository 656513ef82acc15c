/**
 * A message as Slack's Block Kit. Pure. Limits are Slack's (reference of Block Kit: 50 blocks, section 3,000 characters, field
 * 2,000, header 150, 10 context elements; text 4,000 advised), and 10,000 characters in all: past about 13,200 a message is
 * refused with `msg_blocks_too_long`, which no page documents (slackapi/bolt-js#2509).
 *
 * What others wrote stands in plain_text or in code spans only: nothing in it becomes a mention, a link or formatting.
 */

import type { Message, Suggestion } from "../model.ts";
import { sparkline } from "../words/chart.ts";
import { type Group, groups } from "./group.ts";
import { groupFacts, groupSummary, groupTitle } from "./group-facts.ts";
import { footer, headline, notShown } from "./headline.ts";
import { elsewhere, type Offer, offers, reasonsForNone, shortest, wholeYaml } from "./manifest.ts";
import { oneLine } from "./one-line.ts";
import { type ActionsBlock, buttons, buttonTexts, tooMany } from "./slack-buttons.ts";
import { codeBlock } from "./slack-code.ts";
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
  | { type: "context"; elements: PlainText[] }
  | ActionsBlock;

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
/** So many manifests of one cause are shown. */
const mostManifests = 5;
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
  const all = groups(message.findings);
  const shown = takeWhole(
    all,
    (group) => forms(group, message),
    (blocks) => [blocks.length, characters(blocks)],
    room,
  );
  const left = all.slice(shown.length).flatMap(({ findings }) => findings);
  const blocks = [header, ...shown.flat(), closingBlock(message, left)];
  return { text: fallback(message, all), blocks, unfurl_links: false, unfurl_media: false };
}

/** All the text of some blocks, in characters: what Slack's limit of a whole message counts. */
export function characters(blocks: readonly SlackBlock[]): number {
  const texts = blocks.flatMap((block): string[] => {
    if (block.type === "actions") return buttonTexts(block);
    if (block.type === "context") return block.elements.map(({ text }) => text);
    return (block.type === "header" ? [block.text] : [block.text, ...(block.fields ?? [])]).map(({ text }) => text);
  });
  return texts.reduce((sum, text) => sum + text.length, 0);
}

/** A group with all of its manifests, with fewer of them, and without; its buttons last. */
function forms(group: Group, message: Message): SlackBlock[][] {
  const { findings } = group;
  const all = offers(findings, message);
  const none = reasonsForNone(findings)
    .slice(0, 3)
    .map(([why, count]) => `No manifest${findings.length === 1 ? "" : ` for ${count}`}: ${why}`);
  const about = groupBlock(group, none);
  const row = buttons(findings, message);
  const ready = all.flatMap((one) => manifestBlocks(one) ?? []).slice(0, mostManifests);
  return [...Array(ready.length + 1).keys()].reverse().map((count) => {
    const shown = shortest(ready, count);
    const left = all.filter((one) => !shown.some(({ suggestion }) => suggestion === one.suggestion));
    const where = elsewhere(left, all, (id) => oneLine(id, 80));
    const lines = [where, tooMany(findings, message)].filter((line) => line !== null);
    const more = lines.length === 0 ? [] : [context(lines)];
    return [about, ...shown.flatMap(({ blocks }) => blocks), ...more, ...(row === null ? [] : [row])];
  });
}

/** A manifest, as it is shown. */
interface Blocks {
  suggestion: Suggestion;
  blocks: SlackBlock[];
}

/** The manifest, and what to mind; null where it cannot be shown whole. */
function manifestBlocks({ suggestion }: Offer): Blocks | null {
  const yaml = codeBlock(wholeYaml(suggestion));
  const text = `*Ready to apply* (confidence ${suggestion.confidence})\n${yaml}`;
  if (yaml === null || text.length > sectionLength) return null;
  const warnings = suggestion.warnings.slice(0, 5).map((warning) => `Mind: ${oneLine(warning, 300)}`);
  return {
    suggestion,
    blocks: [{ type: "section", text: mrkdwn(text) }, ...(warnings.length > 0 ? [context(warnings)] : [])],
  };
}

function groupBlock(group: Group, remarks: readonly string[]): SlackBlock {
  const all = [groupTitle(group), groupSummary(group, oneLine), ...remarks];
  const lines = all.map((line) => oneLine(line, summaryLength));
  const fields = groupFacts(group, code, sparkline).map(({ label, text }) => mrkdwn(`*${label}*\n${text}`));
  return { type: "section", text: plain(lines.filter((line) => line !== "").join("\n")), fields };
}

function closingBlock(message: Message, left: Message["findings"]): SlackBlock {
  return context([notShown(left), footer(message)].filter((line) => line !== null));
}

function context(lines: readonly string[]): SlackBlock {
  return { type: "context", elements: lines.map(plain) };
}

/** What notifications and screen readers show; Slack reads it as mrkdwn. Under 2,000 characters. */
function fallback(message: Message, all: readonly Group[]): string {
  const lines = all
    .slice(0, summariesInText)
    .map((group) => `- ${groupTitle(group)}: ${code(groupSummary(group, oneLine), 240)}`);
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
