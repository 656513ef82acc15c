/** `metrics` and `deadman` of the config: what egress-scout tells of its own runs, and to whom. */
import * as z from "zod";
import { headers, hidden, httpUrl, name, plainAuth, positiveDuration } from "./words.ts";

export const metrics = z.strictObject({
  textfile: name.optional(),
  pushgateway: z
    .strictObject({
      url: httpUrl,
      job: name.default("egress-scout"),
      auth: plainAuth.optional(),
      headers,
      timeout: positiveDuration.default("10s"),
    })
    .optional(),
});
export const deadman = z.strictObject({
  url: hidden,
  fail: hidden.optional(),
  method: z.enum(["GET", "POST"]).default("GET"),
  headers,
  timeout: positiveDuration.default("10s"),
});
