/** ADAPTER: secrets that AWS keeps, all of a run looked up side by side, and kept in the process for a while. */
import { ScoutError } from "../errors.ts";
import { awsFault } from "./aws-error.ts";
import { parameter, secretText } from "./aws-values.ts";
import type { Secret } from "./schema.ts";
import { type LookedUp, referenceKey, referenceText } from "./secrets.ts";

/** So long a secret is kept, ms: one that was rotated is used from then on. */
const keptFor = 5 * 60_000;
const kept = new Map<string, { value: string; until: number }>();

/**
 * What AWS keeps of the references; others are passed over. A secret that cannot be had is its error, `secret/missing` or
 * `secret/unavailable`, so that only what needs it fails. Never rejects.
 * @param now a clock, ms
 */
export async function lookUpSecrets(references: Iterable<Secret>, now: () => number): Promise<LookedUp> {
  const wanted = new Map([...references].filter(isOfAws).map((one) => [referenceKey(one), one]));
  const found = await Promise.all(
    [...wanted].map(async ([key, reference]): Promise<[string, string | ScoutError]> => {
      const known = kept.get(key);
      if (known !== undefined && now() < known.until) return [key, known.value];
      try {
        const value = await fetched(reference);
        kept.set(key, { value, until: now() + keptFor });
        return [key, value];
      } catch (thrown) {
        return [key, thrown instanceof ScoutError ? thrown : notHad(reference, thrown)];
      }
    }),
  );
  return new Map(found);
}

export const isOfAws = (reference: Secret) => "ssm" in reference || "secretsManager" in reference;

async function fetched(reference: Secret): Promise<string> {
  const value = "ssm" in reference ? await parameter(reference.ssm) : await ofSecretsManager(reference);
  if (value !== null && value !== "") return value.replace(/\r?\n$/, "");
  const what = value === null ? "it holds bytes, and no text" : "it is empty";
  throw new ScoutError("secret/missing", `${referenceText(reference)}: ${what}`);
}

const ofSecretsManager = async (reference: Secret) =>
  "secretsManager" in reference ? await secretText(reference.secretsManager) : null;

/** Without a cause: the SDK's errors hold the request, and that its signature. */
function notHad(reference: Secret, thrown: unknown): ScoutError {
  const action = "ssm" in reference ? "ssm:GetParameter" : "secretsmanager:GetSecretValue";
  const { isAway, why, mend } = awsFault(thrown, action);
  return new ScoutError(isAway ? "secret/unavailable" : "secret/missing", `${referenceText(reference)}: ${why}`, {
    mend,
  });
}
