/** `owners`, `teams`, `channels`, `routes` and `notify` of the config: who is told, where and when. */
import * as z from "zod";
import { findingKinds, severities } from "../../model.ts";
import { isZone } from "../zone.ts";
import {
  duration,
  glob,
  headers,
  hidden,
  httpUrl,
  name,
  names,
  plainAuth,
  positiveDuration,
  reviewer,
  secret,
} from "./words.ts";

export const owner = z
  .strictObject({
    match: z
      .strictObject({ cluster: glob.optional(), namespace: glob.optional(), workload: glob.optional() })
      .optional(),
    label: z.strictObject({ metric: name, name }).optional(),
    backstage: z.union([name, names.min(1)], { error: "a file or folder, or a list of them" }).optional(),
    codeowners: name.optional(),
    team: name.optional(),
    channels: names.optional(),
  })
  .refine(
    ({ label, backstage, codeowners, team }) =>
      [label, backstage, codeowners, team].filter((one) => one !== undefined).length <= 1,
    { error: "told its team by one of team, label, backstage and codeowners alone" },
  );

/** Of every channel: the one to tell in its place when it cannot be told. */
export const instead = { fallback: name.optional() };
export const channel = z.union(
  [
    z.strictObject({
      ...instead,
      slack: z.union([z.strictObject({ webhook: secret }), z.strictObject({ token: secret, channel: name })], {
        error: "{ webhook: … } or { token: …, channel: … }",
      }),
    }),
    z.strictObject({
      ...instead,
      sns: z.strictObject({
        topicArn: z.string().regex(/^arn:[^:]+:sns:[^:]+:\d{12}:.+$/, { error: "arn:aws:sns:REGION:ACCOUNT:TOPIC" }),
      }),
    }),
    z.strictObject({
      ...instead,
      alertmanager: z.strictObject({
        url: httpUrl,
        auth: plainAuth.optional(),
        headers,
        timeout: positiveDuration.default("10s"),
        firing: positiveDuration.default("4h"),
        link: httpUrl.optional(),
      }),
    }),
    z.strictObject({
      ...instead,
      webhook: z.strictObject({
        url: hidden,
        secret: secret.optional(),
        headers,
        timeout: positiveDuration.default("10s"),
      }),
    }),
  ],
  { error: "one of { slack: … }, { sns: { topicArn } }, { alertmanager: { url } } or { webhook: { url, secret } }" },
);

export const severity = z.enum(severities);
export const kind = z.enum(findingKinds);
export const route = z.strictObject({
  match: z.strictObject({
    severity: severity.optional(),
    kind: kind.optional(),
    cluster: glob.optional(),
    namespace: glob.optional(),
    team: glob.optional(),
  }),
  channels: names,
});

export const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'a time of day such as "22:00"' });
export const zone = z.string().refine(isZone, { error: "a time zone such as Europe/Berlin or UTC" }).default("UTC");
export const quiet = z
  .strictObject({ from: clock, to: clock, zone, except: z.enum(["warning", "critical", "none"]).default("critical") })
  .refine(({ from, to }) => from !== to, { error: "a from and a to that differ" });
export const team = z.strictObject({
  channels: names.optional(),
  quiet: quiet.optional(),
  reviewers: z.array(reviewer).default([]),
});

export const notify = z.strictObject({
  repeat: duration.default("24h"),
  backoff: z.number().min(1).max(1000).default(2),
  quietAfter: z.int().min(0).default(3),
  digest: z.enum(["daily", "weekly", "none"]).default("none"),
  at: clock.default("09:00"),
  zone,
});
