/** Amazon SNS. An adapter: the only file here that speaks to SNS. The SDK is loaded with the first message, not before. */
import type { SNSClient } from "@aws-sdk/client-sns";
import { ScoutError } from "../errors.ts";
import type { Message } from "../model.ts";
import { printable } from "../words/printable.ts";
import type { Channel } from "./channel.ts";
import { longPause, snsBusy, snsError } from "./sns-error.ts";
import { publishInput } from "./sns-input.ts";

export interface SnsSettings {
  name: string;
  topicArn: string;
  /** Default: the topic's region. */
  region?: string | undefined;
  /** Where SNS is; default what the SDK finds, `AWS_ENDPOINT_URL_SNS` included. */
  endpoint?: string | undefined;
  /** Milliseconds for one try; default 10,000. The SDK makes two at most, and both together take no more than twice this. */
  timeout?: number | undefined;
  /** Ends a send at once, with `interrupted`. */
  signal?: AbortSignal | undefined;
}

interface Open {
  sdk: typeof import("@aws-sdk/client-sns");
  client: SNSClient;
}

const connectionTimeout = 3_000;
const tries = 2;

/**
 * A channel that publishes each message to an SNS topic, with the credentials the SDK finds. `send` throws ScoutError
 * `channel/refused`, `channel/unavailable`, `channel/rate-limited`, or `interrupted`; none has a cause or holds a credential.
 * Throws nothing itself: an ARN that is none is refused when a message is sent.
 */
export function sns(settings: SnsSettings): Channel {
  const { name, topicArn, signal, timeout = 10_000 } = settings;
  let opened: Promise<Open> | undefined;
  return {
    name,
    async send(message: Message): Promise<void> {
      const region = settings.region ?? regionOf(topicArn);
      if (region === null) throw wrong(name, `${printable(topicArn)} is no ARN of an SNS topic`);
      if (!URL.canParse(settings.endpoint ?? "https://sns")) throw wrong(name, "the endpoint is no URL");
      opened ??= open(settings, region, timeout);
      const { sdk, client } = await opened;
      const deadline = AbortSignal.timeout(timeout * tries);
      const busy = new AbortController();
      const abortSignal = AbortSignal.any([deadline, busy.signal, ...(signal === undefined ? [] : [signal])]);
      const command = new sdk.PublishCommand(publishInput(topicArn, message));
      let asked: number | null = null;
      command.middlewareStack.add(
        (next) => async (args) => {
          const result = await next(args);
          asked = longPause(result.response);
          // The SDK would wait for as long as it is asked to, and then say that the time is up.
          if (asked !== null) busy.abort();
          return result;
        },
        { step: "deserialize", priority: "low" },
      );
      const answer = await client.send(command, { abortSignal }).catch(async (thrown: unknown) => {
        if (signal?.aborted) throw new ScoutError("interrupted", `channel ${name}: interrupted while sending`);
        if (asked !== null) throw snsBusy(name, asked);
        throw snsError(name, thrown, await secretsOf(client, thrown));
      });
      if (!answer.MessageId) throw notSns(name);
    },
  };
}

async function open(settings: SnsSettings, region: string, timeout: number): Promise<Open> {
  const sdk = await import("@aws-sdk/client-sns");
  const client = new sdk.SNSClient({
    region,
    maxAttempts: tries,
    // Without throwOnRequestTimeout the SDK only warns, on the console, and waits on.
    requestHandler: { connectionTimeout, requestTimeout: timeout, throwOnRequestTimeout: true },
    ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint }),
  });
  return { sdk, client };
}

/** The region is the fourth part: arn:aws:sns:REGION:ACCOUNT:TOPIC (also aws-cn, aws-us-gov). Null where it is no topic's ARN. */
function regionOf(topicArn: string): string | null {
  return /^arn:[a-z-]+:sns:([a-z0-9-]+):\d+:[\w.-]+$/.exec(topicArn)?.[1] ?? null;
}

/** An answer may quote the request, whose headers hold the key id and the token. Asked only where there was an answer. */
async function secretsOf(client: SNSClient, thrown: unknown): Promise<string[]> {
  if (!(thrown instanceof Error) || !("$metadata" in thrown)) return [];
  try {
    const { accessKeyId, secretAccessKey, sessionToken } = await client.config.credentials();
    return [accessKeyId, secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])];
  } catch {
    // Not knowing what to cut, cut all of it.
    return [thrown.message];
  }
}

function wrong(name: string, what: string): ScoutError {
  const mend = "set topicArn to arn:aws:sns:REGION:ACCOUNT:TOPIC, and endpoint to a URL or leave it out";
  return new ScoutError("channel/refused", `channel ${name}: ${what}`, { mend });
}

function notSns(name: string): ScoutError {
  const mend = "check the channel's endpoint, and what a proxy on the way does";
  return new ScoutError("channel/refused", `channel ${name}: what answered is not SNS: no message id`, { mend });
}
