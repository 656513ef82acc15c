import type { ChildProcess } from "node:child_process";
import { watch, writeFileSync } from "node:fs";
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
  const config = (name = "egress-scout") => join(held.dir, `${name}.yaml`);

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
      { from: end - 60 * minute, to: end + 130 * minute, everyMs: 15_000 },
    );
    const plain = `clusters: [{ name: prod-eu, prometheus: { url: "${held.prometheus.url}" } }]
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
`;
    writeFileSync(config(), plain);
    writeFileSync(config("fallback"), plain.replaceAll(/(slack: .*) }$/gm, "$1, fallback: security }"));
    const quiet = '{ from: "13:00", to: "15:00", zone: Europe/Berlin, except: none }';
    writeFileSync(config("quiet"), `${plain}teams: { payments: { channels: [slack-payments], quiet: ${quiet} } }\n`);
    const policy = "{ name: stripe, deny: [api.stripe.com] }";
    writeFileSync(config("policy"), `${plain}policies: [${policy}]\nnotify: { repeat: 30m }\n`);
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

  /** Facts of a run, in the order in which they come about; each kills it there. */
  const moments: [name: string, moment: () => Promise<void>][] = [
    ["it takes the lease", () => changed("db-lock", 1)],
    ["it opens the state", () => changed("db-wal", 1)],
    ["it writes the state", () => changed("db-wal", 3)],
    ["Slack hears of it", () => slack.gets(slack.got.length + 1)],
    ["a message is struck off", () => changed("db-wal", 5)],
    ["SNS hears of it", () => sns.gets(sns.got.length + 1)],
    ["Slack hears of it again", () => slack.gets(slack.got.length + 2)],
    ["SNS hears of it again", () => sns.gets(sns.got.length + 2)],
  ];

  let over = () => {};
  /** Resolves when the system tells of the nth change of a file of the state. */
  async function changed(what: string, nth: number): Promise<void> {
    const watcher = watch(held.dir);
    let times = 0;
    await new Promise<void>((resolve) => {
      watcher.on("change", (_, name) => {
        if (String(name).startsWith(`${run}.${what}`) && ++times >= nth) resolve();
      });
      over = resolve;
    });
    watcher.close();
  }

  async function killed(moment: () => Promise<void>, at: number, ...more: string[]): Promise<void> {
    const args = ["scan", "--config", config(), "--state", state, "--at", String(at / 1000), ...more];
    const started = (child: ChildProcess) => void moment().then(() => child.kill("SIGKILL"));
    expect((await runScout(args, { env, started })).code).toBe(null);
    over();
  }

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

  it.each(moments)(
    "a run that is killed when %s loses nothing, and repeats at worst with the same id",
    async (_, at) => {
      await killed(at, end);
      expect((await scan(end + minute)).code).toBe(0);
      expect({
        slack: new Set(slack.taken).size,
        sns: new Set(sns.taken.map((body) => snsFields(body).Message)).size,
      }).toEqual({ slack: 2, sns: 2 });
    },
  );

  it("a channel that is down for an hour has its messages told to its fallback, once, and the run says so", async () => {
    const down = { status: 503, body: "away" };
    const more = ["--config", config("fallback")];
    slack.behave(...Array(12).fill(down));
    const first = await scan(end, ...more);
    expect(first.code).toBe(1);
    const held = await scan(end + 30_000, ...more);
    expect(held.stderr).toMatch(/slack-payments could not be told: .*; not tried again before 2026-11-20 12:01 UTC/);
    expect([slack.got.length, sns.taken.length]).toEqual([4, 2]);
    const late = await scan(end + 60 * minute, ...more);
    expect(late.code).toBe(1);
    expect(late.stderr).toMatch(/slack-payments could not be told: .*; 1 message went to security$/m);
    expect(slack.taken).toEqual([]);
    const texts = sns.taken.map((body) => snsFields(body).Message ?? "");
    expect(texts.filter((text) => text.includes("It comes here since slack-payments could not be told"))).toHaveLength(
      1,
    );
    // Two by the route, and of the rest only what the route did not tell: nobody reads it twice.
    expect(texts).toHaveLength(3);
    const { findings }: ScanDocument = JSON.parse(first.stdout);
    for (const { id } of findings) expect([id, texts.filter((text) => text.includes(id)).length]).toEqual([id, 1]);
    expect(await scan(end + 65 * minute, ...more)).toMatchObject({ code: 0, stderr: "" });
    expect(sns.taken).toHaveLength(3);
  });

  it("messages wait for the end of quiet hours, and the run is well", async () => {
    const more = ["--config", config("quiet")];
    expect(await scan(end, ...more)).toMatchObject({ code: 0, stderr: "" });
    // Those of the other owner, and those of the route.
    expect({ slack: slack.taken.length, sns: sns.taken.length }).toEqual({ slack: 1, sns: 2 });
    await scan(end + 2 * 60 * minute - 1000, ...more);
    expect(slack.taken).toHaveLength(1);
    await scan(end + 2 * 60 * minute, ...more);
    expect(slack.taken).toHaveLength(2);
  });

  it.each(moments.slice(0, 5))("a run that repeats and is killed when %s tells it, under one id", async (_, at) => {
    const more = ["--config", config("policy")];
    await scan(end, ...more);
    const before = slack.taken.length;
    await killed(at, end + 30 * minute, ...more);
    expect((await scan(end + 31 * minute, ...more)).code).toBe(0);
    const repeats = slack.taken.slice(before).filter((body) => body.includes("Still open: "));
    expect(new Set(repeats.map((body) => /msg-[0-9a-f]{16}/.exec(body)?.[0])).size).toBe(1);
    await scan(end + 32 * minute, ...more);
    expect(slack.taken.slice(before).filter((body) => body.includes("Still open: "))).toEqual(repeats);
  });

  it("--fail-on-findings: exit 3 with findings, 0 without", async () => {
    expect((await scan(end, "--fail-on-findings")).code).toBe(3);
    expect((await scan(end + minute, "--fail-on-findings")).code).toBe(0);
  });
});
