/** Which secrets a run needs, and what became of each. For lib/wire.ts and lib/wire/doctor.ts. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Reveal } from "../config/credentials.ts";
import type { Config, Secret } from "../config/schema.ts";
import { type LookedUp, resolveSecret } from "../config/secrets.ts";
import { ConfigError, ScoutError } from "../errors.ts";

/** What secrets are read from besides the config. */
export interface SecretPlaces {
  env: Readonly<Record<string, string | undefined>>;
  now: () => number;
}

/** Looks up what AWS keeps of the secrets that `work` reveals; it is only listened to. Never rejects. */
export async function lookUp(work: (note: Reveal) => void, { now }: Pick<SecretPlaces, "now">): Promise<LookedUp> {
  const wanted: Secret[] = [];
  work((reference) => {
    wanted.push(reference);
    return "";
  });
  if (!wanted.some((one) => "ssm" in one || "secretsManager" in one)) return new Map();
  return await (await import("../config/aws-secrets.ts")).lookUpSecrets(wanted, now);
}

/** What could not be revealed: mistakes of the config, and what AWS does not give now. */
export interface Missing {
  mistakes: string[];
  away: ScoutError[];
}

/** A way to reveal that gives an empty text for what is missing, and why in `missing`. @param path of the config, for what is said */
export function revealing(
  path: string,
  { folder }: Pick<Config, "folder">,
  { env }: Pick<SecretPlaces, "env">,
  aws: LookedUp,
  missing: Missing,
): Reveal {
  return (reference) => {
    try {
      return resolveSecret(reference, { env, readFile: (file) => readFileSync(resolve(folder, file), "utf8"), aws });
    } catch (thrown) {
      if (!(thrown instanceof ScoutError)) throw thrown;
      if (thrown.code === "secret/unavailable") missing.away.push(at(path, thrown));
      else missing.mistakes.push(`${path}: ${thrown.message}${thrown.mend === "" ? "" : `; ${thrown.mend}`}`);
      return "";
    }
  };
}

const at = (path: string, { code, message, mend }: ScoutError) => new ScoutError(code, `${path}: ${message}`, { mend });

/** @throws ConfigError with all mistakes; where there are none, ScoutError `secret/unavailable` */
export function refuseMissing({ mistakes, away }: Missing): void {
  if (mistakes.length > 0) throw new ConfigError("config", mistakes);
  const [first] = away;
  if (first !== undefined) throw first;
}
