/** Config → the parts of a picture of what is remembered. Picks adapters, as lib/wire.ts does for a run. */
import { type Existing, readExisting } from "../config/existing.ts";
import type { Config } from "../config/index.ts";
import { readVerdicts } from "../config/verdicts.ts";
import { ConfigError } from "../errors.ts";
import type { PictureParts } from "../picture.ts";
import { policiesOf } from "../policy/index.ts";
import type { Store } from "../remember/store.ts";
import { ownerRules } from "../wire.ts";
import { gatewayIn, suggestSettings } from "./order.ts";

/**
 * The parts of a picture of what is remembered.
 * @param existing files and folders of the manifests in force, for all clusters; where there are none, each cluster's own by the config
 * @throws ConfigError for files of the config that cannot be read; ScoutError `usage` for manifests that cannot
 */
export async function wirePicture(config: Config, store: Store, existing: readonly string[]): Promise<PictureParts> {
  const mistakes: string[] = [];
  const { owners } = await ownerRules(config, mistakes);
  if (mistakes.length > 0) throw new ConfigError("config", mistakes);
  const given = existing.length === 0 ? null : readExisting(existing);
  return {
    store,
    reviewed: config.verdicts === undefined ? [] : readVerdicts(config.verdicts),
    owners,
    teams: config.teams,
    policies: policiesOf(config.policies),
    suggest: suggestSettings(config),
    gateway: gatewayIn(config),
    existingIn: (cluster) => given ?? ownExisting(config, cluster),
  };
}

function ownExisting({ clusters }: Pick<Config, "clusters">, cluster: string): Existing | null {
  const { existing = [] } = clusters.find(({ name }) => name === cluster) ?? {};
  return existing.length === 0 ? null : readExisting(existing, `clusters.${cluster}.existing`);
}
