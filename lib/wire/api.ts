/** Config → the parts of the HTTP API. Picks adapters, as lib/wire.ts does for a run. */
import type { ApiParts, Clients, Scans, SlackJob, SlackParts } from "../api/parts.ts";
import { queued } from "../api/queued.ts";
import { inProcess } from "../api/scans.ts";
import { answerTo, carryOut, tellRun } from "../api/slack/carry-out.ts";
import type { Reveal } from "../config/credentials.ts";
import type { Config } from "../config/index.ts";
import { readVerdicts } from "../config/verdicts.ts";
import type { Store } from "../remember/store.ts";
import { namesOfReceipts, wirePlans, wireReplies, wireScan } from "./asked.ts";
import type { Machine } from "./call.ts";
import { lookUp, type Missing, refuseMissing, revealing } from "./secrets.ts";
import { wireStore } from "./store.ts";

export interface ApiCall {
  /** Where to remember. */
  state: string;
  /** Who may call without a token; `no-clients` where only routes are to be there that need no client: then no token is looked up. */
  besides: Clients["besides"] | "no-clients";
  /** Takes what is not made in this process (`poll` knows how); null where all is made here. @throws ScoutError `queue/…`, `usage` */
  queue: ((body: string) => Promise<void>) | null;
  /** As the command's options of these names. */
  dns?: readonly string[];
  existing?: readonly string[];
}

export interface WiredApi {
  parts: ApiParts;
  /** Closes the store, where it was opened. Runs that go on have so long to end, ms. @returns false where one has not */
  close(patience?: number): Promise<boolean>;
}

/** @throws ConfigError for secrets that are not there or empty, all at once; ScoutError `secret/unavailable` for what AWS does not give */
export async function wireApi(config: Config, call: ApiCall, machine: Machine): Promise<WiredApi> {
  const { state, besides, queue, dns = [], existing = [] } = call;
  const { now, log } = machine;
  const secrets = await revealed(config, besides, machine);
  const opened = once(() => wireStore(state, false));
  const asked = { store: opened.get, dns, existing };
  const replies = wireReplies(config);
  const channels = namesOfReceipts(config);
  const room = {
    channels,
    ...{ store: opened.get, now, log, clusters: config.clusters.map(({ name }) => name) },
    reviewed: () => (config.verdicts === undefined ? [] : readVerdicts(config.verdicts)),
    plans: wirePlans(config, asked, machine),
    picture: async (store: Store) => (await import("./picture.ts")).wirePicture(config, store, existing),
  };
  const here = inProcess({
    ...{ store: opened.get, scan: wireScan(config, asked, machine), now, log },
    tell: (replyTo, run) => tellRun(replyTo, run, { replies, log }),
  });
  const jobs = new Set<Promise<void>>();
  const later = async (job: SlackJob) => {
    if (queue !== null) return await queue(JSON.stringify({ slack: job }));
    const done = carryOut(job, () => answerTo(job, room), { replies, log }).finally(() => jobs.delete(done));
    jobs.add(done);
  };
  const scans: Scans = queue === null ? here : queued({ store: opened.get, send: queue, now });
  return {
    parts: {
      ...{ ...room, scans, requestsPerMinute: config.api.requestsPerMinute },
      clients: besides === "no-clients" ? null : { tokens: secrets.tokens, besides },
      slack: slackParts(config, secrets.signingSecret, { replies, later, channels }),
    },
    async close(patience = 0) {
      const isDone = await within(patience, Promise.all([here.idle(), ...jobs]));
      if (!isDone) await here.abandon();
      await (await opened.got())?.close();
      return isDone;
    },
  };
}

/** Is it done within so long, ms? */
async function within(time: number, work: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), time);
  return await Promise.race([work.then(() => true), late.promise]).finally(() => clearTimeout(timer));
}

type Settings = Pick<Config, "api" | "slack" | "channels" | "folder">;

/** @throws ConfigError; ScoutError `secret/unavailable` */
async function revealed(config: Settings, besides: ApiCall["besides"], machine: Machine): Promise<Secrets> {
  const aws = await lookUp((note) => secretsOf(config, besides, () => note), machine);
  const missing: Missing = { mistakes: [], away: [] };
  const { mistakes, away } = missing;
  const secrets = secretsOf(config, besides, (path) => (reference) => {
    const before = mistakes.length + away.length;
    const value = revealing(path, config, machine, aws, missing)(reference);
    // With an empty one anybody could sign, or call.
    if (value.trim() === "" && mistakes.length + away.length === before) mistakes.push(`${path}: the secret is empty`);
    return value;
  });
  refuseMissing(missing);
  return secrets;
}

interface Secrets {
  tokens: string[];
  signingSecret: string | null;
}

/** Every secret that is needed, and no other. */
function secretsOf(
  { api, slack: { signingSecret } }: Settings,
  besides: ApiCall["besides"],
  revealAt: (path: string) => Reveal,
): Secrets {
  const tokens = besides === "no-clients" ? [] : api.tokens;
  return {
    tokens: tokens.map((one, index) => revealAt(`api.tokens[${index}]`)(one)),
    signingSecret: signingSecret === undefined ? null : revealAt("slack.signingSecret")(signingSecret),
  };
}

function slackParts(
  { slack }: Settings,
  signingSecret: string | null,
  ways: Pick<SlackParts, "replies" | "later" | "channels">,
): SlackParts | null {
  if (signingSecret === null) return null;
  return { signingSecret, allow: slack.allow, ...ways };
}

/** Opened when it is first asked for; one that did not open is tried again by the next who asks. */
function once(open: () => Promise<Store>) {
  let opening: Promise<Store> | undefined;
  return {
    get: async (): Promise<Store> => {
      opening ??= open();
      try {
        return await opening;
      } catch (thrown) {
        opening = undefined;
        throw thrown;
      }
    },
    got: async (): Promise<Store | undefined> => opening?.catch(() => undefined),
  };
}
