/** What the HTTP API is made of; lib/wire/api.ts chooses. */

import type { AskedRun, Verdict } from "../model.ts";
import type { PictureParts } from "../picture.ts";
import type { Planned } from "../plan.ts";
import type { Store } from "../remember/store.ts";
import type { Log } from "../words/log.ts";

export interface ApiParts {
  /** The store, opened when it is first asked for. @throws ScoutError `store/…`, `usage` */
  store(): Promise<Store>;
  /** The verdicts of the reviewed file as it is now. @throws ScoutError `config/…` */
  reviewed(): readonly Verdict[];
  /** What a picture of what is remembered is made of. @throws ScoutError `config/…`, `usage` */
  picture(store: Store): Promise<PictureParts>;
  /** ms */
  now(): number;
  log: Log;
  /** Who may call what is neither open nor signed; null where there is only the rest. */
  clients: Clients | null;
  /** Null where no signing secret is configured. */
  slack: SlackParts | null;
  /** The clusters of the config: no other is ever asked. */
  clusters: readonly string[];
  scans: Scans;
  plans: Plans;
  /** Requests a minute of one client. */
  requestsPerMinute: number;
}

/** A run that somebody asks for. */
export interface ScanOrder {
  /** One of the config's. */
  cluster: string;
  /** Times in ms; null where nothing is said. */
  at: number | null;
  since: { back: number } | { at: number } | null;
  dryRun: boolean;
  by: string;
  /** Slack's address for what came of it; null where nobody waits there. */
  replyTo: string | null;
}

/** Runs that are made without anybody waiting for their end. */
export interface Scans {
  /** The run, which waits or goes on; null where one of that cluster does already. @throws ScoutError `store/…`, `queue/…` */
  ask(order: ScanOrder): Promise<AskedRun | null>;
  /** Null for one that nothing is known of, or is kept no longer. @throws ScoutError `store/…` */
  find(id: string): Promise<AskedRun | null>;
}

export interface Plans {
  /**
   * What REGISTRY_ONLY would break, as of now or a minute ago.
   * @returns null where another plan of the cluster is being made
   * @throws ScoutError `prometheus/…`, `store/…`, ConfigError
   */
  plan(cluster: string, since: { back: number } | { at: number } | null): Promise<Planned | null>;
}

export interface Clients {
  tokens: readonly string[];
  /** Who needs no token: nobody, who calls from this machine, or whom AWS has let in. */
  besides: null | "loopback" | "iam";
}

export interface SlackParts {
  signingSecret: string;
  /** Ids of the users who may decide. */
  allow: readonly string[];
  /** Names of the channels that keep receipts of what they posted. */
  channels: readonly string[];
  replies: SlackReplies;
  /** Does it without anybody waiting, and answers by its `replyTo`. @throws ScoutError `queue/…` */
  later(job: SlackJob): Promise<void>;
}

/** What somebody asked by `/egress` or by a button, that takes longer than Slack waits. */
export type SlackJob = {
  /** Slack's address for the answer; looked at again before it is called. */
  replyTo: string;
} & (
  | { kind: "search"; text: string }
  | { kind: "plan"; namespace: string; cluster: string }
  | { kind: "press"; press: PressJob }
);

/** A button that somebody has pressed who may. */
export interface PressJob {
  action: string;
  by: string;
  /** Of findings. */
  ids: readonly string[];
  /** When, ms. */
  at: number;
}

/** What a press needs. */
export type PressRoom = Pick<ApiParts, "store" | "reviewed" | "now"> & Pick<SlackParts, "channels">;

/** The way back to somebody who has pressed a button, or asked. */
export interface SlackReplies {
  /** Is it a `response_url` of Slack's? No other address is ever called. */
  takes(url: string): boolean;
  /** @param timeout ms @throws ScoutError `channel/…` */
  send(url: string, body: string, timeout: number): Promise<void>;
}
