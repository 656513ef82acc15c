/** ADAPTER: Slack, by a bot's token: threads, messages that change in place, files. */
import { ScoutError } from "../errors.ts";
import type { Finding, Message, Reason } from "../model.ts";
import type { Channel, Receipts } from "./channel.ts";
import { noReceipts } from "./receipts.ts";
import { slackPost } from "./slack-blocks.ts";
import { type SlackClient, type SlackClientSettings, slackClient } from "./slack-client.ts";
import { afterwards, keyOf, manifestsBeside, only, type Root, rootIn, rootReceipt, toldIn } from "./slack-thread.ts";

export interface SlackTokenSettings extends SlackClientSettings {
  /** The channel's id, or #name. */
  place: string;
}

/** One send: each step is kept before the next, so that a send that is tried again goes on where it was cut off. */
interface Sending {
  slack: SlackClient;
  place: string;
  message: Message;
  receipts: Receipts;
}

/**
 * A channel that posts messages as a bot. What was told first has a message of its own; what comes of it later (changed, still open,
 * resolved) changes that message in place and is said in its thread, in the channel as well unless it is resolved. Manifests that a
 * message has no room for are a file in its thread.
 * `send` throws ScoutError `channel/refused`, `channel/unavailable`, `channel/rate-limited` or `interrupted`.
 */
export function slackToken({ place, ...settings }: SlackTokenSettings): Channel {
  const slack = slackClient(settings);
  return {
    name: settings.name,
    ready: slack.ready,
    async send(message, receipts = noReceipts()) {
      const sending: Sending = { slack, place, message, receipts };
      const { threads, homeless } = await threadsOf(message, receipts);
      for (const [key, findings] of threads) homeless.push(...(await follow(sending, key, findings)));
      if (homeless.length > 0 || message.findings.length === 0)
        await begin({ ...sending, message: only(message, homeless) });
    },
  };
}

/** Why findings are told again: in the thread of the message they stand in. */
const follows: readonly Reason[] = ["changed", "repeat", "resolved"];
/** Why a message is where its findings stand from then on; a digest only lists them. */
const houses: readonly Reason[] = ["first", ...follows];

/** Findings by the key of the message they stand in, and those that stand in none. */
async function threadsOf(message: Message, receipts: Receipts) {
  const threads = new Map<string, Finding[]>();
  const homeless: Finding[] = [];
  for (const finding of message.findings) {
    const told = follows.includes(message.reason) ? toldIn(await receipts.get(finding.id)) : null;
    // Its own message may be there already: of a send that was cut off.
    if (told === null || told.root === keyOf(message)) homeless.push(finding);
    else threads.set(told.root, [...(threads.get(told.root) ?? []), finding]);
  }
  return { threads, homeless };
}

/** Posts a message of its own, then its file. */
async function begin({ slack, place, message, receipts }: Sending): Promise<void> {
  const key = keyOf(message);
  const post = slackPost(message);
  let root = rootIn(await receipts.get(key));
  if (root === null) {
    root = { ...(await slack.post(place, post)), message, isAttached: false };
    const { channel, ts } = root;
    const housed = houses.includes(message.reason) ? message.findings : [];
    const told = housed.map(({ id }): [string, string] => [id, JSON.stringify({ channel, ts, root: key })]);
    await receipts.keep(new Map([[key, rootReceipt(root)], ...told]));
  }
  if (root.isAttached) return;
  const file = manifestsBeside(message, post);
  if (file === null) return;
  await attach(slack, root, file);
  await receipts.keep(new Map([[key, rootReceipt({ ...root, isAttached: true })]]));
}

const noFile =
  "Slack did not take the file with the manifests that are too long to show (the app needs the scope files:write). The scan's output has them all.";

/** A file that Slack does not take for good costs the file alone: the message is there, and says where all manifests are. */
async function attach(slack: SlackClient, root: Root, file: Parameters<SlackClient["attach"]>[1]): Promise<void> {
  try {
    await slack.attach(root, file);
  } catch (thrown) {
    if (!(thrown instanceof ScoutError) || thrown.code !== "channel/refused") throw thrown;
    const blocks = [{ type: "section", text: { type: "plain_text", text: noFile, emoji: false } } as const];
    const note = { text: noFile, blocks, unfurl_links: false, unfurl_media: false } as const;
    await slack.post(root.channel, note, { ts: root.ts, alsoInChannel: false });
  }
}

/**
 * Changes the message that findings stand in, and says in its thread what is new.
 * @returns the findings that need a message of their own, since theirs is gone
 */
async function follow({ slack, message, receipts }: Sending, key: string, findings: Finding[]): Promise<Finding[]> {
  const own = only(message, findings);
  const root = rootIn(await receipts.get(key));
  if (root === null) return findings;
  const said = `${keyOf(message)}/${root.ts}`;
  if ((await receipts.get(said)) !== null) return [];
  if (root.message !== null) {
    const now = afterwards(root.message, own);
    if (!(await slack.update(root, slackPost(now)))) {
      await receipts.keep(new Map([[key, null]]));
      return findings;
    }
    await receipts.keep(new Map([[key, rootReceipt({ ...root, message: now })]]));
  }
  const alsoInChannel = message.reason !== "resolved";
  const reply = await slack.post(root.channel, slackPost(own), { ts: root.ts, alsoInChannel });
  await receipts.keep(new Map([[said, JSON.stringify(reply)]]));
  return [];
}
