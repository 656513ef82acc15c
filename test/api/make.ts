/** An API over a store that remembers a told finding, for tests. */
import { api } from "../../lib/api/app.ts";
import type { ApiParts } from "../../lib/api/parts.ts";
import type { Finding } from "../../lib/model.ts";
import { slackReplies } from "../../lib/notify/slack-reply.ts";
import { policiesOf } from "../../lib/policy/index.ts";
import { openStore } from "../../lib/remember/index.ts";
import { nothingNew, type Store } from "../../lib/remember/store.ts";
import { toldFindings } from "../../lib/verdicts/told.ts";
import { pressForm, signed, signingSecret } from "../command/serve-scout.ts";
import { finding } from "../notify/sample.ts";

export const now = Date.UTC(2026, 10, 22, 10, 15);

/** A store that knows findings as told, and keeps them open. */
export async function remembered(state: string, findings: Finding[] = [finding()]): Promise<Store> {
  const store = await openStore(state);
  const progress = { end: now, learningSince: null, judgedUntil: null };
  await store.remember("prod-eu", {
    ...nothingNew(progress),
    opened: findings,
    findings: toldFindings(findings, now),
  });
  return store;
}

export interface Made {
  app: ReturnType<typeof api>;
  /** The body of the answer to a press: there is no way back here. */
  press(pressed: Parameters<typeof pressForm>[0]): Promise<{ text: string; blocks: { text: { text: string } }[] }>;
  logged: string[];
}

export function made(store: Store, parts: Partial<ApiParts> = {}): Made {
  const logged: string[] = [];
  const write = (text: string, facts: object = {}) => void logged.push(`${text} ${JSON.stringify(facts)}`);
  const app = api({
    store: async () => store,
    reviewed: () => [],
    picture: async (own) => ({
      ...{ store: own, reviewed: [], owners: [], teams: {}, policies: policiesOf([]), suggest: {} },
      ...{ gateway: null, existingIn: () => null },
    }),
    now: () => now,
    log: { error: write, warn: write, info: write, debug: write, progress: write },
    clients: null,
    slack: {
      signingSecret,
      allow: ["U012AB3CD"],
      channels: ["slack"],
      replies: slackReplies("https://slack.com/api/"),
      later: async () => {},
    },
    clusters: ["prod-eu"],
    scans: { ask: async () => null, find: async () => null },
    plans: { plan: async () => null },
    requestsPerMinute: 10_000,
    ...parts,
  });
  return {
    app,
    logged,
    async press(pressed) {
      const body = pressForm(pressed);
      const answer = await app.request("/slack/actions", { method: "POST", body, headers: signed(body, now) });
      return JSON.parse(await answer.text());
    },
  };
}
