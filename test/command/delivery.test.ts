import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ScanDocument } from "../../lib/report/scan-schema.ts";
import type { Receiver } from "../receivers/receiver.ts";
import { slackReceiver, slackSecret, slackUrl } from "../receivers/slack.ts";
import { snsAttributes, snsCredentials, snsFields, snsReceiver } from "../receivers/sns.ts";
import { type HeldPast, holdPast } from "./past.ts";
import { runScout } from "./run-scout.ts";

const minute = 60_000;
const end = Date.UTC(2026, 10, 20, 12);

describe("one message for each owner and run", () => {
  let held: HeldPast;
  let slack: Receiver;
  let sns: Receiver;
  let run = 0;
  let state = "";
  let env: Record<string, string>;
  const config = () => join(held.dir, "egress-scout.yaml");

  beforeAll(async () => {
    held = await holdPast(
      (mesh, timetable) => {
        const checkout = mesh.pod({ namespace: "payments", workload: "checkout" });
        const web = mesh.pod({ namespace: "shop", workload: "web" });
        timetable.at(end - 30 * minute, () => web.http({ host: "known.example.com", to: "198.51.100.1:80" }));
        timetable.at(end - 3 * minute, () => {
          checkout.tls({ sni: "api.stripe.com", to: "198.51.100.2:443" });
          checkout.http({ host: "<!channel>", to: "198.51.100.3:80" });
          checkout.tcp({ to: "203.0.113.9:5432" });
          web.http({ host: "new.example.com", to: "198.51.100.4:80", blocked: true });
        });
      },
      { from: end - 60 * minute, to: end, everyMs: 15_000 },
    );
    writeFileSync(
      config(),
      `clusters: [{ name: prod-eu, prometheus: { url: "${held.prometheus.url}" } }]
owners:
  - { match: { namespace: "pay*" }, team: payments, channels: [slack-payments] }
  - { team: platform, channels: [slack-platform] }
channels:
  slack-payments: { slack: { webhook: { env: SLACK } } }
  slack-platform: { slack: { webhook: { file: ./webhook } } }
  security: { sns: { topicArn: "arn:aws:sns:eu-west-1:123456789012:egress" } }
routes: [{ match: { severity: warning }, channels: [security] }]
enrich: { dns: { servers: ["127.0.0.1:1"] } }
state: "memory:"
`,
    );
  });
  beforeEach(async () => {
    slack = await slackReceiver();
    sns = await snsReceiver();
    writeFileSync(join(held.dir, "webhook"), `${slackUrl(slack)}\n`);
    env = {
      SLACK: slackUrl(slack),
      AWS_ENDPOINT_URL_SNS: sns.url,
      AWS_ACCESS_KEY_ID: snsCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: snsCredentials.secretAccessKey,
      AWS_SESSION_TOKEN: snsCredentials.sessionToken,
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    };
    state = `sqlite:${join(held.dir, `${++run}.db`)}`;
    expect((await scan(end - 10 * minute)).code).toBe(0);
    expect([...slack.got, ...sns.got]).toEqual([]);
    return async () => {
      await slack.close();
      await sns.close();
    };
  });
  afterAll(() => held.stop());

  const scan = (at: number, ...more: string[]) =>
    runScout(["scan", "--config", config(), "--state", state, "--at", String(at / 1000), "--format", "json", ...more], {
      env,
    });
  const notified = (text: string) => {
    const { findings }: ScanDocument = JSON.parse(text);
    return findings
      .flatMap((one) => one.notified.map(({ channel, reason, ok }) => `${one.owner.team} ${channel} ${reason} ${ok}`))
      .sort();
  };

  it("tells each owner once, and those whom a route adds", async () => {
    const { code, stdout, stderr } = await scan(end);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(notified(stdout)).toEqual([
      "payments security first true",
      "payments security first true",
      "payments slack-payments first true",
      "payments slack-payments first true",
      "payments slack-payments first true",
      "platform security first true",
      "platform slack-platform first true",
    ]);
    expect({ slack: slack.taken.length, sns: sns.taken.length }).toEqual({ slack: 2, sns: 2 });
    expect([...slack.faults, ...sns.faults]).toEqual([]);
    const teams = sns.taken.map((body) => snsAttributes(body).team);
    expect(teams.sort()).toEqual([
      ["String", "payments"],
      ["String", "platform"],
    ]);
    await scan(end);
    await scan(end + 5 * minute);
    expect({ slack: slack.got.length, sns: sns.got.length }).toEqual({ slack: 2, sns: 2 });
  });

  it("a channel that is down gets its message later, with the same id; the others need not wait", async () => {
    slack.behave("server-error", "server-error", "server-error", "server-error");
    const first = await scan(end);
    expect(first.code).toBe(1);
    expect(first.stderr.trimEnd().split("\n")).toHaveLength(2);
    expect(first.stderr).toMatch(/channel\/unavailable: slack-payments could not be told: .*kept for the next run/);
    expect(notified(first.stdout).filter((one) => one.endsWith("false"))).toHaveLength(4);
    expect(sns.taken).toHaveLength(2);
    expect(first.stdout + first.stderr).not.toContain(slackSecret);
    const tried = new Set(slack.got.map((one) => one.body));
    const second = await scan(end + 5 * minute);
    expect(second).toMatchObject({ code: 0, stderr: "" });
    expect(slack.taken).toHaveLength(2);
    for (const body of slack.taken) expect(tried).toContain(body);
    expect(sns.taken).toHaveLength(2);
  });

  it("a dry run says who would be told, and tells nobody", async () => {
    const { code, stdout } = await scan(end, "--dry-run");
    expect(code).toBe(0);
    const { wouldSend, findings }: ScanDocument = JSON.parse(stdout);
    expect(wouldSend?.map((one) => `${one.channel} ${one.findings}`).sort()).toEqual([
      "security 1",
      "security 2",
      "slack-payments 3",
      "slack-platform 1",
    ]);
    expect(findings.flatMap((one) => one.notified)).toEqual([]);
    expect([...slack.got, ...sns.got]).toEqual([]);
    expect((await scan(end)).code).toBe(0);
    expect(slack.taken).toHaveLength(2);
  });

  it("two runs at once tell everything once", async () => {
    const both = await Promise.all([scan(end), scan(end)]);
    expect(both.map((one) => one.code)).toEqual([0, 0]);
    expect(both.map((one) => JSON.parse(one.stdout).findings.length).sort()).toEqual([0, 4]);
    expect({ slack: slack.taken.length, sns: sns.taken.length }).toEqual({ slack: 2, sns: 2 });
  });

  it.each([20, 60, 120, 180, 240, 320])(
    "a run that is killed after %d ms loses nothing, and repeats at worst with the same id",
    async (delay) => {
      // The one place where a test waits for time to pass: the kill is to strike anywhere in a run, which takes some 250 ms.
      let hit: NodeJS.Timeout | undefined;
      await runScout(["scan", "--config", config(), "--state", state, "--at", String(end / 1000)], {
        env,
        started: (child) => {
          hit = setTimeout(() => child.kill("SIGKILL"), delay);
        },
      });
      clearTimeout(hit);
      expect((await scan(end + minute)).code).toBe(0);
      expect({
        slack: new Set(slack.taken).size,
        sns: new Set(sns.taken.map((body) => snsFields(body).Message)).size,
      }).toEqual({ slack: 2, sns: 2 });
    },
  );

  it("--fail-on-findings: exit 3 with findings, 0 without", async () => {
    expect((await scan(end, "--fail-on-findings")).code).toBe(3);
    expect((await scan(end + minute, "--fail-on-findings")).code).toBe(0);
  });
});
