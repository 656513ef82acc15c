/** The config file as CONTRACT.md has it: every key, every default, nothing else. Unknown keys are refused. */
import * as z from "zod";
import { findingKinds, severities } from "../model.ts";
import { parsePattern } from "../policy/index.ts";
import { parseDuration } from "../words/duration.ts";
import { isPlace } from "./place.ts";
import { isZone } from "./zone.ts";

const duration = z
  .string()
  .refine((text) => parseDuration(text) !== null, { error: "a duration such as 30s, 15m or 7d" });
const positiveDuration = duration.refine((text) => parseDuration(text) !== 0, { error: "longer than no time at all" });
const name = z.string().min(1);
const names = z.array(name);
/** fetch takes no URL with a user name or password in it, and prints it whole when it says so. */
const httpUrl = z
  .url({ protocol: /^https?$/, error: "an http:// or https:// URL" })
  .refine((text) => !URL.canParse(text) || (new URL(text).username === "" && new URL(text).password === ""), {
    error: "an http:// or https:// URL without user name and password: secrets are references",
  });
const count = z.int().min(1);

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

/** Amazon Managed Prometheus bills by the samples that a query goes through. */
const sigv4 = z.strictObject({
  region: name,
  service: name.default("aps"),
  samplesPerQuery: z.strictObject({ warn: count.optional(), most: count.default(500_000_000) }).prefault({}),
});

/** A URL that may itself be a secret. */
const hidden = z.union([httpUrl, secret], {
  error: "an http:// or https:// URL, or a reference such as { env: NAME }",
});

const auth = z.union(
  [
    z.strictObject({ basic: z.strictObject({ username: name, password: secret }) }),
    z.strictObject({ bearer: secret }),
    z.strictObject({ sigv4 }),
  ],
  { error: "one of { basic: { username, password } }, { bearer: … } or { sigv4: { region } }" },
);

const prometheus = z.strictObject({
  url: httpUrl,
  auth: auth.optional(),
  headers: z.record(name, z.union([z.string(), secret])).default({}),
  matchers: z.string().default(""),
  timeout: positiveDuration.default("30s"),
  replicaLabels: names.default(["replica", "prometheus_replica", "__replica__"]),
});

const labelName = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, { error: "a Prometheus label name" });
const labels = z.strictObject({
  address: z.array(labelName).default(["destination_address", "destination_ip"]),
  port: z.array(labelName).default(["destination_port"]),
  sni: z.array(labelName).default(["requested_server_name"]),
});

/** Of what is not a service of AWS. */
const plainAuth = z.union(
  [z.strictObject({ basic: z.strictObject({ username: name, password: secret }) }), z.strictObject({ bearer: secret })],
  { error: "one of { basic: { username, password } } or { bearer: … }" },
);
const headers = z.record(name, z.union([z.string(), secret])).default({});

const lines = count.default(1_000_000);
const loki = z.strictObject({
  url: httpUrl,
  auth: plainAuth.optional(),
  headers,
  query: z.union([name, names.min(1)], { error: "a LogQL query, or a list of them" }).optional(),
  timeout: positiveDuration.default("30s"),
  lines,
});
const cloudwatch = z.strictObject({
  groups: names.min(1),
  region: name.optional(),
  filter: z.string().optional(),
  timeout: positiveDuration.default("30s"),
  lines,
});

const cluster = z.strictObject({
  name,
  prometheus,
  labels: labels.prefault({}),
  logs: z.strictObject({ loki: loki.optional(), cloudwatch: cloudwatch.optional() }).optional(),
  internal: z
    .array(name.refine(isPlace, { error: "an address, a network such as 10.0.0.0/8, a host name or *.suffix" }))
    .default([]),
  /** Files and folders of manifests in force, as of --existing. */
  existing: names.default([]),
});

const glob = z.string().min(1);
const owner = z
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
const instead = { fallback: name.optional() };
const channel = z.union(
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

const severity = z.enum(severities);
const kind = z.enum(findingKinds);
const route = z.strictObject({
  match: z.strictObject({
    severity: severity.optional(),
    kind: kind.optional(),
    cluster: glob.optional(),
    namespace: glob.optional(),
    team: glob.optional(),
  }),
  channels: names,
});

const pattern = z.string().refine((text) => !("fault" in parsePattern(text)), {
  error: ({ input }) => {
    const parsed = parsePattern(String(input));
    return "fault" in parsed ? parsed.fault : "a host name, *.suffix, prefix* or *";
  },
});
const policy = z.strictObject({
  name,
  from: z
    .strictObject({
      namespace: glob.optional(),
      workload: glob.optional(),
      label: z.record(name, z.string()).optional(),
    })
    .optional(),
  allow: z.array(pattern).optional(),
  deny: z.array(pattern).optional(),
});

const detect = z.strictObject({
  learn: duration.default("7d"),
  spike: z
    .strictObject({
      falseAlarmsPerWeek: z.number().positive().default(1),
      floor: z.number().min(0).default(5),
      ratio: z.number().min(1).default(2),
    })
    .prefault({}),
  fanOut: z.strictObject({ destinations: count.default(20) }).prefault({}),
});

const suggest = z.strictObject({
  istio: z
    .string()
    .regex(/^1\.\d+$/, { error: 'an Istio version such as "1.30"' })
    .default("1.30"),
  exportTo: z
    .array(
      z.union([
        z.enum([".", "*", "~"]),
        z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, { error: "., *, ~ or a namespace" }),
      ]),
    )
    .min(1)
    .refine((scopes) => scopes.length === 1 || !scopes.some((scope) => scope === "*" || scope === "~"), {
      error: "* or ~ alone, or else . and namespaces: Istio refuses a mix",
    })
    .default(["."]),
  dnsCapture: z.boolean().default(false),
  egressGateway: z
    .strictObject({ namespace: name, selector: z.record(name, z.string()), service: name.optional() })
    .optional(),
});

/** Paths and URLs: one, or a list of them. */
const places = z.union([name, names], { error: "a path or URL, or a list of them" });

const enrich = z.strictObject({
  dns: z
    .strictObject({
      servers: names.default([]),
      perSecond: count.default(50),
      budget: duration.default("20s"),
      trusted: names.default([]),
    })
    .prefault({}),
  ranges: places.optional(),
  asn: places.optional(),
});

/** A user, or `org/team` on GitHub. */
const reviewer = z
  .string()
  .regex(/^[A-Za-z0-9_][\w.-]*(\/[A-Za-z0-9_][\w.-]*)?$/, { error: "a user name without @, or org/team on GitHub" });

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'a time of day such as "22:00"' });
const zone = z.string().refine(isZone, { error: "a time zone such as Europe/Berlin or UTC" }).default("UTC");
const quiet = z
  .strictObject({ from: clock, to: clock, zone, except: z.enum(["warning", "critical", "none"]).default("critical") })
  .refine(({ from, to }) => from !== to, { error: "a from and a to that differ" });
const team = z.strictObject({
  channels: names.optional(),
  quiet: quiet.optional(),
  reviewers: z.array(reviewer).default([]),
});

const notify = z.strictObject({
  repeat: duration.default("24h"),
  backoff: z.number().min(1).max(1000).default(2),
  quietAfter: z.int().min(0).default(3),
  digest: z.enum(["daily", "weekly", "none"]).default("none"),
  at: clock.default("09:00"),
  zone,
});

/** What egress-scout tells of its own runs, and to whom. */
const metrics = z.strictObject({
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
const deadman = z.strictObject({
  url: hidden,
  fail: hidden.optional(),
  method: z.enum(["GET", "POST"]).default("GET"),
  headers,
  timeout: positiveDuration.default("10s"),
});

/** Where `plan --pull-request` goes to, whichever host it is. */
const proposing = {
  token: secret,
  base: name.optional(),
  folder: z
    .string()
    .regex(/^(?!\.git\/)(?:(?!\.{1,2}(?:\/|$))(?:[\w.-]|\{cluster\})+(?:\/|$))+(?<!\/)$/, {
      error: "a folder of the repository such as egress/{cluster}",
    })
    .default("egress/{cluster}"),
  draft: z.boolean().default(false),
  labels: z.array(z.string().regex(/^[^,\n]+$/, { error: "labels without commas" })).default([]),
  reviewers: z.array(reviewer).default([]),
  timeout: positiveDuration.default("30s"),
};
const pullRequests = z.union(
  [
    z.strictObject({
      github: z.strictObject({
        ...proposing,
        repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/, { error: "OWNER/NAME" }),
        apiUrl: httpUrl.default("https://api.github.com"),
      }),
    }),
    z.strictObject({
      gitlab: z.strictObject({
        ...proposing,
        project: z.string().regex(/^[\w.-]+(\/[\w.-]+)+$/, { error: "GROUP/NAME" }),
        apiUrl: httpUrl.default("https://gitlab.com/api/v4"),
      }),
    }),
  ],
  { error: "one of { github: { repository, token } } or { gitlab: { project, token } }" },
);

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
