/** The config, as the rest of the house uses it. */
export { loadConfig, loadPolicies, pickClusters } from "./load.ts";
export { readConfig, readSettings } from "./places.ts";
export { type ClusterConfig, type Config, configSchema } from "./schema.ts";
export { withoutFiles, yamlFiles } from "./yaml-files.ts";
