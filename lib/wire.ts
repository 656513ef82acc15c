/**
 * Config → the parts of a run. The only file that picks adapters (with lib/wire/ beside it). What the config does not ask for is not even
 * loaded: a function starts by what it has to read (docs/lambda.md).
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Existing } from "./config/existing.ts";
import { milliseconds } from "./config/milliseconds.ts";
import type { ClusterConfig, Config } from "./config/schema.ts";
import { dns } from "./enrich/dns.ts";
import { type Networks, noNetworks } from "./enrich/networks.ts";
import type { OwnerRule } from "./enrich/owner.ts";
import { ScoutError } from "./errors.ts";
import { longestRead } from "./poll/logs/access-logs.ts";
import { prometheus } from "./poll/prometheus.ts";
import type { Store } from "./remember/store.ts";
import type { Parts } from "./scout.ts";
import type { Call, Machine } from "./wire/call.ts";
import { channelSettings, openChannels } from "./wire/channels.ts";
import type { accessLogs } from "./wire/logs.ts";
import { gatewayIn } from "./wire/order.ts";
import { prometheusSettings } from "./wire/prometheus.ts";
import { lookUp, type Missing, refuseMissing, revealing } from "./wire/secrets.ts";
import { cacheFolder } from "./words/cache-folder.ts";

export type { Call, Machine } from "./wire/call.ts";
export { order, planOrder } from "./wire/order.ts";
export { wireTelemetry } from "./wire/prometheus.ts";
export { wireStore } from "./wire/store.ts";

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
    ...(await trustingOf(entries, config.enrich.dns.trusted)),
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
  return logs.length === 0 && cluster.logs === undefined ? () => [] : (await import("./wire/logs.ts")).accessLogs;
}

async function existingOf(call: Call, { name, existing }: ClusterConfig): Promise<Existing> {
  const isByCall = call.existing.length > 0;
  if (!isByCall && existing.length === 0) return { entries: [], objects: [], warnings: [] };
  const { readExisting } = await import("./config/existing.ts");
  return isByCall ? readExisting(call.existing) : readExisting(existing, `clusters.${name}.existing`);
}

async function trustingOf(entries: Existing["entries"], domains: readonly string[]): Promise<Pick<Parts, "trusting">> {
  if (entries.length === 0 && domains.length === 0) return {};
  return { trusting: (await import("./enrich/trusted.ts")).trusting(entries, domains) };
}

/** No more than a third of what is left of the process' time, ms. */
const within = (time: number, { limit }: Machine): number =>
  limit === undefined ? time : Math.min(time, Math.floor(limit.left() / 3));

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

async function networksOf({ enrich: { ranges, asn } }: Config, { env, now }: Machine): Promise<Networks> {
  if (ranges === undefined && asn === undefined) return noNetworks;
  const { listNetworks } = await import("./enrich/list-networks.ts");
  const cache = cacheFolder(env) ?? join(tmpdir(), "egress-scout");
  return listNetworks({ ranges: [ranges ?? []].flat(), asns: [asn ?? []].flat(), cache, now: now() });
}
