/** Config → the parts of a run. The only file that picks adapters, and the only one that turns references into secrets. */
import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { credentials, type Reveal } from "./config/credentials.ts";
import { readExisting } from "./config/existing.ts";
import { readOwnerFile } from "./config/owner-files.ts";
import type { ClusterConfig, Config, Secret } from "./config/schema.ts";
import { resolveSecret } from "./config/secrets.ts";
import { readVerdicts } from "./config/verdicts.ts";
import { parseDuration } from "./duration.ts";
import { dns } from "./enrich/dns.ts";
import { listNetworks } from "./enrich/list-networks.ts";
import type { OwnerRule } from "./enrich/owner.ts";
import { trusting } from "./enrich/trusted.ts";
import { ConfigError, ScoutError } from "./errors.ts";
import { gatewayOf } from "./gateway.ts";
import type { Log } from "./log.ts";
import type { Channel } from "./notify/channel.ts";
import { openChannel } from "./notify/index.ts";
import type { PictureParts } from "./picture.ts";
import type { PlanOrder } from "./plan.ts";
import { policiesOf } from "./policy/index.ts";
import { prometheus } from "./poll/prometheus.ts";
import type { Telemetry } from "./poll/telemetry.ts";
import { openStore } from "./remember/index.ts";
import type { Store } from "./remember/store.ts";
import type { Order, Parts } from "./scout.ts";
import type { SuggestSettings } from "./suggest/suggest.ts";
import type { NotifySettings } from "./tell.ts";
import { channelSettings } from "./wire-channels.ts";
import { accessLogs } from "./wire-logs.ts";

/** Where the program runs: what it may read besides the config. */
export interface Machine {
  env: Readonly<Record<string, string | undefined>>;
  now: () => number;
  log: Log;
  /** Where `-` is read from; where there is none, nothing can be given so. */
  stdin?: Readable;
}

/** What a call says beyond the config; null where it says nothing. Times and durations in ms. */
export interface Call {
  at: number | null;
  since: { back: number } | { at: number } | null;
  learn: number | null;
  noLearn: boolean;
  dryRun: boolean;
  dns: readonly string[];
  /** Files and folders of manifests in force. */
  existing: readonly string[];
  /** Files of access logs, `-` for stdin; where there are any they are read in the place of the config's. */
  logs?: readonly string[];
}

/** Scrapes and remote writes of the last seconds are not in yet when a run asks, ms. */
const queryDelay = 15_000;

/** The store of a call. A dry run only reads it, and where there is none yet it remembers nothing. */
export async function wireStore(state: string, dryRun: boolean): Promise<Store> {
  const path = /^sqlite:(.*)$/s.exec(state)?.[1];
  return await openStore(dryRun && path !== undefined && !existsSync(path) ? "memory:" : state);
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
  const mistakes: string[] = [];
  const revealAt =
    (path: string): Reveal =>
    (reference) =>
      reveal(reference, path, config, machine, mistakes);
  const telemetry = prometheus(prometheusSettings(cluster, revealAt(`clusters.${cluster.name}.prometheus`)));
  const logs = accessLogs(cluster, call.logs ?? [], machine.stdin, revealAt(`clusters.${cluster.name}.logs.loki`));
  const channels = new Map<string, Channel>();
  for (const [name, one] of Object.entries(config.channels)) {
    const settings = channelSettings(
      one,
      call.dryRun ? () => "https://dry-run.invalid" : revealAt(`channels.${name}`),
      config,
    );
    channels.set(name, await openChannel(name, settings, { now: machine.now }));
  }
  const { owners, warnings: ofOwners } = ownerRules(config, mistakes);
  if (mistakes.length > 0) throw new ConfigError("config", mistakes);
  const { servers, perSecond, budget } = config.enrich.dns;
  const resolver = dns({
    servers: call.dns.length > 0 ? call.dns : servers,
    perSecond,
    budget: milliseconds(budget),
    now: machine.now,
  });
  const { entries, objects, warnings } = readExisting(call.existing);
  return {
    telemetry,
    store,
    channels,
    resolver,
    entries,
    objects,
    trusting: trusting(entries, config.enrich.dns.trusted),
    reviewed: config.verdicts === undefined ? [] : readVerdicts(config.verdicts),
    networks: networks(config, machine),
    owners,
    teams: config.teams,
    warnings: [...warnings, ...ofOwners],
    logs,
    log: machine.log,
  };
}

/** The rules with what their files say; a file that cannot be read is a mistake. */
function ownerRules(config: Pick<Config, "owners">, mistakes: string[]): { owners: OwnerRule[]; warnings: string[] } {
  const warnings: string[] = [];
  const owners = config.owners.map(({ match, label, team, channels, ...files }, index): OwnerRule => {
    const rule = { match, label, team, channels };
    try {
      const file = readOwnerFile(files, `owners[${index}]`);
      warnings.push(...(file?.warnings ?? []));
      return file === null ? rule : { ...rule, file };
    } catch (thrown) {
      if (!(thrown instanceof ScoutError)) throw thrown;
      mistakes.push(`owners[${index}]: ${thrown.message}`);
      return rule;
    }
  });
  return { owners, warnings };
}

/** What holds the metrics of one cluster. @throws ConfigError for secrets that are not there */
export function wireTelemetry(config: Config, cluster: ClusterConfig, machine: Machine): Telemetry {
  const mistakes: string[] = [];
  const path = `clusters.${cluster.name}.prometheus`;
  const settings = prometheusSettings(cluster, (reference) => reveal(reference, path, config, machine, mistakes));
  if (mistakes.length > 0) throw new ConfigError("config", mistakes);
  return prometheus(settings);
}

function networks({ enrich: { ranges, asn } }: Config, { env, now }: Machine) {
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
  const { egressGateway } = config.suggest;
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
    gateway: egressGateway === undefined ? null : gatewayOf(egressGateway),
    routes: config.routes,
    notify: notifySettings(config),
    detect: { fanOut: config.detect.fanOut.destinations, spike: config.detect.spike },
    suggest: suggestSettings(config),
  };
}

/** What suggestions keep to. */
const suggestSettings = ({ suggest }: Pick<Config, "suggest">): SuggestSettings => ({
  exportTo: suggest.exportTo,
  dnsCapture: suggest.dnsCapture,
  istio: suggest.istio,
  egressGateway: suggest.egressGateway,
});

/**
 * The parts of a picture of what is remembered.
 * @param existing files and folders of the manifests in force; none: nobody knows what is covered
 * @throws ConfigError for files of the config that cannot be read; ScoutError `usage` for manifests that cannot
 */
export function wirePicture(config: Omit<Config, "clusters">, store: Store, existing: readonly string[]): PictureParts {
  const mistakes: string[] = [];
  const { owners } = ownerRules(config, mistakes);
  if (mistakes.length > 0) throw new ConfigError("config", mistakes);
  const { egressGateway } = config.suggest;
  return {
    store,
    reviewed: config.verdicts === undefined ? [] : readVerdicts(config.verdicts),
    owners,
    teams: config.teams,
    policies: policiesOf(config.policies),
    suggest: suggestSettings(config),
    gateway: egressGateway === undefined ? null : gatewayOf(egressGateway),
    existing: existing.length === 0 ? null : readExisting(existing),
  };
}

/** So long a run sends, ms: a channel that hangs must not keep the run from its end. */
const sendingBudget = 30_000;

/** What is told again, when, and whom else to tell. */
function notifySettings({ notify, teams, channels, owners }: Config): NotifySettings {
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
    budget: sendingBudget,
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

/** A secret, or an empty text and why in `mistakes`. */
export function reveal(
  reference: Secret,
  path: string,
  config: Pick<Config, "folder">,
  machine: Machine,
  mistakes: string[],
): string {
  try {
    return resolveSecret(reference, {
      env: machine.env,
      readFile: (file) => readFileSync(resolve(config.folder, file), "utf8"),
    });
  } catch (thrown) {
    if (!(thrown instanceof ScoutError)) throw thrown;
    mistakes.push(`${path}: ${thrown.message}${thrown.mend === "" ? "" : `; ${thrown.mend}`}`);
    return "";
  }
}

export function prometheusSettings({ prometheus: settings }: ClusterConfig, reveal: Reveal) {
  const { auth } = settings;
  if (auth !== undefined && "sigv4" in auth) {
    throw new ConfigError("config", ["clusters: prometheus.auth.sigv4 is not supported by this version"]);
  }
  return { url: settings.url, timeout: milliseconds(settings.timeout), ...credentials(settings.headers, auth, reveal) };
}
