/** What `policy test` decided → its document (`schema policy`) and its text. Pure. */
import picocolors from "picocolors";
import * as z from "zod";
import type { TextSettings } from "./text.ts";

export const policySchema = z.strictObject({
  allowed: z.boolean(),
  policy: z.string().nullable(),
  rule: z.string().nullable(),
  why: z.string(),
});

export type PolicyDecision = z.infer<typeof policySchema>;

export function policyDocument({ allowed, policy, rule, why }: PolicyDecision): PolicyDecision {
  return { allowed, policy, rule, why };
}

/** One line: `allowed` or `denied`, and why. */
export function policyText({ allowed, why }: PolicyDecision, { colour }: TextSettings): string {
  const colours = picocolors.createColors(colour);
  return `${allowed ? colours.green("allowed") : colours.red("denied")}: ${why}\n`;
}
