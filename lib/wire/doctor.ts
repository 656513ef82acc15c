/** Config → what doctor looks at. Beside lib/wire.ts, whose ways it goes: what a run could not use, doctor must not call well. */
import { existsSync, rmSync } from "node:fs";
import { credentials, type Reveal } from "../config/credentials.ts";
import { milliseconds } from "../config/milliseconds.ts";
import type { ClusterConfig, Config } from "../config/schema.ts";
import type { ChannelPart, Cluster, Patient, ServerPart, StorePart } from "../doctor/patient.ts";
import { reach } from "../doctor/reach.ts";
import { dns } from "../enrich/dns.ts";
import { redactUrl } from "../errors.ts";
import { openChannel } from "../notify/index.ts";
import { prometheus } from "../poll/prometheus.ts";
import { openStore } from "../remember/index.ts";
import { cutSecrets } from "../words/cut-secrets.ts";
import type { Machine } from "./call.ts";
import { channelSettings } from "./channels.ts";
import { accessLogs } from "./logs.ts";
import { prometheusSettings } from "./prometheus.ts";
import { lookUp, type Missing, refuseMissing, revealing } from "./secrets.ts";

/** What a call says beyond the config. */
export interface DoctorCall {
  clusters: readonly ClusterConfig[];
  state: string;
  dns: readonly string[];
}

/** Makes nothing yet and asks nobody but AWS, where that keeps secrets. */
export async function wireDoctor(config: Config, call: DoctorCall, machine: Machine): Promise<Patient> {
  const secrets: string[] = [];
  const aws = await lookUp((note) => {
    for (const one of call.clusters) {
      prometheusSettings(one, note, machine);
      accessLogs(one, [], undefined, { reveal: note, gateway: null });
    }
    for (const one of Object.values(config.channels)) channelSettings(one, note, config);
  }, machine);
  /** Looks up the secrets of one part; those that are missing are thrown together. */
  const revealed = <T>(path: string, work: (revealAll: Reveal) => T): T => {
    const missing: Missing = { mistakes: [], away: [] };
    const reveal = revealing(path, config, machine, aws, missing);
    const made = work((reference) => {
      const secret = reveal(reference);
      secrets.push(...partsOf(secret));
      return secret;
    });
    refuseMissing(missing);
    return made;
  };
  return {
    clusters: call.clusters.map((one) => clusterOf(one, revealed, machine)),
    servers: () => serversOf(config, call, machine),
    trusted: config.enrich.dns.trusted,
    store: storeOf(call.state),
    channels: Object.entries(config.channels).map(
      ([name, one]): ChannelPart => ({
        name,
        kind: Object.keys(one)[0] ?? "",
        open: async () => {
          const settings = revealed(`channels.${name}`, (reveal) => channelSettings(one, reveal, config));
          return await openChannel(name, settings, { now: machine.now });
        },
      }),
    ),
    routed: new Set([
      ...config.owners.flatMap(({ channels = [] }) => channels),
      ...config.routes.flatMap(({ channels }) => channels),
      ...Object.values(config.teams).flatMap(({ channels = [] }) => channels),
    ]),
    ownerLabels: config.owners.flatMap(({ label }) => (label === undefined ? [] : [label])),
    cut: (text) => cutSecrets(text, secrets),
  };
}

/** A webhook's secret is in its path. */
function partsOf(secret: string): string[] {
  return URL.canParse(secret) && secret.includes("://") ? [secret, new URL(secret).pathname] : [secret];
}

function clusterOf(
  cluster: ClusterConfig,
  revealed: <T>(path: string, work: (reveal: Reveal) => T) => T,
  machine: Machine,
): Cluster {
  const { name, prometheus: settings, labels, logs } = cluster;
  const loki = logs?.loki;
  return {
    name,
    place: redactUrl(settings.url),
    metrics: () =>
      prometheus(revealed(`clusters.${name}.prometheus`, (reveal) => prometheusSettings(cluster, reveal, machine))),
    settings: { labels, matchers: settings.matchers },
    replicaLabels: settings.replicaLabels,
    logs:
      loki === undefined
        ? null
        : {
            place: redactUrl(loki.url),
            labels: () => askLoki(loki, (work) => revealed(`clusters.${name}.logs.loki`, work)),
          },
    groups: logs?.cloudwatch?.groups ?? [],
  };
}

type Loki = NonNullable<NonNullable<ClusterConfig["logs"]>["loki"]>;

function askLoki({ url, headers, auth, timeout }: Loki, revealed: <T>(work: (reveal: Reveal) => T) => T) {
  const { headers: given, basic } = revealed((reveal) => credentials(headers, auth, reveal));
  const pair = basic === null ? "" : Buffer.from(`${basic.username}:${basic.password}`).toString("base64");
  const all = { ...given, ...(basic === null ? {} : { authorization: `Basic ${pair}` }) };
  return reach(`${url.replace(/\/$/, "")}/loki/api/v1/labels`, all, Math.min(10_000, milliseconds(timeout)));
}

/** Each server alone: a run that has two hides that one of them is dead. */
function serversOf(config: Config, call: DoctorCall, { now }: Machine): ServerPart[] {
  const { servers, perSecond, budget } = config.enrich.dns;
  const settings = { perSecond, budget: milliseconds(budget), now };
  const all = dns({ ...settings, servers: call.dns.length > 0 ? call.dns : servers }).servers;
  return all.map((server) => ({ server, resolver: dns({ ...settings, servers: [server] }) }));
}

/** Where there is no state file yet, one is made beside it and taken away: another run may begin in the meantime. */
function storeOf(state: string): StorePart {
  const path = /^sqlite:(.+)$/s.exec(state)?.[1];
  const isNew = path !== undefined && path !== ":memory:" && !existsSync(path);
  const trial = `${path}-doctor-${process.pid}`;
  return {
    place: state,
    isNew,
    open: () => openStore(isNew ? `sqlite:${trial}` : state),
    tidy: () => {
      if (isNew) for (const end of ["", "-wal", "-shm", "-journal"]) rmSync(`${trial}${end}`, { force: true });
    },
  };
}
