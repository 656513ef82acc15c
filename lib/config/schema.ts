/** The config file (docs/config.md): every key, every default, nothing else. Unknown keys are refused. */
import * as z from "zod";
import { enrich, pullRequests, suggest } from "./schema/answers.ts";
import { cluster } from "./schema/clusters.ts";
import { detect, policy } from "./schema/judging.ts";
import { channel, notify, owner, route, team } from "./schema/people.ts";
import { deadman, metrics } from "./schema/self.ts";
import { httpUrl, name, secret } from "./schema/words.ts";

/** The whole file; parsing it gives every default. What refers to what is checked by references.ts. */
export const configSchema = z.strictObject({
  clusters: z.array(cluster).min(1),
  owners: z.array(owner).default([]),
  teams: z.record(name, team).default({}),
  channels: z.record(name, channel).default({}),
  routes: z.array(route).default([]),
  detect: detect.prefault({}),
  policies: z.array(policy).default([]),
  suggest: suggest.prefault({}),
  enrich: enrich.prefault({}),
  notify: notify.prefault({}),
  metrics: metrics.prefault({}),
  deadman: deadman.optional(),
  api: z
    .strictObject({
      tokens: z.array(secret).default([]),
      /** Of one client, by token or address. */
      requestsPerMinute: z.int().min(1).max(1_000_000).default(300),
    })
    .prefault({}),
  slack: z
    .strictObject({
      signingSecret: secret.optional(),
      allow: z
        .array(z.string().regex(/^[UW][A-Z0-9]{1,30}$/, { error: "a Slack user's id such as U012AB3CD" }))
        .default([]),
      apiUrl: httpUrl.default("https://slack.com/api/"),
    })
    .prefault({}),
  pullRequests: pullRequests.optional(),
  verdicts: name.optional(),
  state: z
    .string()
    .regex(/^(sqlite:.+|dynamodb:.+|memory:)$/, { error: "sqlite:PATH, dynamodb:TABLE or memory:" })
    .default("sqlite:egress-scout.db"),
});

/** `folder`: where the file stands, which relative paths of secrets start from. */
export type Config = z.infer<typeof configSchema> & { folder: string };
export type ClusterConfig = Config["clusters"][number];
export type ChannelConfig = Config["channels"][string];
export type Secret = z.infer<typeof secret>;
