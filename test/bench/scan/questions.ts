/** What every run asks Prometheus of who is there, with the labels of a config that names none. */
import { configSchema } from "../../../lib/config/schema.ts";
import { aliveQuery, askedCounters, type QuerySettings } from "../../../lib/poll/queries.ts";
import { overlapOf } from "../../../lib/poll/window.ts";
import { interval } from "./held.ts";

const [cluster] = configSchema.parse({
  clusters: [{ name: "bench", prometheus: { url: "http://127.0.0.1" } }],
}).clusters;
export const settings: QuerySettings = {
  labels: cluster?.labels ?? { address: [], port: [], sni: [] },
  matchers: cluster?.prometheus.matchers ?? "",
};

/** Of a run that follows on the last one. */
export const range = interval + overlapOf({ continues: true });

export const questions = (): string[] => askedCounters(settings).map((counter) => aliveQuery(counter, settings, range));
