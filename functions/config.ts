/** The config of EGRESS_SCOUT_CONFIG, kept over warm invocations for a while. */
import { readConfig } from "../lib/config/places.ts";
import type { Config } from "../lib/config/schema.ts";

/** So long a config is kept, ms: a change in S3 or SSM holds from then on. */
const keptFor = 5 * 60_000;
let kept: { place: string | undefined; config: Config; until: number } | undefined;

/** @throws as `readConfig`; what was read before does not hide that it cannot be read now */
export async function currentConfig(now: () => number): Promise<Config> {
  const place = process.env.EGRESS_SCOUT_CONFIG;
  if (kept !== undefined && kept.place === place && now() < kept.until) return kept.config;
  kept = undefined;
  const config = await readConfig({ file: place ?? null, prometheus: null, cluster: null });
  kept = { place, config, until: now() + keptFor };
  return config;
}

/** Where it is remembered. */
export const stateOf = (config: Config): string => process.env.EGRESS_SCOUT_STATE ?? config.state;
