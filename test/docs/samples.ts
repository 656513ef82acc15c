/** Outputs that the docs show, made by the built command on a fixed past: the same whoever makes them, and whenever. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { holdPast } from "../command/past.ts";
import { runScout } from "../command/run-scout.ts";
import { setUp } from "../command/set-up.ts";
import { snsCredentials, snsFields, snsReceiver } from "../receivers/sns.ts";
import { hookSecret, hookUrl, webhookReceiver } from "../receivers/webhook.ts";
import { startDns } from "../tools/dns.ts";
import { tempFolder } from "../tools/temp.ts";
import { pages } from "./pages.ts";
import { configOf, hour, layOut, townCalls, townDns, townSpan, troubleSpan, troubles } from "./town.ts";

const end = Date.UTC(2026, 10, 22, 10, 15);
/** The clock of the command: it stands at the end of the past, where nothing else would be the same tomorrow. */
const clock = `const real = Date, skew = ${end + 20_000} - real.now();
globalThis.Date = class Date extends real {
  constructor(...given) { given.length > 0 ? super(...given) : super(real.now() + skew); }
  static now() { return real.now() + skew; }
};`;
const at = (time: number) => ["--at", `${time / 1000}`];

/** What lint has to say something of. */
const faulty = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: mail, namespace: payments }
spec:
  hosts: [smtp.example.org]
  ports: [{ number: 25, name: mail, protocol: SMTP }]
  resolution: DNS
`;

const channels = {
  channels: {
    mail: { sns: { topicArn: "arn:aws:sns:eu-west-1:123456789012:egress" } },
    siem: { webhook: { url: { env: "HOOK_URL" }, secret: { env: "HOOK_SECRET" } } },
  },
  teams: { analytics: { channels: ["mail"] }, payments: { channels: ["siem"] } },
  owners: [
    { match: { namespace: "payments" }, team: "payments" },
    { match: { namespace: "data" }, team: "analytics" },
    { match: { namespace: "shop" }, team: "storefront" },
  ],
};

/** All samples by name. @throws with what it said where a command does not end as it should */
export async function makeSamples(): Promise<Record<string, string>> {
  const folder = tempFolder("samples");
  const held = await holdPast(townCalls(end), townSpan(end));
  const dns = await startDns(townDns);
  const [mail, siem] = [await snsReceiver(), await webhookReceiver()];
  const env = {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(clock)}`,
    EGRESS_SCOUT_DNS: dns.server,
    AWS_ENDPOINT_URL_SNS: mail.url,
    AWS_ACCESS_KEY_ID: snsCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: snsCredentials.secretAccessKey,
    AWS_SESSION_TOKEN: snsCredentials.sessionToken,
    HOOK_URL: hookUrl(siem),
    HOOK_SECRET: hookSecret,
  };
  /** A folder with a config of its own, and the command in it. */
  const town = (name: string, more: object) => {
    const cwd = join(folder.path, name);
    mkdirSync(cwd);
    layOut(cwd, configOf({ prometheus: held.prometheus.url, more }), end);
    writeFileSync(join(cwd, "faulty.yaml"), faulty);
    return async (args: readonly string[], code = 0) => {
      const ended = await runScout(args, { cwd, env });
      if (ended.code !== code) throw new Error(`${args.join(" ")} ended with ${ended.code}: ${ended.stderr}`);
      return ended.stdout.replaceAll(held.prometheus.url, "http://localhost:9090").trimEnd();
    };
  };
  try {
    const quiet = town("quiet", { channels: {}, teams: {}, owners: channels.owners });
    const loud = town("loud", channels);
    const learned = await quiet(["scan", ...at(end - hour)]);
    const found = await quiet(["scan", ...at(end)]);
    await loud(["scan", ...at(end - hour)]);
    await loud(["scan", ...at(end)]);
    return {
      learned,
      found,
      message: snsFields(mail.taken[0] ?? "").Message?.trimEnd() ?? "",
      webhook: JSON.stringify(JSON.parse(siem.taken[0] ?? "{}"), null, 1),
      plan: await quiet(["plan", ...at(end), "--existing", "manifests/"]),
      replay: await quiet(["replay", "--from", `${(end - 2 * hour) / 1000}`, "--to", `${end / 1000}`]),
      lint: await quiet(["lint", "faulty.yaml"], 3),
      doctor: await doctor(dns.server),
      ...(await kinds(env)),
    };
  } finally {
    await Promise.all([held.stop(), dns.stop(), mail.close(), siem.close()]);
    folder.remove();
  }
}

const told = z.object({ findings: z.array(z.object({ kind: z.string(), severity: z.string(), summary: z.string() })) });

/** A sentence for each kind of finding, by its name. The last hour is one without any data. */
async function kinds(env: Record<string, string>): Promise<Record<string, string>> {
  const held = await holdPast(troubles(end), troubleSpan(end));
  const { prometheus, dir } = held;
  try {
    const more = { channels: {}, teams: {}, owners: [], enrich: { dns: { trusted: ["partner.example"] } } };
    layOut(dir, configOf({ prometheus: prometheus.url, more }), end);
    const sentences: [string, string][] = [];
    for (const time of [end - hour, end, end + hour, end + 2 * hour]) {
      const args = ["scan", "--existing", "manifests", "--format", "json", ...at(time)];
      const { stdout, stderr } = await runScout(args, { cwd: dir, env: { ...env, NODE_OPTIONS: "" } });
      if (stdout === "") throw new Error(stderr);
      const { findings } = told.parse(JSON.parse(stdout));
      for (const one of findings) sentences.push([one.kind, `${one.severity}: ${one.summary}`]);
    }
    // The first of a kind, which is the most severe one of its run.
    return Object.fromEntries(sentences.reverse());
  } finally {
    await held.stop();
  }
}

/** What doctor says of a mesh without the address label; it asks about now, so that its past ends now. */
async function doctor(server: string): Promise<string> {
  const made = await setUp({ address: "none" });
  try {
    const args = [
      "doctor",
      "--prometheus",
      made.url,
      "--dns",
      server,
      "--state",
      `sqlite:${join(made.dir, "doctor.db")}`,
    ];
    const { stdout } = await runScout(args, { cwd: made.dir });
    return stdout
      .replaceAll(made.url, "http://localhost:9090")
      .replaceAll(server, "10.0.0.2:53")
      .replaceAll(`${made.dir}/doctor.db`, "egress-scout.db")
      .replaceAll(/Prometheus \d+\.\d+\.\d+\S*/g, "Prometheus 2.53.3")
      .replaceAll(/answers in [\d.]+ ?m?s/g, "answers in 12ms")
      .replaceAll(/within \d+s of ours/g, "within 1s of ours")
      .trimEnd();
  } finally {
    await made.stop();
  }
}

const marked = /(<!-- sample: ([\w-]+)(?: to "(.*?)")? -->\n)(```(\w*)\n.*?^```\n)?/gms;

/** Which samples the pages show. */
export const namesShown = (): string[] =>
  pages.flatMap(({ text }) => [...text.matchAll(marked)].map(([, , name = ""]) => name));

/**
 * A page with its samples as they are now. Where the marker names the begin of a line (`to "…"`), the sample stops before it and an ellipsis says so.
 * @throws where there is no such sample, or no such line
 */
export function withSamples(page: string, samples: Readonly<Record<string, string>>): string {
  return page.replace(marked, (_, marker: string, name: string, until?: string, _old?: string, language = "") => {
    const sample = samples[name];
    if (sample === undefined) throw new Error(`no sample ${name}`);
    const lines = sample.split("\n");
    const stop = until === undefined ? -1 : lines.findIndex((line) => line.startsWith(until));
    if (until !== undefined && stop === -1) throw new Error(`no line of sample ${name} begins with "${until}"`);
    const shown = until === undefined ? lines : [...lines.slice(0, stop), "…"];
    return `${marker}\`\`\`${language}\n${shown.join("\n")}\n\`\`\`\n`;
  });
}
