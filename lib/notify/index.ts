/** The channels there are, a line each. What a line needs is loaded when such a channel is opened, and not before. */
import { ScoutError } from "../errors.ts";
import type { AlertmanagerSettings } from "./alertmanager.ts";
import type { Channel } from "./channel.ts";
import type { Ways } from "./post.ts";
import type { SlackTokenSettings } from "./slack-token.ts";
import type { WebhookSettings } from "./webhook.ts";

/** What each kind needs, every secret already looked up. */
interface Settings {
  slack: { webhook: string };
  slackToken: Omit<SlackTokenSettings, keyof Shared>;
  sns: { topicArn: string; endpoint?: string | undefined };
  alertmanager: Omit<AlertmanagerSettings, keyof Shared> & { timeout?: number };
  webhook: Omit<WebhookSettings, keyof Shared> & { timeout?: number };
}

/** What is no matter of the config's channel. */
interface Shared extends Ways {
  name: string;
  now: () => number;
}

export type ChannelKind = keyof Settings;

/** A channel of the config: its kind, and what that needs. */
export type ChannelSettings = { [Kind in ChannelKind]: { [Only in Kind]: Settings[Only] } }[ChannelKind];

export interface ChannelOptions {
  /** A clock, ms. */
  now: () => number;
  /** Ends a send at once. */
  signal?: AbortSignal | undefined;
}

type Opener<Kind extends ChannelKind> = (
  name: string,
  settings: Settings[Kind],
  options: ChannelOptions,
) => Promise<Channel>;

const channels: { [Kind in ChannelKind]: Opener<Kind> } = {
  slack: async (name, { webhook }, { signal }) =>
    (await import("./slack.ts")).slackWebhook({ name, url: webhook, signal }),
  slackToken: async (name, settings, { signal }) =>
    (await import("./slack-token.ts")).slackToken({ name, ...settings, signal }),
  sns: async (name, settings, { signal }) => (await import("./sns.ts")).sns({ name, ...settings, signal }),
  alertmanager: async (name, settings, options) =>
    (await import("./alertmanager.ts")).alertmanager({ name, ...settings, ...options }),
  webhook: async (name, settings, options) => (await import("./webhook.ts")).webhook({ name, ...settings, ...options }),
};

const kinds = Object.keys(channels) as ChannelKind[];

/**
 * Opens a channel under the name the config gives it. Sends nothing and connects to nothing; a URL or ARN that is wrong is
 * refused when a message is sent, so that one bad channel does not keep the others from being told.
 * Rejects with ScoutError `internal` for a kind that is not in the table.
 */
export async function openChannel(name: string, settings: ChannelSettings, options: ChannelOptions): Promise<Channel> {
  const some: Partial<Settings> = settings;
  for (const kind of kinds) {
    const own = some[kind];
    if (own !== undefined) return open(kind, name, own, options);
  }
  throw new ScoutError("internal", `channel ${name}: no such kind: ${Object.keys(settings).join(", ")}`);
}

function open<Kind extends ChannelKind>(
  kind: Kind,
  name: string,
  settings: Settings[Kind],
  options: ChannelOptions,
): Promise<Channel> {
  return channels[kind](name, settings, options);
}
