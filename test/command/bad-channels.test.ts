/** Runs whose channels misbehave, each in every way: the others get theirs, the run says so, and a later run tells what is due. */
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ScanDocument } from "../../lib/report/scan-schema.ts";
import type { Behaviour, Receiver } from "../receivers/receiver.ts";
import { slackReceiver, slackSecret, slackUrl } from "../receivers/slack.ts";
import { type SlackApi, slackApi, slackBotToken } from "../receivers/slack-api.ts";
import { snsCredentials, snsFields, snsReceiver } from "../receivers/sns.ts";
import { hookSecret, hookSecrets, hookUrl, posted, webhookReceiver } from "../receivers/webhook.ts";
import { type HeldPast, holdPast } from "./past.ts";
import { runScout } from "./run-scout.ts";

const minute = 60_000;
const end = Date.UTC(2026, 10, 20, 12);
const names = ["bot", "hook", "siem", "topic"] as const;
type Name = (typeof names)[number];

describe("channels that misbehave", () => {
  let held: HeldPast;
  let parties: Record<Name, Receiver> & { bot: SlackApi };
  let run = 0;
  let state = "";
  let env: Record<string, string>;

  beforeAll(async () => {
    held = await holdPast(
      (mesh, timetable) => {
        const checkout = mesh.pod({ namespace: "payments", workload: "checkout" });
        const call = (sni: string, to: string) => () => checkout.tls({ sni, to: `${to}:443` });
        timetable.at(end - 30 * minute, call("known.example.com", "198.51.100.1"));
        timetable.at(end - 3 * minute, call("new.example.com", "198.51.100.2"));
        timetable.at(end + 61 * minute, call("later.example.com", "198.51.100.3"));
      },
      { from: end - 60 * minute, to: end + 130 * minute, everyMs: 60_000 },
    );
    await opened();
    expect((await scan(end - 10 * minute)).code).toBe(0);
    copyFileSync(join(held.dir, "0.db"), join(held.dir, "learned.db"));
    await closed();
  });
  beforeEach(async () => {
    run += 1;
    await opened();
    copyFileSync(join(held.dir, "learned.db"), join(held.dir, `${run}.db`));
    return closed;
  });
  afterAll(() => held.stop());

  async function opened() {
    const [bot, hook, siem, topic] = await Promise.all([
      ...([slackApi(), slackReceiver(), webhookReceiver(), snsReceiver()] as const),
    ]);
    parties = { bot, hook, siem, topic };
    state = `sqlite:${join(held.dir, `${run}.db`)}`;
    env = {
      ...{ SLACK: slackUrl(hook), SLACK_TOKEN: slackBotToken, HOOK: hookUrl(siem), HOOK_SECRET: hookSecret },
      ...{ AWS_ENDPOINT_URL_SNS: topic.url, AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null" },
      AWS_ACCESS_KEY_ID: snsCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: snsCredentials.secretAccessKey,
      AWS_SESSION_TOKEN: snsCredentials.sessionToken,
    };
    writeFileSync(
      join(held.dir, "egress-scout.yaml"),
      `clusters: [{ name: prod-eu, prometheus: { url: "${held.prometheus.url}" } }]
owners: [{ team: payments, channels: [bot, hook, siem, topic] }]
channels:
  bot: { slack: { token: { env: SLACK_TOKEN }, channel: "#payments" } }
  hook: { slack: { webhook: { env: SLACK } } }
  siem: { webhook: { url: { env: HOOK }, secret: { env: HOOK_SECRET }, timeout: 1s } }
  topic: { sns: { topicArn: "arn:aws:sns:eu-west-1:123456789012:egress" } }
slack: { apiUrl: "${bot.apiUrl}" }
enrich: { dns: { servers: ["127.0.0.1:1"] } }
`,
    );
  }
  const closed = async () => void (await Promise.all(Object.values(parties).map((one) => one.close())));
  const scan = (at: number) =>
    runScout(
      [
        "scan",
        ...["--config", join(held.dir, "egress-scout.yaml"), "--state", state, "--at", String(at / 1000)],
        ...["--format", "json"],
      ],
      { env },
    );
  const untold = (text: string) => {
    const { findings }: ScanDocument = JSON.parse(text);
    return findings.flatMap((one) => one.notified.filter(({ ok }) => !ok).map(({ channel }) => channel)).sort();
  };
  // Slack's no has status 200: what counts is what stands in the channel.
  const taken = () =>
    Object.fromEntries(
      names.map((name) => [name, name === "bot" ? parties.bot.messages.length : parties[name].taken.length]),
    );
  const each = (change: Partial<Record<Name, number>> = {}) => ({ bot: 1, hook: 1, siem: 1, topic: 1, ...change });

  type Trouble = [who: Name, how: string, does: Behaviour | ((bot: SlackApi) => void), code: string, said: string];
  const gone: Behaviour = { status: 404, body: "no_service" };
  const all: Trouble[] = [
    ["bot", "answers 200 with ok:false", "not-ok", "refused", "no reason given"],
    [
      "bot",
      "has revoked the token",
      (bot) => bot.refuse("chat.postMessage", "token_revoked"),
      "refused",
      "token_revoked",
    ],
    [
      "bot",
      "has an internal error, with status 200",
      (bot) => bot.refuse("chat.postMessage", "internal_error"),
      "unavailable",
      "internal_error",
    ],
    ["bot", "answers 500", "server-error", "unavailable", "status 500"],
    ["bot", "answers HTML", "html", "refused", "did not answer chat.postMessage as Slack does"],
    ["bot", "closes the connection", "reset", "unavailable", "the connection failed"],
    ["hook", "answers 200 with ok:false", "not-ok", "refused", "did not answer ok"],
    ["hook", "has revoked the webhook", gone, "refused", "no_service"],
    ["hook", "answers 500", "server-error", "unavailable", "status 500"],
    ["hook", "answers HTML", "html", "refused", "did not answer ok"],
    ["hook", "closes the connection", "reset", "unavailable", "the connection failed"],
    ["siem", "drips", "drip", "unavailable", "no whole answer within 1 s"],
    ["siem", "answers nothing", "hang", "unavailable", "no whole answer within 1 s"],
    ["siem", "answers 500", "server-error", "unavailable", "status 502"],
    ["siem", "knows the secret no longer", "refuse", "refused", "status 403"],
    ["topic", "is gone", "refuse", "refused", "NotFound"],
    ["topic", "answers 500", "server-error", "unavailable", "status 500"],
    ["topic", "answers HTML", "html", "refused", "what answered is not SNS"],
    ["topic", "has too much to do", "rate-limited", "rate-limited", "Throttled"],
  ];
  it.each(all)("%s %s", async (who, _, does, code, said) => {
    if (typeof does === "function") does(parties.bot);
    else parties[who].behave(does, does);
    const first = await scan(end);
    expect(first.code).toBe(1);
    const [line = ""] = first.stderr.trimEnd().split("\n");
    expect(line).toContain(`channel/${code}: ${who} could not be told: `);
    expect(line).toContain(said);
    expect(first.stderr).toContain("1 message kept for the next run");
    expect(first.stderr.match(/could not be told/g)).toHaveLength(1);
    for (const secret of [slackSecret, slackBotToken, ...hookSecrets, ...Object.values(snsCredentials)])
      expect(first.stdout + first.stderr).not.toContain(secret);
    expect(untold(first.stdout)).toEqual([who]);
    expect(taken()).toEqual(each({ [who]: 0 }));
    const tried = parties[who].got[0]?.body;

    parties.bot.refuse("chat.postMessage", null);
    parties[who].behave();
    expect(await scan(end + 2 * minute)).toMatchObject({ code: 0, stderr: "" });
    expect(taken()).toEqual(each());
    // The same message, under the same id.
    expect(parties[who].got.at(-1)?.body).toBe(tried);
    expect(await scan(end + 4 * minute)).toMatchObject({ code: 0, stderr: "" });
    expect(taken()).toEqual(each());
  });

  it.each([
    ["bot", 3600, 60],
    ["hook", 7200, 120],
    ["siem", 1800, 30],
  ] as const)("%s wants a pause of %i s: it is not tried before", async (who, seconds, minutes) => {
    parties[who].retryAfter = String(seconds);
    parties[who].behave("rate-limited");
    const first = await scan(end);
    expect(first.code).toBe(1);
    expect(first.stderr).toContain(`has too much to do, to be tried again in ${seconds} s`);
    expect(taken()).toEqual(each({ [who]: 0 }));
    const early = await scan(end + minutes * minute - 1000);
    expect(early.code).toBe(1);
    const due = new Date(end + minutes * minute).toISOString().slice(0, 16).replace("T", " ");
    expect(early.stderr).toContain(`channel/rate-limited: ${who} could not be told: `);
    expect(early.stderr).toContain(`not tried again before ${due} UTC`);
    expect(parties[who].got).toHaveLength(1);
    const more = minutes > 60 ? 2 : 1;
    expect(await scan(end + minutes * minute)).toMatchObject({ code: 0, stderr: "" });
    expect(parties[who].taken).toHaveLength(more);
  });

  it("Slack and SNS that answer nothing: the webhook gets its message, and the run ends", async () => {
    for (const who of ["bot", "hook", "topic"] as const) parties[who].behave("hang", "hang");
    const first = await scan(end);
    expect(first.code).toBe(1);
    for (const who of ["bot", "hook", "topic"])
      expect(first.stderr).toMatch(new RegExp(`channel/unavailable: ${who} could not be told: .*no whole answer`));
    expect(untold(first.stdout)).toEqual(["bot", "hook", "topic"]);
    expect(taken()).toEqual({ bot: 0, hook: 0, siem: 1, topic: 0 });
    for (const who of ["bot", "hook", "topic"] as const) parties[who].behave();
    expect(await scan(end + 2 * minute)).toMatchObject({ code: 0, stderr: "" });
    expect(taken()).toEqual(each());
  }, 60_000);

  it("one message that Slack never takes does not keep the later ones from it", async () => {
    const bad = { status: 500, body: "rollup_error" };
    let at = end;
    parties.hook.behave(...Array(6).fill(bad));
    for (const minutes of [0, 2, 10]) {
      at = end + minutes * minute;
      expect((await scan(at)).code).toBe(1);
    }
    expect(parties.hook.got).toHaveLength(6);
    // The channel waits for its hour at most; then what is new goes first.
    parties.hook.behave("ok", bad, bad);
    const last = await scan(end + 62 * minute);
    expect(last.code).toBe(1);
    expect(last.stderr).toContain("1 message kept for the next run");
    const hosts = () => parties.hook.taken.map((body) => /(new|later)\.example/.exec(body)?.[1]);
    expect(hosts()).toEqual(["later"]);
    parties.hook.behave();
    expect(await scan(end + 125 * minute)).toMatchObject({ code: 0, stderr: "" });
    expect(hosts()).toEqual(["later", "new"]);
    expect(posted(parties.siem.taken[0] ?? "").data.findings).toHaveLength(1);
    expect(snsFields(parties.topic.taken[0] ?? "").Message).toContain("new.example.com");
  });
});
