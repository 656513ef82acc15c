/** Scheduled by EventBridge, or invoked by hand with `{cluster, since, at, dryRun}`: the same scan as the command's. */
import type { Handler } from "aws-lambda";
import * as z from "zod";
import { loadConfig, pickClusters } from "../lib/config/index.ts";
import { parseDuration, parseTime } from "../lib/duration.ts";
import { ScoutError } from "../lib/errors.ts";
import { scanDocument } from "../lib/report/document.ts";
import type { ScanDocument } from "../lib/report/scan-schema.ts";
import { scout } from "../lib/scout.ts";
import { type Call, order, wire, wireStore } from "../lib/wire.ts";
import { jsonLog } from "./json-log.ts";

const payload = z.object({
  cluster: z.string().optional(),
  since: z.string().optional(),
  at: z.union([z.string(), z.number()]).optional(),
  dryRun: z.boolean().optional(),
});

/** The scan document; of several clusters, one after another, a list of them. */
export const handler: Handler<unknown, ScanDocument | ScanDocument[]> = async (event, context) => {
  const asked = payload.parse(event ?? {});
  const config = loadConfig({ file: process.env.EGRESS_SCOUT_CONFIG ?? null, prometheus: null, cluster: null });
  const call = callOf(asked);
  const machine = { env: process.env, now: Date.now, log: jsonLog() };
  // Whatever becomes of this run, the next one finds no lease that outlives it.
  const endsBy = context === undefined ? null : Date.now() + context.getRemainingTimeInMillis();
  const store = await wireStore(process.env.EGRESS_SCOUT_STATE ?? config.state, call.dryRun, { endsBy });
  try {
    const documents: ScanDocument[] = [];
    for (const cluster of pickClusters(config, asked.cluster ?? null)) {
      const scan = await scout(
        await wire(config, cluster, store, call, machine),
        order(config, cluster, call, machine),
      );
      for (const { ok, letter, error } of scan.deliveries) {
        if (!ok)
          machine.log.error("channel could not be told", { channel: letter.channel, code: error?.code ?? "internal" });
      }
      documents.push(scanDocument(scan));
    }
    const [first] = documents;
    return documents.length === 1 && first !== undefined ? first : documents;
  } finally {
    await store.close();
  }
};

function callOf({ since, at, dryRun }: z.infer<typeof payload>): Call {
  const back = since === undefined ? null : parseDuration(since);
  const start = since === undefined || back !== null ? null : parseTime(since);
  const end = at === undefined ? null : parseTime(String(at));
  if (since !== undefined && back === null && start === null)
    throw new ScoutError("usage", "since is neither a duration nor a time");
  if (at !== undefined && end === null) throw new ScoutError("usage", "at is neither RFC 3339 nor Unix seconds");
  return {
    at: end,
    since: back !== null ? { back } : start !== null ? { at: start } : null,
    learn: null,
    noLearn: false,
    dryRun: dryRun === true,
    dns: [],
    existing: [],
  };
}
