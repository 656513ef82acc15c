/**
 * Config → the parts of a run. The only file that picks adapters (with the wire-… beside it). What the config does not ask for is not even
 * loaded: a function starts by what it has to read (docs/lambda.md).
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { credentials, type Reveal } from "./config/credentials.ts";
import type { Existing } from "./config/existing.ts";
import type { ClusterConfig, Config } from "./config/schema.ts";
import { type LookedUp, referenceKey } from "./config/secrets.ts";
import { parseDuration } from "./duration.ts";
import { dns } from "./enrich/dns.ts";
import { type Networks, noNetworks } from "./enrich/networks.ts";
import type { OwnerRule } from "./enrich/owner.ts";
import type { Trusting } from "./enrich/trusted.ts";
import { ScoutError } from "./errors.ts";
import { type Gateway, gatewayOf } from "./gateway.ts";
import type { Log } from "./log.ts";
import type { Channel } from "./notify/channel.ts";
import { closedChannel } from "./notify/closed.ts";
import { openChannel } from "./notify/index.ts";
import type { PlanOrder } from "./plan.ts";
import { policiesOf } from "./policy/index.ts";
import { longestRead } from "./poll/logs/access-logs.ts";
import { type PrometheusSettings, prometheus } from "./poll/prometheus.ts";
import type { Telemetry } from "./poll/telemetry.ts";
import type { Store } from "./remember/store.ts";
import type { Order, Parts } from "./scout.ts";
import type { SuggestSettings } from "./suggest/suggest.ts";
import type { NotifySettings } from "./tell.ts";
import { channelSettings } from "./wire-channels.ts";
import type { accessLogs } from "./wire-logs.ts";
import { lookUp, type Missing, refuseMissing, revealing } from "./wire-secrets.ts";
import { queryDelay } from "./wire-store.ts";

export { wireStore } from "./wire-store.ts";

/** Where the program runs: what it may read besides the config. */
export interface Machine {
  env: Readonly<Record<string, string | undefined>>;
  now: () => number;
  log: Log;
  /** Where `-` is read from; where there is none, nothing can be given so. */
  stdin?: Readable;
  /** Where somebody ends the process at a time of his own: a signal that ends what is asked, and how long there is until then, ms. */
  limit?: { signal: AbortSignal; left: () => number };
}

/** What a call says beyond the config; null where it says nothing. Times and durations in ms. */
export interface Call {
  at: number | null;
  since: { back: number } | { at: number } | null;
  learn: number | null;
  noLearn: boolean;
  dryRun: boolean;
  dns: readonly string[];
  /** Files and folders of manifests in force; where there are any they are read in the place of the config's. */
  existing: readonly string[];
  /** Files of access logs, `-` for stdin; where there are any they are read in the place of the config's. */
  logs?: readonly string[];
}

/**
 * The parts of a run of one cluster.
 * @throws ConfigError for secrets that are not there, all at once; ScoutError `usage` for a DNS server that is none, or files of logs
 *   that cannot be read
 */
export async function wire(
  config: Config,
  cluster: ClusterConfig,
  store: Store,
  call: Call,
  machine: Machine,
): Promise<Parts> {
  const missing: Missing = { mistakes: [], away: [] };
  const path = `clusters.${cluster.name}`;
  const logsOf = await logsReader(cluster, call);
  const gateway = gatewayIn(config);
  const aws = await lookUp((note) => {
    prometheusSettings(cluster, note, machine);
    logsOf(cluster, [], undefined, { reveal: note, gateway });
    if (!call.dryRun) for (const one of Object.values(config.channels)) channelSettings(one, note, config);
  }, machine);
  const revealAt = (path: string) => revealing(path, config, machine, aws, missing);
  const telemetry = prometheus(prometheusSettings(cluster, revealAt(`${path}.prometheus`), machine));
  const ways = { reveal: revealAt(`${path}.logs.loki`), gateway, budget: within(longestRead, machine) };
  const logs = logsOf(cluster, call.logs ?? [], machine.stdin, ways);
  const channels = await openChannels(config, { aws, missing, isDry: call.dryRun }, machine);
  const { owners, warnings: ofOwners } = await ownerRules(config, missing.mistakes);
  refuseMissing(missing);
  const { servers, perSecond, budget } = config.enrich.dns;
  const resolver = dns({
    servers: call.dns.length > 0 ? call.dns : servers,
    perSecond,
    budget: within(milliseconds(budget), machine),
    now: machine.now,
  });
  const { entries, objects, warnings } = await existingOf(call, cluster);
  return {
    telemetry,
    store,
    channels,
    resolver,
    entries,
    objects,
    trusting: await trustingOf(entries, config.enrich.dns.trusted),
    reviewed: config.verdicts === undefined ? [] : (await import("./config/verdicts.ts")).readVerdicts(config.verdicts),
    networks: await networksOf(config, machine),
    owners,
    teams: config.teams,
    warnings: [...warnings, ...ofOwners],
    logs,
    log: machine.log,
  };
}

/** What reads access logs, loaded where there are any to be read. */
async function logsReader(cluster: ClusterConfig, { logs = [] }: Call): Promise<typeof accessLogs> {
  return logs.length === 0 && cluster.logs === undefined ? () => [] : (await import("./wire-logs.ts")).accessLogs;
}

async function existingOf(call: Call, { name, existing }: ClusterConfig): Promise<Existing> {
  const isByCall = call.existing.length > 0;
  if (!isByCall && existing.length === 0) return { entries: [], objects: [], warnings: [] };
  const { readExisting } = await import("./config/existing.ts");
  return isByCall ? readExisting(call.existing) : readExisting(existing, `clusters.${name}.existing`);
}

async function trustingOf(entries: Existing["entries"], domains: readonly string[]): Promise<Trusting> {
  if (entries.length === 0 && domains.length === 0) return () => false;
  return (await import("./enrich/trusted.ts")).trusting(entries, domains);
}

/** No more than a third of what is left of the process' time, ms. */
const within = (time: number, { limit }: Machine): number =>
  limit === undefined ? time : Math.min(time, Math.floor(limit.left() / 3));

/** All channels of the config. One of which AWS does not give the secret takes no message, and the others are told. */
async function openChannels(
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

/** The rules with what their files say; a file that cannot be read is a mistake. */
export async function ownerRules(
  config: Pick<Config, "owners">,
  mistakes: string[],
): Promise<{ owners: OwnerRule[]; warnings: string[] }> {
  const warnings: string[] = [];
  const owners: OwnerRule[] = [];
  for (const [index, { match, label, team, channels, ...files }] of config.owners.entries()) {
    const rule = { match, label, team, channels };
    owners.push(rule);
    if (files.backstage === undefined && files.codeowners === undefined) continue;
    const { readOwnerFile } = await import("./config/owner-files.ts");
    try {
      const file = readOwnerFile(files, `owners[${index}]`);
      warnings.push(...(file?.warnings ?? []));
      if (file !== null) owners[index] = { ...rule, file };
    } catch (thrown) {
      if (!(thrown instanceof ScoutError)) throw thrown;
      mistakes.push(`owners[${index}]: ${thrown.message}`);
    }
  }
  return { owners, warnings };
}

/** What holds the metrics of one cluster. @throws ConfigError for secrets that are not there, ScoutError `secret/unavailable` */
export async function wireTelemetry(config: Config, cluster: ClusterConfig, machine: Machine): Promise<Telemetry> {
  const missing: Missing = { mistakes: [], away: [] };
  const path = `clusters.${cluster.name}.prometheus`;
  const aws = await lookUp((note) => prometheusSettings(cluster, note, machine), machine);
  const settings = prometheusSettings(cluster, revealing(path, config, machine, aws, missing), machine);
  refuseMissing(missing);
  return prometheus(settings);
}

async function networksOf({ enrich: { ranges, asn } }: Config, { env, now }: Machine): Promise<Networks> {
  if (ranges === undefined && asn === undefined) return noNetworks;
  const { listNetworks } = await import("./enrich/list-networks.ts");
  return listNetworks({ ranges: [ranges ?? []].flat(), asns: [asn ?? []].flat(), cache: cacheFolder(env), now: now() });
}

/** Where the platform wants what can be fetched again (XDG Base Directory); a Lambda function can write to its /tmp alone. */
function cacheFolder({ XDG_CACHE_HOME: cache, HOME: home, AWS_LAMBDA_FUNCTION_NAME: lambda }: Machine["env"]): string {
  if (cache) return join(cache, "egress-scout");
  return home && !lambda ? join(home, ".cache", "egress-scout") : join(tmpdir(), "egress-scout");
}

/** What the run is to do. */
export function order(config: Config, cluster: ClusterConfig, call: Call, machine: Machine): Order {
  const to = call.at ?? machine.now() - queryDelay;
  const since = call.since === null ? null : "at" in call.since ? call.since.at : to - call.since.back;
  if (since !== null && since > to) throw new ScoutError("usage", "--since is later than the end of the run (--at)");
  return {
    cluster: cluster.name,
    to,
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

/** Durations of a checked config are durations. */
export const milliseconds = (text: string): number => parseDuration(text) ?? 0;

export function prometheusSettings(
  { prometheus: settings }: ClusterConfig,
  reveal: Reveal,
  { now, limit }: Pick<Machine, "now" | "limit">,
): PrometheusSettings {
  const { auth } = settings;
  const known = { url: settings.url, timeout: milliseconds(settings.timeout), signal: limit?.signal };
  if (auth === undefined || !("sigv4" in auth)) return { ...known, ...credentials(settings.headers, auth, reveal) };
  const { region, service, samplesPerQuery } = auth.sigv4;
  const { warn = null, most } = samplesPerQuery;
  return {
    ...known,
    ...credentials(settings.headers, undefined, reveal),
    sigv4: { region, service, samplesPerQuery: { warn, most }, now },
  };
}
