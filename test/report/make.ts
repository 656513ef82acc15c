/** What a run came to, for tests of how it is told; findings are the channels' samples. */
import type { Finding, Letter } from "../../lib/model.ts";
import type { Told } from "../../lib/report/document.ts";
import { message } from "../notify/sample.ts";

export const to = Date.UTC(2026, 10, 22, 10, 15);

export const told = (change: Partial<Told> = {}): Told => ({
  cluster: "prod-eu",
  mode: "watch",
  window: { from: to - 15 * 60_000, to },
  queries: 6,
  series: 2347,
  observations: 2346,
  known: 2340,
  blind: [],
  warnings: [],
  findings: [],
  deliveries: [],
  learned: null,
  wouldSend: null,
  ...change,
});

export const letter = (channel: string, findings: Finding[], change: Parameters<typeof message>[1] = {}): Letter => ({
  id: `msg-1/${channel}`,
  channel,
  message: message(findings, change),
});
