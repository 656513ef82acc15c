/** What an error of the AWS SDK means for a value that was looked up. Pure. */
import { printable } from "../words/printable.ts";

export interface AwsFault {
  /** It may be there at the next look. */
  isAway: boolean;
  /** Why, for people; holds no secret. */
  why: string;
  mend: string;
}

/**
 * @param action what the role must be allowed, such as `ssm:GetParameter`
 * @param thrown what the SDK threw; a message of its own is only said where AWS denies, and names the role and the resource then
 */
export function awsFault(thrown: unknown, action: string): AwsFault {
  const name = thrown instanceof Error ? thrown.name : "";
  const message = thrown instanceof Error ? thrown.message : "";
  const status = statusOf(thrown);
  if (/NotFound|NoSuchKey|NoSuchBucket/.test(name))
    return { isAway: false, why: `there is none of that name (${name})`, mend: "check its name, account and region" };
  if (/AccessDenied|NotAuthorized|^Forbidden$|KMS|Decryption/i.test(name)) {
    const said = printable(message.replace(/\.? *The Canonical String.*/s, ""), 300).slice(1, -1);
    const mend = `allow ${action} on it, and kms:Decrypt where a key of your own encrypts it`;
    return { isAway: false, why: `AWS denies it: ${said}`, mend };
  }
  if (/CredentialsProviderError|TokenProviderError/.test(name)) {
    const mend = "a role, AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
    return { isAway: false, why: "no AWS credentials found", mend: `give this process ${mend}` };
  }
  if (/region is missing/i.test(message)) return { isAway: false, why: "no AWS region", mend: "set AWS_REGION" };
  if (/Signature|Token|UnrecognizedClient|RequestExpired|Skewed/.test(name)) {
    const mend = "renew this process' AWS credentials, and check its clock";
    return { isAway: false, why: `AWS does not take the credentials (${name})`, mend };
  }
  if (/Throttl|TooManyRequests|SlowDown/i.test(name) || status === 429)
    return { isAway: true, why: `AWS has too much to do (${printable(name, 80).slice(1, -1)})`, mend: later };
  if (status !== null && status >= 300 && status < 500)
    return {
      isAway: false,
      why: `AWS refused: ${printable(name, 80).slice(1, -1)}`,
      mend: "check its name and region",
    };
  const what =
    status !== null && status >= 500 ? `AWS failed with status ${status}` : "AWS gave no whole answer in time";
  return { isAway: true, why: what, mend: later };
}

const later = "try again later; check the way to the service where that does not help";

function statusOf(thrown: unknown): number | null {
  const metadata: unknown = thrown instanceof Error && "$metadata" in thrown ? thrown.$metadata : null;
  if (typeof metadata !== "object" || metadata === null || !("httpStatusCode" in metadata)) return null;
  return typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : null;
}
