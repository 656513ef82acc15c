/** Config → its channels, open, their secrets looked up. */
import { credentials, type Reveal } from "../config/credentials.ts";
import { milliseconds } from "../config/milliseconds.ts";
import type { ChannelConfig, Config } from "../config/schema.ts";
import { type LookedUp, referenceKey } from "../config/secrets.ts";
import { ScoutError } from "../errors.ts";
import type { Channel } from "../notify/channel.ts";
import { closedChannel } from "../notify/closed.ts";
import { type ChannelSettings, openChannel } from "../notify/index.ts";
import { webhookDocuments } from "../report/webhook.ts";
import type { Machine } from "./call.ts";
import { type Missing, revealing } from "./secrets.ts";

export function channelSettings(
  channel: ChannelConfig,
  reveal: Reveal,
  { slack }: Pick<Config, "slack">,
): ChannelSettings {
  if ("sns" in channel) return { sns: channel.sns };
  if ("alertmanager" in channel) {
    const { url, auth, headers, timeout, firing, link } = channel.alertmanager;
    const known = credentials(headers, auth, reveal);
    return {
      alertmanager: { url, ...known, timeout: milliseconds(timeout), firing: milliseconds(firing), link },
    };
  }
  if ("webhook" in channel) {
    const { url, secret, headers, timeout } = channel.webhook;
    return {
      webhook: {
        url: typeof url === "string" ? url : reveal(url),
        secret: secret === undefined ? undefined : reveal(secret),
        headers: credentials(headers, undefined, reveal).headers,
        timeout: milliseconds(timeout),
        documents: webhookDocuments,
      },
    };
  }
  if ("token" in channel.slack) {
    const { token, channel: place } = channel.slack;
    return { slackToken: { token: reveal(token), place, apiUrl: slack.apiUrl } };
  }
  return { slack: { webhook: reveal(channel.slack.webhook) } };
}

/** All channels of the config. One of which AWS does not give the secret takes no message, and the others are told. */
export async function openChannels(
  config: Config,
  { aws, missing, isDry }: { aws: LookedUp; missing: Missing; isDry: boolean },
  machine: Machine,
): Promise<Map<string, Channel>> {
  const opened = Object.entries(config.channels).map(async ([name, one]): Promise<[string, Channel]> => {
    const gone: ScoutError[] = [];
    const ofRun = revealing(`channels.${name}`, config, machine, aws, missing);
    const reveal: Reveal = (reference) => {
      const found = aws.get(referenceKey(reference));
      if (!(found instanceof ScoutError)) return ofRun(reference);
      gone.push(found);
      return "";
    };
    const settings = channelSettings(one, isDry ? () => "https://dry-run.invalid" : reveal, config);
    const [why] = gone;
    return [
      name,
      why === undefined ? await openChannel(name, settings, { now: machine.now }) : closedChannel(name, why),
    ];
  });
  return new Map(await Promise.all(opened));
}
