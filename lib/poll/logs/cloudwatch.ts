/** ADAPTER: CloudWatch Logs by FilterLogEvents. The SDK is loaded when it is first asked, not before. */
import type { CloudWatchLogsClient, FilterLogEventsCommandOutput } from "@aws-sdk/client-cloudwatch-logs";
import { ScoutError } from "../../errors.ts";
import type { Labels, LogLine, Window } from "../../model.ts";
import { printable } from "../../words/printable.ts";
import { type AccessLogs, longestLine, longestRead, outOfTime } from "./access-logs.ts";
import { fileLabels } from "./file-labels.ts";

export interface CloudWatchSettings {
  groups: readonly string[];
  region: string | undefined;
  /** What the service looks for itself; empty for every line. */
  filter: string;
  /** Milliseconds for one page. */
  timeout: number;
  /** So many lines of one run. */
  most: number;
  /** Where it is; default what the SDK finds. */
  endpoint?: string | undefined;
  /** Milliseconds for all pages; default `longestRead`. */
  budget?: number;
  /** So many pages of one group. */
  pages?: number;
}

/** Any of the words: of a proxy's log that is what can be about the outside, and all that a gateway passes on. */
export const usualFilter =
  '?PassthroughCluster ?BlackHoleCluster ?"allow_any" ?"block_all" ?AllowAnyDynamicDNSCluster ?UH ?outbound';

const tries = 3;
/** The service may give empty pages for a long time: it has then looked at much that did not match. */
const mostPages = 10_000;

/** All groups in turn, with the credentials that the SDK finds. */
export function cloudWatchLogs(settings: CloudWatchSettings): AccessLogs {
  const name = `CloudWatch Logs ${printable(settings.groups.join(", ")).slice(1, -1)}`;
  return {
    name,
    late: true,
    most: settings.most,
    async *read(window) {
      const sdk = await import("@aws-sdk/client-cloudwatch-logs");
      const { region, endpoint, budget = longestRead } = settings;
      const deadline = AbortSignal.timeout(budget);
      const client = new sdk.CloudWatchLogsClient({
        maxAttempts: tries,
        ...(region === undefined ? {} : { region }),
        ...(endpoint === undefined ? {} : { endpoint }),
      });
      try {
        for (const group of settings.groups) {
          yield* pages(name, settings.pages ?? mostPages, (nextToken) => {
            deadline.throwIfAborted();
            const signal = AbortSignal.any([AbortSignal.timeout(settings.timeout), deadline]);
            return send(
              client,
              new sdk.FilterLogEventsCommand(question(settings, group, window, nextToken)),
              signal,
              name,
            );
          });
        }
      } catch (thrown) {
        throw deadline.aborted ? outOfTime(name, budget) : thrown;
      } finally {
        client.destroy();
      }
    },
  };
}

/** Both bounds are inclusive there, and milliseconds. */
function question({ filter }: CloudWatchSettings, logGroupName: string, { from, to }: Window, nextToken?: string) {
  // An ARN stands for a group of another account.
  const group = logGroupName.startsWith("arn:") ? { logGroupIdentifier: logGroupName } : { logGroupName };
  const bounds = { startTime: Math.floor(from) + 1, endTime: Math.floor(to) };
  const more = {
    ...(filter === "" ? {} : { filterPattern: filter }),
    ...(nextToken === undefined ? {} : { nextToken }),
  };
  return { ...group, ...bounds, ...more, limit: 10_000 };
}

type Ask = (nextToken: string | undefined) => Promise<FilterLogEventsCommandOutput>;

async function* pages(name: string, most: number, ask: Ask): AsyncGenerator<LogLine[]> {
  const labelled = new Map<string, Labels>();
  let token: string | undefined;
  for (let page = 0; page < most; page += 1) {
    const { events = [], nextToken } = await ask(token);
    const batch = events.map(({ message = "", timestamp = null, logStreamName = "" }): LogLine => {
      const labels = labelled.get(logStreamName) ?? fileLabels(logStreamName);
      if (labelled.size < 10_000) labelled.set(logStreamName, labels);
      return message.length > longestLine
        ? { text: message.slice(0, 200), time: timestamp, labels, cut: true }
        : { text: message.replace(/\n$/, ""), time: timestamp, labels };
    });
    if (batch.length > 0) yield batch;
    if (nextToken === undefined || nextToken === token) return;
    token = nextToken;
  }
  throw new ScoutError("logs/refused", `${name} gave ${most} pages of one group, and there are more`, {
    mend: "narrow what it is asked for (logs.cloudwatch.filter)",
  });
}

async function send(
  client: CloudWatchLogsClient,
  command: InstanceType<typeof import("@aws-sdk/client-cloudwatch-logs")["FilterLogEventsCommand"]>,
  abortSignal: AbortSignal,
  name: string,
): Promise<FilterLogEventsCommandOutput> {
  try {
    return await client.send(command, { abortSignal });
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown.name : "unknown";
    const isRefused = /AccessDenied|UnrecognizedClient|ResourceNotFound|InvalidParameter|Credentials|ExpiredToken/.test(
      error,
    );
    const mend = isRefused
      ? "the role needs logs:FilterLogEvents on logs.cloudwatch.groups"
      : "check logs.cloudwatch.region, and the way to the service";
    // No cause: the SDK's errors hold the request, and that its signature.
    throw new ScoutError(isRefused ? "logs/refused" : "logs/unavailable", `${name} cannot be read (${error})`, {
      mend,
    });
  }
}
