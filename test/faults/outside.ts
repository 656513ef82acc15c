/** One cell's outside: every part behind a door of its own that can be told to fail, a config that names them all, and what was told to whom. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { alertmanagerSecrets } from "../receivers/alertmanager.ts";
import { slackReceiver, slackSecret, slackUrl } from "../receivers/slack.ts";
import { slackApi, slackBotToken } from "../receivers/slack-api.ts";
import { snsCredentials, snsFields, snsReceiver } from "../receivers/sns.ts";
import { hookSecret, hookSecrets, hookUrl, posted, webhookReceiver } from "../receivers/webhook.ts";
import { startLoki } from "../tools/loki.ts";
import { type Faulty, faulty, type SaysNo } from "./faulty.ts";
import { type DnsFault, type FaultyDns, faultyDns } from "./faulty-dns.ts";
import { newsOf, type World, zone } from "./world.ts";

export const httpParts = [
  "Prometheus",
  "DynamoDB",
  "Slack",
  "Slack by token",
  "SNS",
  "Alertmanager",
  "webhook",
  "Loki",
] as const;
export type HttpPart = (typeof httpParts)[number];

const prometheusPassword = "pr0m-passw0rd/42";
const lokiToken = "l0ki-bearer-t0ken-42";
/** None of these may stand in what anybody reads. */
const secrets = [
  ...[prometheusPassword, lokiToken, slackSecret, slackBotToken, alertmanagerSecrets.password, ...hookSecrets],
  ...Object.values(snsCredentials),
  ...[`scout:${prometheusPassword}`, `scout:${alertmanagerSecrets.password}`].map((pair) =>
    Buffer.from(pair).toString("base64"),
  ),
];

/** By channel of the config: whose it is. The webhook gets all. */
const owned: Readonly<Record<string, string>> = {
  hook: "payments",
  bot: "payments",
  topic: "platform",
  pager: "platform",
};

/** That a channel told a finding, in which message. */
export interface Told {
  channel: string;
  message: string;
  finding: string;
}

/** A finding as the webhook heard of it, which hears of all. */
export interface Heard {
  id: string;
  kind: string;
  news: string;
  team: string;
}

export interface Outside {
  cluster: string;
  /** Where the cell may write. */
  dir: string;
  state: string;
  args: string[];
  env: Record<string, string>;
  doors: Record<HttpPart, Faulty>;
  dns: FaultyDns;
  /** Answers as told from now on; null answers well. */
  spoilDns(fault: DnsFault | null): Promise<void>;
  /** From now on runs wait as long as usual. */
  patient(): void;
  /** Prometheus knows all. */
  late(): void;
  heard(): Heard[];
  told(): Promise<Told[]>;
  /** Every secret in what was sent or is kept, by where it stands. */
  leaks(text: string): Promise<string[]>;
  /** What receivers had against what they got. */
  objections(): string[];
  close(): Promise<void>;
}

export interface OutsideOptions {
  cluster: string;
  store?: "sqlite" | "dynamodb" | undefined;
  /** The part that speaks TLS. */
  secure?: HttpPart | undefined;
  /** For the answers of parts that let it be set; default 60s: a machine that is busy is no fault. */
  timeout?: string | undefined;
  /** Prometheus knows nothing yet of what comes after the first run, until `late` is called. */
  early?: boolean | undefined;
  /** Where the state file is, in place of the cell's own folder. */
  stateDir?: string | undefined;
  /** Called with each request to any part; true ends it without an answer. */
  step?: ((part: HttpPart, when: "before" | "after") => boolean | Promise<boolean>) | undefined;
}

const json = (value: unknown) => ({ type: "application/json", body: JSON.stringify(value) });
const xml = (code: string, echo: string) => ({
  type: "text/xml",
  body: `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${echo.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</Message></Error></ErrorResponse>`,
});
const amazon = (name: string, echo: string) => ({
  type: "application/x-amz-json-1.0",
  body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: echo }),
});
const text = (body: string) => ({ type: "text/plain", body });

const saysNo: Record<HttpPart, SaysNo> = {
  Prometheus: (status, echo) => json({ status: "error", errorType: "internal", error: `status ${status} for ${echo}` }),
  DynamoDB: (status, echo) => amazon(status === 429 ? "ThrottlingException" : "InternalServerError", echo),
  Slack: (_, echo) => text(`rollup_error ${echo}`),
  "Slack by token": (status, echo) =>
    json({ ok: false, error: status === 429 ? "ratelimited" : "internal_error", echo }),
  SNS: (status, echo) => xml(status === 429 ? "Throttled" : "InternalError", echo),
  Alertmanager: (_, echo) => json(`broken ${echo}`),
  webhook: (_, echo) => text(`bad gateway ${echo}`),
  Loki: (_, echo) => text(`too many outstanding requests ${echo}`),
};

export async function openOutside(world: World, options: OutsideOptions): Promise<Outside> {
  const { cluster, store = "sqlite", secure, step, timeout = patient } = options;
  const dir = join(world.dir, cluster);
  mkdirSync(dir);
  const [hook, bot, topic, siem, loki] = await Promise.all([
    ...([slackReceiver(), slackApi(), snsReceiver(), webhookReceiver(), startLoki(...world.lines)] as const),
  ]);
  const behind: Record<HttpPart, string> = {
    ...{
      Prometheus: options.early ? world.early.url : world.prometheus,
      DynamoDB: world.dynamodb.url,
      Slack: hook.url,
      "Slack by token": bot.url,
    },
    ...{ SNS: topic.url, Alertmanager: world.alertmanager.url, webhook: siem.url, Loki: loki.url },
  };
  const opened = await Promise.all(
    httpParts.map(async (part) => {
      const tls = part === secure ? world.certificate : undefined;
      const steps = step === undefined ? {} : { step: (when: "before" | "after") => step(part, when) };
      return [part, await faulty({ to: () => behind[part], no: saysNo[part], tls, ...steps })] as const;
    }),
  );
  const doors = Object.fromEntries(opened) as Record<HttpPart, Faulty>;
  const file = join(options.stateDir ?? dir, "state.db");
  if (store === "sqlite") copyFileSync(world.learned, file);
  const state = store === "sqlite" ? `sqlite:${file}` : `dynamodb:${world.table}`;
  const config = join(dir, "egress-scout.yaml");
  let dns = await faultyDns(zone, null);
  let wait = timeout;
  const write = () =>
    writeFileSync(config, JSON.stringify(configOf({ cluster, doors, server: dns.server, timeout: wait })));
  write();

  const rows = async () => {
    const { Items = [] } = await world.dynamodb.client.send(new ScanCommand({ TableName: world.table }));
    return JSON.stringify(Items.filter(({ pk, sk }) => `${pk?.S} ${sk?.S}`.includes(cluster)));
  };
  const posts = () => siem.taken.map((body) => posted(body));
  const all: Outside = {
    ...{ cluster, dir, state, doors, dns },
    args: ["--config", config, "--state", state, "--format", "json"],
    env: {
      ...{ PROM_PASSWORD: prometheusPassword, LOKI_TOKEN: lokiToken, PAGER_PASSWORD: alertmanagerSecrets.password },
      ...{ SLACK: slackUrl({ ...hook, url: doors.Slack.url }), SLACK_TOKEN: slackBotToken },
      ...{ HOOK: hookUrl({ ...siem, url: doors.webhook.url }), HOOK_SECRET: hookSecret },
      ...{
        AWS_ENDPOINT_URL_SNS: doors.SNS.url,
        AWS_ENDPOINT_URL_DYNAMODB: doors.DynamoDB.url,
        AWS_REGION: "eu-west-1",
      },
      ...{ AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null" },
      AWS_ACCESS_KEY_ID: snsCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: snsCredentials.secretAccessKey,
      AWS_SESSION_TOKEN: snsCredentials.sessionToken,
      ...(secure === undefined ? {} : { NODE_EXTRA_CA_CERTS: world.certificate.file }),
    },
    async spoilDns(fault) {
      await dns.stop();
      dns = await faultyDns(zone, fault);
      all.dns = dns;
      write();
    },
    patient() {
      wait = patient;
      write();
    },
    late() {
      behind.Prometheus = world.prometheus;
    },
    heard: () =>
      posts().flatMap(({ data }) =>
        data.findings.map(({ id, kind, source, destination, owner }) => ({
          ...{ id, kind, team: owner.team },
          news: newsOf(source, destination),
        })),
      ),
    async told() {
      const texts: [channel: string, body: string][] = [
        ...hook.taken.map((body): [string, string] => ["hook", body]),
        ...bot.messages.map(({ post }): [string, string] => ["bot", JSON.stringify(post)]),
        ...topic.taken.map((body): [string, string] => ["topic", snsFields(body).Message ?? ""]),
      ];
      const alerts = [...(await world.alertmanager.firing())].filter(([, { labels }]) => labels.cluster === cluster);
      return [
        ...texts.flatMap(([channel, body]) => toldIn(channel, body)),
        ...posts().flatMap(({ id, data }) =>
          data.findings.map((one) => ({ channel: "siem", message: id.split("/")[0] ?? id, finding: one.id })),
        ),
        ...alerts.map(([finding]) => ({ channel: "pager", message: finding, finding })),
      ];
    },
    async leaks(output) {
      const kept =
        store === "sqlite"
          ? readdirSync(options.stateDir ?? dir)
              .filter((name) => name.startsWith("state.db"))
              .map((name): [string, string] => [name, readFileSync(join(options.stateDir ?? dir, name), "latin1")])
          : [["the table", await rows()] as [string, string]];
      const bodies = [hook, bot, topic, siem].flatMap(({ got }) => got.map(({ body }) => body));
      const places: [string, string][] = [["output", output], ...kept, ["a message", bodies.join("\n")]];
      return places.flatMap(([place, content]) =>
        secrets.filter((one) => content.includes(one)).map((one) => `${one} in ${place}`),
      );
    },
    objections: () => [hook, bot, topic, siem].flatMap(({ faults }) => faults),
    async close() {
      await Promise.all([...Object.values(doors), hook, bot, topic, siem].map((one) => one.close()));
      await Promise.all([loki.stop(), dns.stop()]);
    },
  };
  return all;
}

/** Who is to be told of a finding of that team. */
export const channelsOf = (team: string): string[] => [
  "siem",
  ...Object.entries(owned).flatMap(([channel, owner]) => (owner === team ? [channel] : [])),
];

function toldIn(channel: string, body: string): Told[] {
  const [message = "no id"] = /msg-[0-9a-f]{16}/.exec(body) ?? [];
  const ids = new Set(body.match(/\b[0-9a-f]{32}\b/g));
  return [...ids].map((finding) => ({ channel, message, finding }));
}

const patient = "60s";

interface Named {
  cluster: string;
  doors: Record<HttpPart, Faulty>;
  server: string;
  timeout: string;
}

function configOf({ cluster, doors, server, timeout }: Named) {
  const basic = (name: string) => ({ basic: { username: "scout", password: { env: name } } });
  const prometheus = { url: doors.Prometheus.url, timeout, auth: basic("PROM_PASSWORD") };
  const loki = { url: doors.Loki.url, timeout, auth: { bearer: { env: "LOKI_TOKEN" } } };
  const of = (team: string) => Object.entries(owned).flatMap(([channel, owner]) => (owner === team ? [channel] : []));
  return {
    clusters: [{ name: cluster, prometheus, logs: { loki } }],
    owners: [
      { match: { namespace: "payments" }, team: "payments", channels: of("payments") },
      { team: "platform", channels: of("platform") },
    ],
    channels: {
      hook: { slack: { webhook: { env: "SLACK" } } },
      bot: { slack: { token: { env: "SLACK_TOKEN" }, channel: "#payments" } },
      topic: { sns: { topicArn: "arn:aws:sns:eu-west-1:123456789012:egress" } },
      pager: { alertmanager: { url: doors.Alertmanager.url, timeout, auth: basic("PAGER_PASSWORD") } },
      siem: { webhook: { url: { env: "HOOK" }, secret: { env: "HOOK_SECRET" }, timeout } },
    },
    routes: [{ match: {}, channels: ["siem"] }],
    slack: { apiUrl: `${doors["Slack by token"].url}/api/` },
    enrich: { dns: { servers: [server], budget: "3s" } },
  };
}
