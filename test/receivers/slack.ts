/** Stands in for Slack's incoming webhooks: takes only what Slack would, and nothing that could mention, link or format. */
import { type Got, listen, type Receiver } from "./receiver.ts";

type Json = Record<string, unknown>;

export const slackSecret = "T0SECRET1/B0SECRET2/xyzzySecretToken42";

/** A webhook of this receiver: its URL holds the secret. */
export const slackUrl = (receiver: Receiver): string => `${receiver.url}/services/${slackSecret}`;

export function slackReceiver(): Promise<Receiver> {
  return listen({
    faults,
    yes: () => ({ status: 200, body: "ok" }),
    invalid: (found) => ({ status: 400, body: `invalid_blocks ${found[0]}` }),
    refuse: (echo) => ({ status: 404, body: `no_service ${echo}` }),
    rateLimited: (retryAfter) => ({ status: 429, headers: { "retry-after": retryAfter }, body: "rate_limited" }),
    serverError: (echo) => ({ status: 500, body: `rollup_error ${echo}` }),
  });
}

function faults(got: Got): string[] {
  if (got.method !== "POST") return ["not a POST"];
  if (got.url !== `/services/${slackSecret}`) return ["no such webhook"];
  if (!String(got.headers["content-type"]).startsWith("application/json")) return ["not application/json"];
  let post: unknown;
  try {
    post = JSON.parse(got.body);
  } catch {
    return ["not JSON"];
  }
  return isJson(post) ? [...postFaults(post)] : ["not an object"];
}

/** What Slack would have against a post. */
export const postProblems = (post: unknown): string[] => (isJson(post) ? [...postFaults(post)] : ["not an object"]);

/** What is wrong with a post, whoever takes it. */
function* postFaults(post: Json): Generator<string> {
  yield* unknownKeys(post, ["text", "blocks", "unfurl_links", "unfurl_media"], "post");
  if (post.unfurl_links !== false || post.unfurl_media !== false) yield "unfurls";
  const text = post.text;
  if (typeof text !== "string" || text.trim() === "" || text.length > 4000) yield "text: not 1 to 4000 characters";
  else yield* mrkdwnFaults(text, "text");
  const blocks = post.blocks;
  if (!Array.isArray(blocks) || blocks.length === 0 || blocks.length > 50) return yield "blocks: not 1 to 50";
  for (const [index, block] of blocks.entries()) yield* blockFaults(block, `block ${index}`);
  const total = texts(post.blocks).reduce((sum, one) => sum + one.length, 0);
  if (total > 10_000) yield `blocks: ${total} characters in all`;
}

function* blockFaults(block: unknown, at: string): Generator<string> {
  if (!isJson(block)) return yield `${at}: not an object`;
  if (block.type === "header") {
    yield* unknownKeys(block, ["type", "text"], at);
    yield* textFaults(block.text, 150, at, ["plain_text"]);
  } else if (block.type === "section") {
    yield* unknownKeys(block, ["type", "text", "fields"], at);
    yield* textFaults(block.text, 3000, at);
    const fields = block.fields ?? [];
    if (!Array.isArray(fields) || fields.length > 10 || ("fields" in block && fields.length === 0)) {
      return yield `${at}: not 1 to 10 fields`;
    }
    for (const [index, field] of fields.entries()) yield* textFaults(field, 2000, `${at} field ${index}`);
  } else if (block.type === "context") {
    yield* unknownKeys(block, ["type", "elements"], at);
    const elements = block.elements;
    if (!Array.isArray(elements) || elements.length === 0 || elements.length > 10)
      return yield `${at}: not 1 to 10 elements`;
    for (const [index, element] of elements.entries()) yield* textFaults(element, 2000, `${at} element ${index}`);
  } else if (block.type === "actions") {
    yield* actionsFaults(block, at);
  } else {
    yield `${at}: unknown type`;
  }
}

/** 1 to 25 buttons; of one row no two have the same action. */
function* actionsFaults(block: Json, at: string): Generator<string> {
  yield* unknownKeys(block, ["type", "elements"], at);
  const elements = block.elements;
  if (!Array.isArray(elements) || elements.length === 0 || elements.length > 25)
    return yield `${at}: not 1 to 25 elements`;
  if (new Set(elements.map(({ action_id }) => action_id)).size < elements.length) yield `${at}: an action twice`;
  for (const [index, one] of elements.entries()) {
    const where = `${at} button ${index}`;
    if (!isJson(one) || one.type !== "button") return yield `${where}: not a button`;
    yield* unknownKeys(one, ["type", "action_id", "text", "value", "style"], where);
    yield* textFaults(one.text, 75, where, ["plain_text"]);
    if (typeof one.value !== "string" || !/^.{1,2000}$/.test(one.value)) yield `${where}: value`;
    if (typeof one.action_id !== "string" || !/^.{1,255}$/.test(one.action_id)) yield `${where}: action_id`;
    if (one.style !== undefined && one.style !== "primary" && one.style !== "danger") yield `${where}: style`;
  }
}

function* textFaults(text: unknown, most: number, at: string, types = ["plain_text", "mrkdwn"]): Generator<string> {
  if (!isJson(text) || typeof text.text !== "string" || !types.includes(String(text.type)))
    return yield `${at}: not a text`;
  const words = text.text;
  if (words.length < 1 || words.length > most) yield `${at}: ${words.length} characters`;
  if (text.type === "plain_text") {
    yield* unknownKeys(text, ["type", "text", "emoji"], at);
    if (text.emoji !== false) yield `${at}: would make emoji of :words:`;
    yield* rawFaults(words, at);
  } else {
    yield* unknownKeys(text, ["type", "text", "verbatim"], at);
    if (text.verbatim !== true) yield `${at}: Slack would make links`;
    yield* mrkdwnFaults(words, at);
  }
}

/** True of all text: no bracket, no ampersand that is no entity, no control character but a newline. */
function* rawFaults(text: string, at: string): Generator<string> {
  if (/[<>]/.test(text)) yield `${at}: a raw angle bracket`;
  if (/&(?!(amp|lt|gt);)/.test(text)) yield `${at}: a raw ampersand`;
  if (/[^\P{C}\n]/u.test(text)) yield `${at}: a control character`;
}

/** Outside code only our own words may stand: nothing that Slack could format, link or take for a mention. */
function* mrkdwnFaults(text: string, at: string): Generator<string> {
  yield* rawFaults(text, at);
  const outside = withoutCode(text);
  if (outside.includes("`")) yield `${at}: code that is not closed`;
  if (/[A-Za-z0-9-]\.[A-Za-z]{2}/.test(outside)) yield `${at}: what looks like a host outside code`;
  if (/[@#~_|[\]{}$=\\]|:\/\//.test(outside)) yield `${at}: markup outside code`;
  if (/\*/.test(outside.replace(/^\*[A-Za-z ]+\??\*/gm, ""))) yield `${at}: bold that is not ours`;
}

function withoutCode(text: string): string {
  return text.replace(/```[\s\S]*?```/g, " ").replace(/`[^`\n]+`/g, " ");
}

/** The manifests a body shows, as a reader would copy them. */
export function slackManifests(body: string): string[] {
  const blocks: unknown = JSON.parse(body).blocks;
  return texts(blocks).flatMap((text) =>
    [...text.matchAll(/```\n([\s\S]*?)```/g)].map(([, yaml = ""]) => unescaped(yaml)),
  );
}

function unescaped(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** All strings under `text` keys. */
function texts(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(texts);
  if (!isJson(value)) return [];
  return Object.entries(value).flatMap(([key, one]) =>
    key === "text" && typeof one === "string" ? [one] : texts(one),
  );
}

function* unknownKeys(value: Json, known: string[], at: string): Generator<string> {
  for (const key of Object.keys(value)) if (!known.includes(key)) yield `${at}: unknown key ${key}`;
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
