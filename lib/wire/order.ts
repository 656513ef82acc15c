/** Config and call → what a run or a plan is to do. Picks no adapter, and asks nobody. */
import { milliseconds } from "../config/milliseconds.ts";
import type { ClusterConfig, Config } from "../config/schema.ts";
import { ScoutError } from "../errors.ts";
import type { PlanOrder } from "../plan.ts";
import { policiesOf } from "../policy/index.ts";
import type { Order } from "../scout.ts";
import type { SuggestSettings } from "../suggest/suggest.ts";
import type { NotifySettings } from "../tell.ts";
import { type Gateway, gatewayOf } from "../words/gateway.ts";
import type { Call, Machine } from "./call.ts";
import { queryDelay } from "./store.ts";

/** What the run is to do. */
export function order(config: Config, cluster: ClusterConfig, call: Call, machine: Machine): Order {
  const to = call.at ?? machine.now() - queryDelay;
  const since = call.since === null ? null : "at" in call.since ? call.since.at : to - call.since.back;
  if (since !== null && since > to) throw new ScoutError("usage", "--since is later than the end of the run (--at)");
  return {
    cluster: cluster.name,
    to,
    byClock: call.at === null,
    since,
    learn: call.learn ?? milliseconds(config.detect.learn),
    noLearn: call.noLearn,
    dryRun: call.dryRun,
    now: machine.now(),
    lateNames: true,
    ambient: true,
    labels: cluster.labels,
    matchers: cluster.prometheus.matchers,
    internal: cluster.internal,
    policies: policiesOf(config.policies),
    gateway: gatewayIn(config),
    routes: config.routes,
    notify: notifySettings(config, machine),
    ...(machine.limit === undefined ? {} : { patience: Math.floor(machine.limit.left() / 2) }),
    detect: { fanOut: config.detect.fanOut.destinations, spike: config.detect.spike },
    suggest: suggestSettings(config),
  };
}

/** The egress gateway of the config. */
export const gatewayIn = ({ suggest: { egressGateway } }: Pick<Config, "suggest">): Gateway | null =>
  egressGateway === undefined ? null : gatewayOf(egressGateway);

/** What suggestions keep to. */
export const suggestSettings = ({ suggest }: Pick<Config, "suggest">): SuggestSettings => ({
  exportTo: suggest.exportTo,
  dnsCapture: suggest.dnsCapture,
  istio: suggest.istio,
  egressGateway: suggest.egressGateway,
});

/** So long a run sends, ms: a channel that hangs must not keep the run from its end. */
const sendingBudget = 30_000;

/** What is told again, when, and whom else to tell. */
function notifySettings({ notify, teams, channels, owners }: Config, { limit }: Machine): NotifySettings {
  const { repeat, backoff, quietAfter, digest, at, zone } = notify;
  const fallbacks = Object.entries(channels).flatMap(([name, { fallback }]) =>
    fallback === undefined ? [] : [[name, fallback] as const],
  );
  const quiet = Object.entries(teams).flatMap(([team, one]) =>
    one.quiet === undefined ? [] : [[team, one.quiet] as const],
  );
  const isRule = ({ match, label, backstage, codeowners }: Config["owners"][number]) =>
    [match, label, backstage, codeowners].some((part) => part !== undefined);
  const nobody = owners.find((one) => !isRule(one));
  const own = nobody?.team !== undefined && Object.hasOwn(teams, nobody.team) ? teams[nobody.team] : undefined;
  return {
    ...{ repeat: milliseconds(repeat), backoff, quietAfter },
    digest: digest === "none" ? null : { every: digest, at, zone },
    fallbacks: Object.fromEntries(fallbacks),
    quiet: Object.fromEntries(quiet),
    others: own?.channels ?? nobody?.channels ?? [],
    // Asked when sending begins; fallbacks may take as long again.
    get budget() {
      return limit === undefined ? sendingBudget : Math.max(0, Math.min(sendingBudget, Math.floor(limit.left() / 2)));
    },
  };
}

/** How far back a plan looks, ms. */
const planPeriod = 30 * 24 * 60 * 60_000;

/** What a plan is to look at: the last 30 days, unless the call says otherwise. */
export function planOrder(config: Config, cluster: ClusterConfig, call: Call, machine: Machine): PlanOrder {
  const { to, since, ...rest } = order(config, cluster, call, machine);
  return {
    ...rest,
    // What goes through the gateway needs no catch-all: REGISTRY_ONLY breaks nothing of it.
    gateway: null,
    window: { from: since ?? to - planPeriod, to },
  };
}
