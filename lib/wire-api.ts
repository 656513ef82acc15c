/** Config → the parts of the HTTP API. Picks adapters, as lib/wire.ts does for a run. */
import type { ApiParts, Clients, SlackParts } from "./api/parts.ts";
import { type Config, readVerdicts } from "./config/index.ts";
import type { Secret } from "./config/schema.ts";
import { ConfigError } from "./errors.ts";
import { slackReplies } from "./notify/slack-reply.ts";
import type { Store } from "./remember/store.ts";
import { type Machine, reveal, wireStore } from "./wire.ts";

export interface ApiCall {
  /** Where to remember. */
  state: string;
  /** Who may call without a token, or null for routes that need no client alone: then no token is looked up. */
  besides: Clients["besides"] | "no-clients";
}

export interface WiredApi {
  parts: ApiParts;
  /** Closes the store, where it was opened. */
  close(): Promise<void>;
}

/** @throws ConfigError for secrets that are not there or empty, all at once */
export async function wireApi(
  config: Omit<Config, "clusters">,
  { state, besides }: ApiCall,
  machine: Machine,
): Promise<WiredApi> {
  const mistakes: string[] = [];
  const look = async (reference: Secret, path: string): Promise<string> => {
    const before = mistakes.length;
    const value = await reveal(reference, path, config, machine, mistakes);
    if (value.trim() === "" && mistakes.length === before) mistakes.push(`${path}: the secret is empty`);
    return value;
  };
  const clients = besides === "no-clients" ? null : { tokens: await tokensOf(config, look), besides };
  const slack = await slackParts(config, look);
  if (mistakes.length > 0) throw new ConfigError("config", mistakes);
  const opened = once(() => wireStore(state, false));
  const reviewed = () => (config.verdicts === undefined ? [] : readVerdicts(config.verdicts));
  return {
    parts: { store: opened.get, reviewed, now: machine.now, log: machine.log, clients, slack },
    close: async () => (await opened.got())?.close(),
  };
}

type Look = (reference: Secret, path: string) => Promise<string>;

const tokensOf = ({ api }: Pick<Config, "api">, look: Look): Promise<string[]> =>
  Promise.all(api.tokens.map((one, index) => look(one, `api.tokens[${index}]`)));

async function slackParts({ slack, channels }: Pick<Config, "slack" | "channels">, look: Look) {
  if (slack.signingSecret === undefined) return null;
  const parts: SlackParts = {
    signingSecret: await look(slack.signingSecret, "slack.signingSecret"),
    allow: slack.allow,
    channels: Object.entries(channels).flatMap(([name, one]) => ("slack" in one && "token" in one.slack ? [name] : [])),
    replies: slackReplies(slack.apiUrl),
  };
  return parts;
}

/** Opened when it is first asked for; one that did not open is tried again by the next who asks. */
function once(open: () => Promise<Store>) {
  let opening: Promise<Store> | undefined;
  return {
    get: async (): Promise<Store> => {
      opening ??= open();
      try {
        return await opening;
      } catch (thrown) {
        opening = undefined;
        throw thrown;
      }
    },
    got: async (): Promise<Store | undefined> => opening?.catch(() => undefined),
  };
}
