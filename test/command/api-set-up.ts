/** A served API over what real scans of a real Prometheus remember. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type HeldPast, holdPast } from "./past.ts";
import { runScout } from "./run-scout.ts";
import { type Served, serveScout, signed, signingSecret } from "./serve-scout.ts";

export const minute = 60_000;
export const hour = 60 * minute;
export const end = Math.floor(Date.now() / minute) * minute - minute;
export const begin = end - 3 * hour;
const learned = begin + 30 * minute;
const found = begin + 40 * minute;
export const token = "first-token-of-two";
export const bearer = { authorization: `Bearer ${token}` };
export const env = { SIGNING: signingSecret, ONE: token, TWO: "second-token-of-two" };

/** Two workloads of two namespaces; one calls a forbidden name, one something new once it is learned. */
export const heldPast = (): Promise<HeldPast> =>
  holdPast(
    (mesh, timetable) => {
      const web = mesh.pod({ namespace: "shop", workload: "web" });
      const job = mesh.pod({ namespace: "batch", workload: "job" });
      timetable.at(begin + minute, () => web.tls({ sni: "known.example.com", to: "198.51.100.1:443" }));
      timetable.at(begin + 2 * minute, () => job.tcp({ to: "203.0.113.4:5432", blocked: true }));
      timetable.every({ from: learned + 2 * minute, to: end, everyMs: minute }, () => {
        web.http({ host: "never.example.com", to: "198.51.100.2:80" });
      });
      timetable.at(learned + 3 * minute, () => web.http({ host: "new.example.com", to: "198.51.100.3:80" }));
      timetable.at(learned + 4 * minute, () => job.http({ host: "api.stripe.com", to: "198.51.100.7:80", times: 3 }));
    },
    { from: begin, to: end, everyMs: 15_000 },
  );

export interface SetUp {
  served: Served;
  /** The config's path, and what is in it before `more`. */
  config: string;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** `/egress TEXT`, as Slack sends it. */
  command(text: string, more?: Record<string, string>): Promise<Response>;
}

let made = 0;

interface Settings {
  /** In the place of the Prometheus that scans asked. */
  prometheus?: string;
  slackApi?: string;
  more?: string;
  api?: string;
}

/** Learns, finds, serves. */
export async function serveApi(held: HeldPast, settings: Settings = {}): Promise<SetUp> {
  made += 1;
  const state = `sqlite:${join(held.dir, `api-${made}.db`)}`;
  const config = join(held.dir, `api-${made}.yaml`);
  const write = (url: string) =>
    writeFileSync(
      config,
      `clusters: [{ name: prod, prometheus: { url: "${url}" } }]
owners: [{ match: { namespace: shop }, team: "shop & sons" }, { team: platform }]
policies: [{ name: never, deny: [never.example.com] }]
enrich: { dns: { servers: ["127.0.0.1:1"] } }
api: ${settings.api ?? "{ tokens: [{ env: ONE }, { env: TWO }] }"}
slack: { signingSecret: { env: SIGNING }, allow: [U012AB3CD], apiUrl: "${settings.slackApi ?? "https://slack.com/api/"}" }
state: ${state}
${settings.more ?? ""}`,
    );
  write(held.prometheus.url);
  for (const time of [learned, found]) {
    const args = ["scan", "--config", config, "--at", String(time / 1000), "--learn", "1h"];
    const { code, stderr } = await runScout(args, { env });
    if (code !== 0) throw new Error(`exit ${code}: ${stderr}`);
  }
  if (settings.prometheus !== undefined) write(settings.prometheus);
  const served = await serveScout(["--config", config], { env });
  const send = (path: string, init: RequestInit) => fetch(`${served.url}${path}`, init);
  return {
    served,
    config,
    get: (path, headers = bearer) => send(path, { headers }),
    post: (path, body, headers = bearer) =>
      send(path, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { "content-type": "application/json", ...headers },
      }),
    command: (text, more = {}) => {
      const usual = { command: "/egress", user_id: "U012AB3CD", user_name: "ada", team_id: "T0", trigger_id: "1.2" };
      const body = new URLSearchParams({ ...usual, text, ...more }).toString();
      return send("/slack/commands", { method: "POST", body, headers: signed(body) });
    },
  };
}
