/** Config → what is made when somebody asks: plans, runs, and answers in Slack. A run's own parts are loaded with the first one. */
import type { Plans, ScanOrder, SlackReplies } from "../api/parts.ts";
import { oneAtATime } from "../api/plans.ts";
import { type Config, pickClusters } from "../config/index.ts";
import { ScoutError } from "../errors.ts";
import { slackReplies } from "../notify/slack-reply.ts";
import type { Store } from "../remember/store.ts";
import type { ScanDocument } from "../report/scan-schema.ts";
import type { Call, Machine } from "./call.ts";

export interface AskedCall {
  store(): Promise<Store>;
  /** As the command's options of these names. */
  dns: readonly string[];
  existing: readonly string[];
}

/** @throws ScoutError of the run */
export type OneScan = (order: ScanOrder) => Promise<ScanDocument>;

export function wirePlans(config: Config, { store, dns, existing }: AskedCall, machine: Machine): Plans {
  return oneAtATime(async (name, since) => {
    const { planOrder, wire } = await import("../wire.ts");
    const { plan } = await import("../plan.ts");
    const cluster = clusterIn(config, name);
    const call: Call = { at: null, since, learn: null, noLearn: false, dryRun: true, dns, existing };
    return await plan(
      await wire(config, cluster, await store(), call, machine),
      planOrder(config, cluster, call, machine),
    );
  }, machine.now);
}

export function wireScan(config: Config, { store, dns, existing }: AskedCall, machine: Machine): OneScan {
  return async ({ cluster: name, at, since, dryRun }) => {
    const { order, wire } = await import("../wire.ts");
    const { scout } = await import("../scout.ts");
    const { watchSelf } = await import("./self.ts");
    const { scanDocument } = await import("../report/document.ts");
    const cluster = clusterIn(config, name);
    const call: Call = { at, since, learn: null, noLearn: false, dryRun, dns, existing };
    const self = await watchSelf(config, machine, { dryRun });
    const scan = await self.watching(name, async () => {
      const parts = await wire(config, cluster, await store(), call, machine);
      return await scout(parts, order(config, cluster, call, machine));
    });
    return scanDocument(scan);
  };
}

export const wireReplies = ({ slack }: Pick<Config, "slack">): SlackReplies => slackReplies(slack.apiUrl);

/** The channels that keep receipts of what they posted to Slack. */
export const namesOfReceipts = ({ channels }: Pick<Config, "channels">): string[] =>
  Object.entries(channels).flatMap(([name, one]) => ("slack" in one && "token" in one.slack ? [name] : []));

function clusterIn(config: Config, name: string): Config["clusters"][number] {
  const [one] = pickClusters(config, name);
  if (one === undefined) throw new ScoutError("usage", "the config has no clusters");
  return one;
}
