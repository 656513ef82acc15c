/** A reference to a secret → the secret. The only place that knows where secrets are kept. */
import { ScoutError } from "../errors.ts";
import type { Secret } from "./schema.ts";

/** Reads what a reference points at. */
export interface SecretSource {
  env: Readonly<Record<string, string | undefined>>;
  /** Text of a file; throws where it cannot be read. */
  readFile(path: string): string;
}

/**
 * The secret that a reference names, a file's final newline cut off.
 * @throws ScoutError `secret/missing`, which names the reference and never the value
 */
export function resolveSecret(reference: Secret, source: SecretSource): string {
  if ("env" in reference) {
    const value = source.env[reference.env];
    if (value === undefined || value === "") {
      throw new ScoutError("secret/missing", `the environment variable ${reference.env} is not set`);
    }
    return value;
  }
  if ("file" in reference) {
    try {
      return source.readFile(reference.file).replace(/\r?\n$/, "");
    } catch (thrown) {
      throw new ScoutError("secret/missing", `the file ${reference.file} cannot be read`, { cause: thrown });
    }
  }
  const place = "ssm" in reference ? `ssm: ${reference.ssm}` : `secretsManager: ${reference.secretsManager}`;
  throw new ScoutError("secret/missing", `${place}: secrets of AWS are not read by this version`, {
    mend: "use { env: NAME } or { file: PATH }",
  });
}
