/** What keys of the config have in common: durations, URLs, references to secrets. */
import * as z from "zod";
import { parseDuration } from "../../words/duration.ts";

export const duration = z
  .string()
  .refine((text) => parseDuration(text) !== null, { error: "a duration such as 30s, 15m or 7d" });
export const positiveDuration = duration.refine((text) => parseDuration(text) !== 0, {
  error: "longer than no time at all",
});
export const name = z.string().min(1);
export const names = z.array(name);
/** fetch takes no URL with a user name or password in it, and prints it whole when it says so. */
export const httpUrl = z
  .url({ protocol: /^https?$/, error: "an http:// or https:// URL" })
  .refine((text) => !URL.canParse(text) || (new URL(text).username === "" && new URL(text).password === ""), {
    error: "an http:// or https:// URL without user name and password: secrets are references",
  });
export const count = z.int().min(1);

/** Where a secret is kept; the secret itself never stands in the config. */
export const secret = z.union(
  [
    z.strictObject({ env: name }),
    z.strictObject({ file: name }),
    z.strictObject({ ssm: name }),
    z.strictObject({ secretsManager: name }),
  ],
  { error: "a reference: { env: NAME }, { file: PATH }, { ssm: NAME } or { secretsManager: ARN }" },
);

/** A URL that may itself be a secret. */
export const hidden = z.union([httpUrl, secret], {
  error: "an http:// or https:// URL, or a reference such as { env: NAME }",
});

/** Of what is not a service of AWS. */
export const plainAuth = z.union(
  [z.strictObject({ basic: z.strictObject({ username: name, password: secret }) }), z.strictObject({ bearer: secret })],
  { error: "one of { basic: { username, password } } or { bearer: … }" },
);
export const headers = z.record(name, z.union([z.string(), secret])).default({});

export const glob = z.string().min(1);
/** A user, or `org/team` on GitHub. */
export const reviewer = z
  .string()
  .regex(/^[A-Za-z0-9_][\w.-]*(\/[A-Za-z0-9_][\w.-]*)?$/, { error: "a user name without @, or org/team on GitHub" });
