/** Config → what a channel needs, its secrets looked up. */
import { credentials, type Reveal } from "./config/credentials.ts";
import type { ChannelConfig, Config } from "./config/schema.ts";
import { parseDuration } from "./duration.ts";
import type { ChannelSettings } from "./notify/index.ts";
import { webhookDocuments } from "./report/webhook.ts";

/** Durations of a checked config are durations. */
const milliseconds = (text: string): number => parseDuration(text) ?? 0;

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
