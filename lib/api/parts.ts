/** What the HTTP API is made of; lib/wire-api.ts chooses. */
import type { Log } from "../log.ts";
import type { Verdict } from "../model.ts";
import type { PictureParts } from "../picture.ts";
import type { Store } from "../remember/store.ts";

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
}

/** The way back to somebody who has pressed a button. */
export interface SlackReplies {
  /** Is it a `response_url` of Slack's? No other address is ever called. */
  takes(url: string): boolean;
  /** @param timeout ms @throws ScoutError `channel/…` */
  send(url: string, body: string, timeout: number): Promise<void>;
}
