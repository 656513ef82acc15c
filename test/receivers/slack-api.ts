/** Stands in for Slack's Web API: keeps messages and files, says no with status 200 as Slack does, and takes only what Slack would. */
import { type Got, listen, type Receiver } from "./receiver.ts";
import { postProblems } from "./slack.ts";

type Json = Record<string, unknown>;

export const slackBotToken = "xoxb-SECRET1-SECRET2-xyzzySecretToken42";
export const slackChannel = { name: "#payments", id: "C0PAYMENTS" };

export interface SlackMessage {
  ts: string;
  thread: string | null;
  broadcast: boolean;
  post: Json;
  /** How often it was changed. */
  updates: number;
}

export interface SlackReply {
  text: string;
  blocks: { type: string; text: { type: string; text: string } }[];
}

const replyPath = "/actions/T0SECRET1/42/xyzzySecretReply";

export interface SlackApi extends Receiver {
  /** https://…/api/ of this one. */
  apiUrl: string;
  messages: SlackMessage[];
  /** Files that were completed. */
  files: { name: string; text: string; thread: string }[];
  /** A `response_url` of this one, and what was said to it. */
  responseUrl: string;
  replies: SlackReply[];
  /** Slack's no to the calls of a method, until it is null again. */
  refuse(method: string, error: string | null): void;
  /** Takes a message away, as a person may. */
  remove(ts: string): void;
}

export async function slackApi(): Promise<SlackApi> {
  const messages: SlackMessage[] = [];
  const files: SlackApi["files"] = [];
  const replies: SlackReply[] = [];
  const refusals = new Map<string, string>();
  const uploads = new Map<string, { name: string; length: number; text: string | null }>();
  const no = (error: string, more: Json = {}) => ({ status: 200, body: JSON.stringify({ ok: false, error, ...more }) });
  const yes = (more: Json = {}) => ({ status: 200, body: JSON.stringify({ ok: true, ...more }) });
  const methods: Record<string, (got: Got) => { status: number; body: string }> = {
    "chat.postMessage": ({ body }) => {
      const { channel, thread_ts: thread = null, reply_broadcast: broadcast = false, ...post } = JSON.parse(body);
      if (channel !== slackChannel.name && channel !== slackChannel.id) return no("channel_not_found");
      const ts = `1700000000.${String(messages.length + 1).padStart(6, "0")}`;
      messages.push({ ts, thread, broadcast, post, updates: 0 });
      return yes({ channel: slackChannel.id, ts, message: {} });
    },
    "chat.update": ({ body }) => {
      const { channel, ts, ...post } = JSON.parse(body);
      const found = messages.find((one) => one.ts === ts);
      if (channel !== slackChannel.id) return no("channel_not_found");
      if (found === undefined) return no("message_not_found");
      Object.assign(found, { post, updates: found.updates + 1 });
      return yes({ channel, ts });
    },
    "files.getUploadURLExternal": ({ body }) => {
      const { filename: name = "", length = "" } = Object.fromEntries(new URLSearchParams(body));
      if (name === "" || !/^\d+$/.test(length)) return no("invalid_arguments");
      const id = `F${uploads.size + 1}`;
      uploads.set(id, { name, length: Number(length), text: null });
      return yes({ upload_url: `${receiver.url}/upload/${id}`, file_id: id });
    },
    "files.completeUploadExternal": ({ body }) => {
      const { files: given, channel_id: channel, thread_ts: thread } = JSON.parse(body);
      const found = uploads.get(given?.[0]?.id);
      if (found?.text === null || found === undefined) return no("file_not_found");
      if (channel !== slackChannel.id) return no("invalid_channel");
      files.push({ name: found.name, text: found.text, thread });
      return yes({ files: given });
    },
  };
  const answer = (got: Got) => {
    if (got.url === replyPath) {
      replies.push(JSON.parse(got.body));
      return { status: 200, body: "ok" };
    }
    const upload = uploads.get(/^\/upload\/(\w+)$/.exec(got.url)?.[1] ?? "");
    if (upload !== undefined) {
      upload.text = got.body;
      return { status: 200, body: `OK - ${got.body.length}` };
    }
    const method = methodOf(got);
    const refusal = refusals.get(method);
    if (refusal !== undefined) return no(refusal, refusal === "missing_scope" ? { needed: "files:write" } : {});
    return methods[method]?.(got) ?? no("unknown_method");
  };
  const receiver = await listen({
    faults: (got) => [...faults(got, uploads)],
    yes: answer,
    isMessage: (got) => methodOf(got) === "chat.postMessage",
    invalid: (found) => no("invalid_arguments", { response_metadata: { messages: found } }),
    refuse: (echo) => no("channel_not_found", { echo }),
    rateLimited: (retryAfter) => ({ ...no("ratelimited"), status: 429, headers: { "retry-after": retryAfter } }),
    serverError: (echo) => ({ status: 500, body: `internal ${echo}` }),
  });
  return Object.assign(receiver, {
    apiUrl: `${receiver.url}/api/`,
    messages,
    files,
    responseUrl: `${receiver.url}${replyPath}`,
    replies,
    refuse: (method: string, error: string | null) =>
      void (error === null ? refusals.delete(method) : refusals.set(method, error)),
    remove: (ts: string) =>
      void messages.splice(
        messages.findIndex((one) => one.ts === ts),
        1,
      ),
  });
}

const methodOf = ({ url }: Got): string => /^\/api\/([\w.]+)$/.exec(url)?.[1] ?? "";

function* faults(got: Got, uploads: ReadonlyMap<string, { length: number }>): Generator<string> {
  if (got.method !== "POST") return yield "not a POST";
  if (got.url === replyPath) return yield* replyFaults(got);
  const upload = uploads.get(/^\/upload\/(\w+)$/.exec(got.url)?.[1] ?? "");
  if (upload !== undefined) {
    if (got.headers.authorization !== undefined) yield "the token goes where the file goes";
    if (Buffer.byteLength(got.body) !== upload.length) yield "another length than was said";
    return;
  }
  if (got.headers.authorization !== `Bearer ${slackBotToken}`) return yield "invalid_auth";
  const type = String(got.headers["content-type"]);
  const method = methodOf(got);
  if (method === "files.getUploadURLExternal") {
    if (!type.startsWith("application/x-www-form-urlencoded")) yield "this method takes a form";
    return;
  }
  if (type !== "application/json; charset=utf-8") return yield `${method}: ${type}`;
  const { channel, ts, thread_ts, reply_broadcast, ...post }: Json = JSON.parse(got.body);
  if (method === "chat.postMessage") yield* postProblems(post);
  if (method === "chat.update") yield* postProblems({ unfurl_links: false, unfurl_media: false, ...post });
}

/** To one person, beside the message: like a post, but for the names of people that the config has. */
function* replyFaults({ headers, body }: Got): Generator<string> {
  if (headers.authorization !== undefined) yield "a token goes where the reply goes";
  if (!String(headers["content-type"]).startsWith("application/json")) yield "reply: not application/json";
  const { response_type, replace_original, ...post }: Json = JSON.parse(body.replaceAll(/<@U[A-Z0-9]+>/g, "somebody"));
  if (response_type !== "ephemeral" || replace_original !== false) yield "reply: others see it, or the message goes";
  yield* postProblems({ unfurl_links: false, unfurl_media: false, ...post });
}
