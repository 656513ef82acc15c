/** Runs that tell Alertmanager, a webhook and Slack by token: what is open, what is over, and channels that misbehave. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ScanDocument } from "../../lib/report/scan-schema.ts";
import type { Receiver } from "../receivers/receiver.ts";
import { type SlackApi, slackApi, slackBotToken } from "../receivers/slack-api.ts";
import { hookSecret, hookSecrets, hookUrl, posted, webhookReceiver } from "../receivers/webhook.ts";
import { type Alertmanager, startAlertmanager } from "../tools/alertmanager.ts";
import { type HeldPast, holdPast } from "./past.ts";
import { runScout } from "./run-scout.ts";

const minute = 60_000;
const hour = 60 * minute;
/** Alertmanager has no other clock than this machine's. */
const end = Math.floor(Date.now() / minute) * minute;

describe("channels, told by runs", () => {
  let held: HeldPast;
  let real: Alertmanager;
  let slack: SlackApi;
  let hook: Receiver;
  let run = 0;
  let state = "";
  let env: Record<string, string>;

  beforeAll(async () => {
    held = await holdPast(
      (mesh, timetable) => {
        const checkout = mesh.pod({ namespace: "payments", workload: "checkout" });
        const web = mesh.pod({ namespace: "shop", workload: "web" });
        timetable.at(end - 4 * hour, () => web.http({ host: "known.example.com", to: "198.51.100.1:80" }));
        timetable.at(end - 3 * hour, () => {
          checkout.tls({ sni: "denied.example.com", to: "198.51.100.2:443" });
          checkout.tls({ sni: "new.example.com", to: "198.51.100.3:443" });
        });
      },
      { from: end - 5 * hour, to: end, everyMs: 60_000 },
    );
  });
  beforeEach(async () => {
    slack = await slackApi();
    hook = await webhookReceiver();
    run += 1;
    real = await startAlertmanager(join(held.dir, `am-${run}`));
    state = `sqlite:${join(held.dir, `${run}.db`)}`;
    env = { SLACK_TOKEN: slackBotToken, HOOK: hookUrl(hook), HOOK_SECRET: hookSecret };
    write();
    expect((await scan(end - 3.5 * hour)).code).toBe(0);
    return async () => {
      await Promise.all([real.stop(), slack.close(), hook.close()]);
    };
  });
  afterAll(() => held.stop());

  const config = () => join(held.dir, "egress-scout.yaml");
  function write({ alertmanager = real.url } = {}): void {
    writeFileSync(
      config(),
      `clusters: [{ name: prod-eu, prometheus: { url: "${held.prometheus.url}" } }]
owners: [{ team: payments, channels: [slack, pager, siem] }]
channels:
  slack: { slack: { token: { env: SLACK_TOKEN }, channel: "#payments" } }
  pager: { alertmanager: { url: "${alertmanager}", timeout: 2s } }
  siem: { webhook: { url: { env: HOOK }, secret: { env: HOOK_SECRET }, timeout: 1s } }
slack: { apiUrl: "${slack.apiUrl}" }
policies: [{ name: no, deny: [denied.example.com] }]
enrich: { dns: { servers: ["127.0.0.1:1"] } }
state: "memory:"
`,
    );
  }
  const scan = (at: number, ...more: string[]) =>
    runScout(["scan", "--config", config(), "--state", state, "--at", String(at / 1000), "--format", "json", ...more], {
      env,
    });
  const notified = (text: string) => {
    const { findings }: ScanDocument = JSON.parse(text);
    return findings
      .flatMap((one) => one.notified.map(({ channel, reason, ok }) => `${one.kind} ${channel} ${reason} ${ok}`))
      .sort();
  };
  const firing = async () =>
    [...(await real.firing()).values()].map(({ labels, endsAt }) => ({ name: labels.alertname, labels, endsAt }));

  it("what is open fires until it is over, and is changed where it stands in Slack", async () => {
    const first = await scan(end - 2.9 * hour);
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(notified(first.stdout)).toEqual(
      ["new-destination", "policy-violation"].flatMap((kind) =>
        ["pager", "siem", "slack"].map((channel) => `${kind} ${channel} first true`),
      ),
    );
    const before = await firing();
    expect(before.map(({ name }) => name).sort()).toEqual(["EgressNewDestination", "EgressPolicyViolation"]);
    const violation = before.find(({ name }) => name === "EgressPolicyViolation");
    expect(violation?.labels).toMatchObject({
      team: "payments",
      cluster: "prod-eu",
      namespace: "payments",
      workload: "checkout",
      destination: "denied.example.com:443",
    });

    expect(await scan(end - 2.5 * hour)).toMatchObject({ code: 0, stderr: "" });
    const during = await firing();
    const ends = (all: typeof before, name: string) => Date.parse(all.find((one) => one.name === name)?.endsAt ?? "");
    expect(ends(during, "EgressPolicyViolation")).toBeGreaterThan(ends(before, "EgressPolicyViolation"));
    expect(ends(during, "EgressNewDestination")).toBe(ends(before, "EgressNewDestination"));
    expect([slack.messages.length, hook.taken.length]).toEqual([1, 1]);

    const last = await scan(end - hour);
    expect(last).toMatchObject({ code: 0, stderr: "" });
    expect(notified(last.stdout)).toEqual(
      ["pager", "siem", "slack"].map((channel) => `policy-violation ${channel} resolved true`),
    );
    expect((await firing()).map(({ name }) => name)).toEqual(["EgressNewDestination"]);
    expect(slack.messages).toMatchObject([{ updates: 1 }, { thread: slack.messages[0]?.ts, broadcast: false }]);
    const { data } = posted(hook.taken[1] ?? "");
    expect(data.findings).toMatchObject([{ kind: "policy-violation", state: "resolved" }]);
    expect([...slack.faults, ...hook.faults]).toEqual([]);
  });

  it("an Alertmanager that cannot be told again what is open: exit 1, and the next run tells it", async () => {
    await scan(end - 2.9 * hour);
    write({ alertmanager: "http://127.0.0.1:1" });
    const down = await scan(end - 2.5 * hour);
    expect(down.code).toBe(1);
    expect(down.stderr.trimEnd().split("\n")[0]).toMatch(
      /channel\/unavailable: pager could not be told: .*the connection failed/,
    );
    write();
    expect(await scan(end - 2.4 * hour)).toMatchObject({ code: 0, stderr: "" });
  });

  it("a Slack that wants a pause of an hour gets it; the others get theirs, and then it is told in order", async () => {
    slack.retryAfter = "3600";
    slack.behave("rate-limited");
    const first = await scan(end - 2.9 * hour);
    expect(first.code).toBe(1);
    expect(first.stderr.trimEnd().split("\n")[0]).toContain("channel/rate-limited: slack could not be told: ");
    expect(first.stderr).toContain("1 message kept for the next run");
    expect(first.stdout + first.stderr).not.toContain(slackBotToken);
    expect(notified(first.stdout).filter((one) => one.endsWith("false"))).toHaveLength(2);
    expect([slack.messages.length, hook.taken.length, (await firing()).length]).toEqual([0, 1, 2]);
    const early = await scan(end - 1.95 * hour);
    expect(early.code).toBe(1);
    expect(early.stderr).toMatch(/slack could not be told: .*; not tried again before .* UTC/);
    expect(slack.got).toHaveLength(1);
    expect(await scan(end - 1.5 * hour)).toMatchObject({ code: 0, stderr: "" });
    expect(slack.messages).toMatchObject([{ thread: null }, { thread: slack.messages[0]?.ts }]);
    expect(hook.taken).toHaveLength(2);
  });

  it("a webhook that drips: the others get theirs, and no secret is told", async () => {
    hook.behave("drip", "drip");
    const first = await scan(end - 2.9 * hour);
    expect(first.code).toBe(1);
    expect(first.stderr).toContain("siem could not be told: ");
    for (const secret of hookSecrets) expect(first.stdout + first.stderr).not.toContain(secret);
    expect([slack.messages.length, (await firing()).length]).toEqual([1, 2]);
    const [{ body: tried } = { body: "" }] = hook.got;
    hook.behave();
    expect(await scan(end - 2.8 * hour)).toMatchObject({ code: 0, stderr: "" });
    expect(hook.taken).toEqual([tried]);
    expect(slack.messages).toHaveLength(1);
  });

  it("doctor --send tests each, and raises no alert", async () => {
    const { stdout } = await runScout(["doctor", "--config", config(), "--send", "--format", "json"], { env });
    const { checks } = JSON.parse(stdout);
    const channels = checks.find((one: { name: string }) => one.name === "channels");
    expect(channels).toMatchObject({
      status: "ok",
      found: "told slack (slack), pager (alertmanager) and siem (webhook): a test message has arrived",
    });
    expect([slack.messages.length, hook.taken.length, (await firing()).length]).toEqual([1, 1, 0]);
    expect(posted(hook.taken[0] ?? "").data.findings).toEqual([]);
    expect([...slack.faults, ...hook.faults]).toEqual([]);
  });

  it("a secret that is missing is a mistake of the config, with its path", async () => {
    env = { SLACK_TOKEN: slackBotToken };
    const { code, stderr } = await scan(end);
    expect(code).toBe(2);
    expect(stderr).toContain("channels.siem: the environment variable HOOK is not set");
    expect(stderr).toContain("channels.siem: the environment variable HOOK_SECRET is not set");
  });

  it("the schema of what the webhook posts is known", async () => {
    const { stdout } = await runScout(["schema", "webhook"]);
    expect(JSON.parse(stdout).properties.specversion.const).toBe("1.0");
  });
});
