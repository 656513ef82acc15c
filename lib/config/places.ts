/** The config from wherever it is kept: a file, or by AWS, which is loaded then. */
import { type ConfigChoice, loadConfig, loadSettings } from "./load.ts";
import type { Config } from "./schema.ts";

/**
 * As `loadConfig`, and the file may be kept by AWS. What a config in S3 names relatively is kept beside it, and fetched with it; what one
 * in a parameter names relatively is in the working directory, of a Lambda function its package. Secrets in files are local ones.
 * @throws ConfigError with every mistake; ScoutError `config/unreadable`, `usage`
 */
export async function readConfig(choice: ConfigChoice): Promise<Config> {
  const { file } = choice;
  if (file === null || !/^(s3|ssm):/.test(file)) return await loadConfig(choice);
  const { fromParameter, fromS3 } = await import("./aws-places.ts");
  return file.startsWith("s3:") ? await fromS3(file, choice) : await fromParameter(file, choice);
}

/** As `loadSettings`, and the file may be kept by AWS. @throws as `readConfig` */
export async function readSettings(file: string | null): Promise<Config> {
  return file === null ? await loadSettings(file) : await readConfig({ file, prometheus: null, cluster: null });
}
