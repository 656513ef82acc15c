/** A reference to a secret → the secret. The only place that knows where secrets are kept; aws-secrets.ts looks up those of AWS before. */
import { ScoutError } from "../errors.ts";
import { printable } from "../words/printable.ts";
import type { Secret } from "./schema.ts";

/** What AWS keeps, by `referenceKey`: the secret, or why it cannot be had. */
export type LookedUp = ReadonlyMap<string, string | ScoutError>;

/** Reads what a reference points at. */
export interface SecretSource {
  env: Readonly<Record<string, string | undefined>>;
  /** Text of a file; throws where it cannot be read. */
  readFile(path: string): string;
  /** What was looked up at AWS. */
  aws?: LookedUp | undefined;
}

/** The same for two references to the same secret. */
export const referenceKey = (reference: Secret): string => JSON.stringify(reference);

/** A reference as an error names it. */
export function referenceText(reference: Secret): string {
  const [[kind, place] = ["", ""]] = Object.entries(reference);
  return `${kind}: ${printable(place).slice(1, -1)}`;
}

/**
 * The secret that a reference names, a file's final newline cut off.
 * @throws ScoutError `secret/missing` or `secret/unavailable`, which name the reference and never the value
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
  const found = source.aws?.get(referenceKey(reference));
  if (typeof found === "string") return found;
  throw found ?? new ScoutError("secret/missing", `${referenceText(reference)}: was not looked up`);
}
