/** ADAPTER: the methods of Slack's Web API that a channel uses, one call at a time and no more than Slack likes. */
import * as z from "zod";
import { ScoutError } from "../errors.ts";
import { type Addressee, type Answer, judgeStatus, originOf, reasonOf, refused, yes } from "./answer.ts";
import { pacer } from "./pacer.ts";
import { post, type Ways } from "./post.ts";
import { json, judgeApi, reasonIn } from "./slack-api.ts";
import type { SlackPost } from "./slack-blocks.ts";

export interface SlackClientSettings extends Ways {
  name: string;
  /** Of a bot. */
  token: string;
  /** Where the Web API is: https://slack.com/api/ */
  apiUrl: string;
}

/** Where a message stands. */
export interface Place {
  /** The channel's id. */
  channel: string;
  ts: string;
}

/** All of it throws ScoutError `channel/…` or `interrupted`. */
export interface SlackClient {
  /** Resolves when the next message would be posted at once. */
  ready(): Promise<void>;
  /** `channel` is an id or a name. @returns where it stands now */
  post(channel: string, what: SlackPost, thread?: { ts: string; alsoInChannel: boolean }): Promise<Place>;
  /** @returns false where the message is gone, or may not be changed any more */
  update(place: Place, what: SlackPost): Promise<boolean>;
  /** A file, in the thread of a message. */
  attach(place: Place, file: { name: string; title: string; text: string }): Promise<void>;
}

const gone = ["message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"];
const posted = z.object({ channel: z.string().min(1), ts: z.string().min(1) });
const place = z.object({ upload_url: z.url({ protocol: /^https?$/ }), file_id: z.string().min(1) });

/** Makes calls in the order in which they are asked for, each message a second after the one before has ended. */
export function slackClient({ name, token, apiUrl, ...ways }: SlackClientSettings): SlackClient {
  const to: Addressee = { channel: name, origin: originOf(apiUrl), secrets: [token] };
  const inTurn = pacer(ways);
  const call = async (method: string, content: Content, bearable: readonly string[] = []): Promise<Answer> => {
    if (to.origin === "" || !/^[!-~]+$/.test(token)) throw unusable(name, to.origin === "");
    const headers = { "content-type": content.type, authorization: `Bearer ${token}` };
    const url = new URL(method, apiUrl.endsWith("/") ? apiUrl : `${apiUrl}/`).href;
    return await post({ url, headers, body: content.body }, to, judgeApi(method, bearable), ways);
  };
  const paced = (...args: Parameters<typeof call>): Promise<Answer> => inTurn(() => call(...args));
  return {
    ready: inTurn.ready,
    async post(channel, what, thread) {
      const inThread = thread === undefined ? {} : { thread_ts: thread.ts, reply_broadcast: thread.alsoInChannel };
      const answer = await paced("chat.postMessage", asJson({ channel, ...inThread, ...what }));
      return read(answer, posted, "chat.postMessage", to);
    },
    async update({ channel, ts }, { text, blocks }) {
      return reasonIn(await paced("chat.update", asJson({ channel, ts, text, blocks }), gone)) === null;
    },
    async attach({ channel, ts }, { name: filename, title, text }) {
      const length = String(Buffer.byteLength(text, "utf8"));
      const method = "files.getUploadURLExternal";
      const given = read(await call(method, asForm({ filename, length })), place, method, to);
      await upload(given.upload_url, text, to, ways);
      const files = [{ id: given.file_id, title }];
      await call("files.completeUploadExternal", asJson({ files, channel_id: channel, thread_ts: ts }));
    },
  };
}

interface Content {
  type: string;
  body: string;
}

const asJson = (value: object): Content => ({
  type: "application/json; charset=utf-8",
  body: JSON.stringify(value),
});
const asForm = (value: Record<string, string>): Content => ({
  type: "application/x-www-form-urlencoded",
  body: new URLSearchParams(value).toString(),
});

/** The place is Slack's to choose, but it gets the file and no token. */
async function upload(url: string, text: string, to: Addressee, ways: Ways): Promise<void> {
  if (to.origin.startsWith("https:") && !url.startsWith("https:")) {
    throw wrong(to, "files.getUploadURLExternal", "a place for the file that is not https");
  }
  const there = { ...to, origin: originOf(url), secrets: [...to.secrets, new URL(url).pathname] };
  const headers = { "content-type": "application/octet-stream" };
  const judge = (answer: Answer) =>
    answer.status === 200
      ? yes
      : (judgeStatus(answer, there) ??
        refused(
          there,
          `refused the file: status ${answer.status}, ${reasonOf(answer, there)}`,
          "see the scan's output",
        ));
  await post({ url, headers, body: text }, there, judge, ways);
}

function read<T>(answer: Answer, shape: z.ZodType<T>, method: string, to: Addressee): T {
  const found = shape.safeParse(json(answer.body));
  if (!found.success) throw wrong(to, method, reasonOf(answer, to));
  return found.data;
}

function wrong(to: Addressee, method: string, what: string): ScoutError {
  const said = `channel ${to.channel}: ${to.origin} did not answer ${method} as Slack does: ${what}`;
  return new ScoutError("channel/refused", said, { mend: "check slack.apiUrl, and what a proxy on the way does" });
}

function unusable(name: string, isUrl: boolean): ScoutError {
  const what = isUrl ? "slack.apiUrl is no http(s) URL" : "the token is empty or holds what no token does";
  const mend = isUrl ? "set it to https://slack.com/api/" : "set it to a bot token (xoxb-...)";
  return new ScoutError("channel/refused", `channel ${name}: ${what}`, { mend });
}
