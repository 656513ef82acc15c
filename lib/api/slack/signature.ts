/** Is a request Slack's? https://docs.slack.dev/authentication/verifying-requests-from-slack. Pure. */
import { createHmac, timingSafeEqual } from "node:crypto";

export interface Signed {
  /** X-Slack-Request-Timestamp and X-Slack-Signature as they came. */
  timestamp: string | undefined;
  signature: string | undefined;
  /** The bytes as they came: parsed and written again they would be others. */
  body: Uint8Array;
}

/** How far the time of a request may be from ours, either way, ms. */
const window = 5 * 60_000;

/**
 * When Slack signed it, ms, or why it is not taken for Slack's.
 * @param now ms
 */
export function signedAt(secret: string, { timestamp, signature, body }: Signed, now: number): number | string {
  if (timestamp === undefined || signature === undefined) return "the request is not signed";
  if (!/^\d{1,12}$/.test(timestamp)) return "the timestamp is no Unix time";
  const at = Number(timestamp) * 1000;
  if (Math.abs(now - at) > window) return "the request was signed more than 5 minutes before or after now";
  const right = Buffer.from(`v0=${createHmac("sha256", secret).update(`v0:${timestamp}:`).update(body).digest("hex")}`);
  const given = Buffer.from(signature);
  return given.length === right.length && timingSafeEqual(given, right) ? at : "the signature is wrong";
}
