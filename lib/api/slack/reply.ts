/** What the one who pressed a button reads, and nobody else. Pure. */
import * as z from "zod";
import { oneLine } from "../../notify/one-line.ts";
import type { ActionsBlock } from "../../notify/slack-buttons.ts";

export type ReplyBlock =
  | { type: "section"; text: { type: "plain_text"; text: string; emoji: false } }
  | { type: "section"; text: { type: "mrkdwn"; text: string; verbatim: true } };

/** https://docs.slack.dev/interactivity/handling-user-interaction: the message with the button stays as it is. */
export interface Reply {
  response_type: "ephemeral";
  replace_original: false;
  /** What notifications and screen readers have; Slack reads it as mrkdwn. */
  text: string;
  blocks: (ReplyBlock | ActionsBlock)[];
}

/** A section's. */
export const mostCharacters = 3000;

/** As it is described: what is in a block is Slack's own. */
export const replyShape = z.object({
  ...{ response_type: z.literal("ephemeral"), replace_original: z.literal(false) },
  ...{ text: z.string(), blocks: z.array(z.looseObject({ type: z.string() })) },
});

export const reply = (text: string, blocks: Reply["blocks"]): Reply => ({
  response_type: "ephemeral",
  replace_original: false,
  text: withAmpersands(text),
  blocks,
});

/**
 * Where `oneLine` has written an escape, Slack's own: `shop & sons` is a team's name. No longer than before.
 * https://docs.slack.dev/messaging/formatting-message-text#escaping, for text objects of both types
 */
const withAmpersands = (text: string): string => text.replaceAll("\\u0026", "&amp;");

/** Lines of ours with what others wrote in them: as text alone, each made fit to print, whole lines as far as there is room. */
export function lines(all: readonly string[]): Reply {
  const fit = all.map((line) => oneLine(line, 500));
  const ends = fit.map((_, index) => fit.slice(0, index + 1).join("\n").length);
  const count = ends.filter((end) => end <= mostCharacters - 40).length;
  const more = count === fit.length ? [] : [`and ${fit.length - count} more`];
  const whole = [...fit.slice(0, count), ...more];
  return reply(whole.map((line) => `\`${line}\``).join("\n"), [plain(whole.join("\n"))]);
}

export const plain = (text: string): ReplyBlock => ({
  type: "section",
  text: { type: "plain_text", text: withAmpersands(text), emoji: false },
});

export const mrkdwn = (text: string): ReplyBlock => ({
  type: "section",
  text: { type: "mrkdwn", text, verbatim: true },
});

/** Who may decide, by ids that the config has checked; nobody is told by an ephemeral message that names them. */
export const notAllowed = (allow: readonly string[]): Reply =>
  refusal(allow, ["Nothing is decided", "nobody may decide by button here"]);

/** Who may ask. */
export const mayNotAsk = (allow: readonly string[]): Reply =>
  refusal(allow, ["Nothing is looked for", "nobody may ask by `/egress` here"]);

function refusal(allow: readonly string[], [what, nobody]: readonly [string, string]): Reply {
  const more = allow.length > 20 ? ` and ${allow.length - 20} more` : "";
  const names = allow.slice(0, 20).map((id) => `<@${id}>`);
  const text =
    names.length === 0
      ? `${what}: ${nobody} (\`slack.allow\` of the config names nobody).`
      : `${what}: that is for ${names.join(", ")}${more} (\`slack.allow\` of the config).`;
  return reply(text, [mrkdwn(text)]);
}
