/** Config → the parts of the HTTP API. Picks adapters, as lib/wire.ts does for a run. */
import type { ApiParts, Clients, SlackParts } from "./api/parts.ts";
import type { Reveal } from "./config/credentials.ts";
import { type Config, readVerdicts } from "./config/index.ts";
import { slackReplies } from "./notify/slack-reply.ts";
import type { Store } from "./remember/store.ts";
import { type Machine, wireStore } from "./wire.ts";
import { lookUp, type Missing, refuseMissing, revealing } from "./wire-secrets.ts";

export interface ApiCall {
  /** Where to remember. */
  state: string;
  /** Who may call without a token, or null for routes that need no client alone: then no token is looked up. */
  besides: Clients["besides"] | "no-clients";
  /** Files and folders of manifests in force. */
  existing?: readonly string[];
}

export interface WiredApi {
  parts: ApiParts;
  /** Closes the store, where it was opened. */
  close(): Promise<void>;
}

/** @throws ConfigError for secrets that are not there or empty, all at once; ScoutError `secret/unavailable` for what AWS does not give */
export async function wireApi(
  config: Omit<Config, "clusters">,
  { state, besides, existing = [] }: ApiCall,
  machine: Machine,
): Promise<WiredApi> {
  const secrets = await revealed(config, besides, machine);
  const opened = once(() => wireStore(state, false));
  const reviewed = () => (config.verdicts === undefined ? [] : readVerdicts(config.verdicts));
  const picture = async (store: Store) => (await import("./wire-picture.ts")).wirePicture(config, store, existing);
  const clients = besides === "no-clients" ? null : { tokens: secrets.tokens, besides };
  const slack = slackParts(config, secrets.signingSecret);
  return {
    parts: { store: opened.get, reviewed, picture, now: machine.now, log: machine.log, clients, slack },
    close: async () => (await opened.got())?.close(),
  };
}

type Settings = Pick<Config, "api" | "slack" | "channels" | "folder">;

/** @throws ConfigError; ScoutError `secret/unavailable` */
async function revealed(config: Settings, besides: ApiCall["besides"], machine: Machine): Promise<Secrets> {
  const aws = await lookUp((note) => secretsOf(config, besides, () => note), machine);
  const missing: Missing = { mistakes: [], away: [] };
  const { mistakes, away } = missing;
  const secrets = secretsOf(config, besides, (path) => (reference) => {
    const before = mistakes.length + away.length;
    const value = revealing(path, config, machine, aws, missing)(reference);
    // With an empty one anybody could sign, or call.
    if (value.trim() === "" && mistakes.length + away.length === before) mistakes.push(`${path}: the secret is empty`);
    return value;
  });
  refuseMissing(missing);
  return secrets;
}

interface Secrets {
  tokens: string[];
  signingSecret: string | null;
}

/** Every secret that is needed, and no other. */
function secretsOf(
  { api, slack: { signingSecret } }: Settings,
  besides: ApiCall["besides"],
  revealAt: (path: string) => Reveal,
): Secrets {
  const tokens = besides === "no-clients" ? [] : api.tokens;
  return {
    tokens: tokens.map((one, index) => revealAt(`api.tokens[${index}]`)(one)),
    signingSecret: signingSecret === undefined ? null : revealAt("slack.signingSecret")(signingSecret),
  };
}

function slackParts({ slack, channels }: Settings, signingSecret: string | null): SlackParts | null {
  if (signingSecret === null) return null;
  const byToken = Object.entries(channels).filter(([, one]) => "slack" in one && "token" in one.slack);
  const replies = slackReplies(slack.apiUrl);
  return { signingSecret, allow: slack.allow, channels: byToken.map(([name]) => name), replies };
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
