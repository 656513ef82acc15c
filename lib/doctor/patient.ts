/** What doctor looks at: the parts of a run, each made when its check asks for it, so that one that cannot be made costs its own check alone. */

import type { Resolver } from "../enrich/resolver.ts";
import type { Channel } from "../notify/channel.ts";
import type { QuerySettings } from "../poll/queries.ts";
import type { Self } from "../poll/server.ts";
import type { Telemetry } from "../poll/telemetry.ts";
import type { Store } from "../remember/store.ts";
import type { Reached } from "./reached.ts";

/** One cluster of the config. Every method may throw ScoutErrors: of the config, `secret/missing`, `prometheus/…`. */
export interface Cluster {
  name: string;
  /** Prometheus' URL, without secrets. */
  place: string;
  metrics(): Telemetry & Self;
  settings: QuerySettings;
  replicaLabels: readonly string[];
  /** Loki; null where the config has none. */
  logs: { place: string; labels(): Promise<Reached> } | null;
  /** Log groups of CloudWatch. */
  groups: readonly string[];
}

/** Where the state is kept, and how to open it. */
export interface StorePart {
  place: string;
  /** There is none yet: it is tried out beside where it will be. */
  isNew: boolean;
  /** @throws ScoutError `store/…`, `usage` */
  open(): Promise<Store>;
  /** Takes away what was made to try. */
  tidy(): void;
}

export interface ChannelPart {
  name: string;
  kind: string;
  /** Looks up its secrets, and asks nobody. @throws ScoutError, as of a run */
  open(): Promise<Channel>;
}

export interface ServerPart {
  server: string;
  resolver: Resolver;
}

export interface Patient {
  clusters: readonly Cluster[];
  /** One for each DNS server. @throws ScoutError `usage` for a server that is none */
  servers(): readonly ServerPart[];
  /** Names that may be asked for (`enrich.dns.trusted`). */
  trusted: readonly string[];
  store: StorePart;
  channels: readonly ChannelPart[];
  /** Channels that an owner, team or route names. */
  routed: ReadonlySet<string>;
  /** Labels that owner rules read. */
  ownerLabels: readonly { metric: string; name: string }[];
  /** Takes secrets out of a text. */
  cut(text: string): string;
}

export interface DoctorOrder {
  /** A clock, ms. */
  now: () => number;
  /** How far back a first run learns, ms. */
  learn: number;
  /** Send a real test message to each channel. */
  send: boolean;
  /** Milliseconds after which a check counts as failed. */
  patience: number;
}
