/** `serve` as Slack and programs use it: buttons of messages that a real scan has posted, pressed over HTTP; and bearer tokens. */
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ScanDocument } from "../../lib/report/scan-schema.ts";
import { verdictsSchema } from "../../lib/report/verdicts.ts";
import { slackReceiver } from "../receivers/slack.ts";
import { type SlackApi, slackApi, slackBotToken } from "../receivers/slack-api.ts";
import { type HeldPast, holdPast } from "./past.ts";
import { runScout } from "./run-scout.ts";
import { type Pressed, pressForm, type Served, serveScout, signed, signingSecret } from "./serve-scout.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const end = Math.floor(Date.now() / minute) * minute - minute;
const begin = end - 3 * hour;
const learned = begin + 30 * minute;
const found = begin + 40 * minute;
const tokens = { ONE: "first-token-of-two", TWO: "second-token-of-two" };

let held: HeldPast;
let slack: SlackApi;
let served: Served | null = null;
let run = 0;

beforeAll(async () => {
  held = await holdPast(
    (mesh, timetable) => {
      const web = mesh.pod({ namespace: "shop", workload: "web" });
      timetable.at(begin + minute, () => web.tls({ sni: "known.example.com", to: "198.51.100.1:443" }));
      timetable.every({ from: learned + 2 * minute, to: end, everyMs: minute }, () => {
        web.http({ host: "never.example.com", to: "198.51.100.2:80" });
      });
      timetable.at(learned + 3 * minute, () => web.http({ host: "new.example.com", to: "198.51.100.3:80" }));
      timetable.at(found + 5 * minute, () => web.http({ host: "new.example.com", to: "198.51.100.3:80", times: 3 }));
      timetable.at(found + 65 * minute, () => web.http({ host: "new.example.com", to: "198.51.100.3:80" }));
    },
    { from: begin, to: end, everyMs: 15_000 },
  );
});
afterAll(() => held.stop());
beforeEach(async () => {
  slack = await slackApi();
  run += 1;
});
afterEach(async () => {
  await served?.stop();
  served = null;
  const { faults } = slack;
  await slack.close();
  expect(faults).toEqual([]);
});

const path = (file: string) => join(held.dir, `${run}-${file}`);
const env = () => ({ SLACK_TOKEN: slackBotToken, SIGNING: signingSecret, USER: "bob", ...tokens });
const at = (time: number) => ["--at", String(time / 1000), "--learn", "1h"];

function configure({ allow = "[U012AB3CD]", more = "", signing = "signingSecret: { env: SIGNING }, " } = {}): void {
  writeFileSync(
    path("config.yaml"),
    `clusters: [{ name: prod, prometheus: { url: "${held.prometheus.url}" } }]
owners: [{ team: shop, channels: [slack] }]
channels: { slack: { slack: { token: { env: SLACK_TOKEN }, channel: "#payments" } } }
slack: { ${signing}allow: ${allow}, apiUrl: "${slack.apiUrl}" }
policies: [{ name: never, deny: [never.example.com] }]
notify: { repeat: 10m, backoff: 1 }
enrich: { dns: { servers: ["127.0.0.1:1"] } }
state: sqlite:${run}.db
${more}`,
  );
}
async function scan(time: number, ...more: string[]): Promise<ScanDocument> {
  const args = ["scan", "--config", path("config.yaml"), "--format", "json", ...at(time), ...more];
  const { code, stdout, stderr } = await runScout(args, { env: env() });
  if (code !== 0) throw new Error(`exit ${code}: ${stderr}`);
  return JSON.parse(stdout);
}
const verdicts = async () => {
  const { stdout } = await runScout(["verdict", "list", "--config", path("config.yaml"), "--format", "json"]);
  return verdictsSchema.parse(JSON.parse(stdout)).verdicts;
};
const brief = ({ findings }: ScanDocument) =>
  findings
    .map(({ kind, severity, destination: { host }, notified }) =>
      [kind, severity, host, ...notified.map(({ reason }) => reason)].join(" "),
    )
    .sort();

/** Learns, finds, serves; `ids` by kind and host. */
async function begun(settings: Parameters<typeof configure>[0] = {}) {
  configure(settings);
  await scan(learned);
  const { findings } = await scan(found);
  served = await serveScout(["--config", path("config.yaml")], { env: env() });
  const id = (kind: string, host = "new.example.com") =>
    findings.find((one) => one.kind === kind && one.destination.host === host)?.id ?? "";
  return { served, findings, id };
}

/** Every button of what Slack was told, as Slack has it. */
function buttonsIn(messages: SlackApi["messages"]): { action_id: string; value: string }[] {
  return messages
    .flatMap(({ post }) => (Array.isArray(post.blocks) ? post.blocks : []))
    .flatMap((block) => (block.type === "actions" ? block.elements : []));
}
function button(action: string, id: string): { action: string; value: string } {
  const one = buttonsIn(slack.messages).find(({ action_id, value }) => action_id === action && value.includes(id));
  if (one === undefined) throw new Error(`no button ${action} for ${id}`);
  return { action, value: one.value };
}

const send = (body: string, headers: Record<string, string>) =>
  fetch(`${served?.url}/slack/actions`, { method: "POST", body, headers });
async function press(pressed: Pressed, time = Date.now()): Promise<Response> {
  const body = pressForm({ responseUrl: slack.responseUrl, ...pressed });
  return await send(body, signed(body, time));
}
/** What the one who pressed reads. */
const said = (index: number) =>
  slack.replies
    .at(index)
    ?.blocks.map(({ text }) => text.text)
    .join("\n");
const seconds = (time: number) => Math.floor(time / 1000) * 1000;
const problemOf = async (response: Response): Promise<{ title: string; detail: string }> => {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const body = JSON.parse(await response.text());
  expect(body).toMatchObject({ type: "about:blank", title: expect.any(String), status: response.status });
  return body;
};

describe("buttons of a message that a scan has posted", () => {
  it("snooze: it is in the list, and the next scan is silent, which would have told it again", async () => {
    const { id } = await begun();
    copyFileSync(path("config.yaml").replace("-config.yaml", ".db"), path("untouched.db"));
    const violation = id("policy-violation", "never.example.com");
    const time = Date.now();
    const response = await press(button("snooze-7d", violation), time);
    expect([response.status, await response.text()]).toEqual([200, ""]);
    const kept = await verdicts();
    const until = new Date(seconds(time) + 7 * day).toISOString();
    expect(kept.find((one) => one.id === violation)).toEqual({
      ...{ id: violation, cluster: "prod", verdict: "snoozed", reason: null, by: "slack:ada (U012AB3CD)", until },
      at: new Date(seconds(time)).toISOString(),
      cluster: "prod",
    });
    expect(slack.replies).toHaveLength(1);
    expect(said(0)).toMatch(
      new RegExp(
        `^${violation} \\(policy-violation of shop/web to never\\.example\\.com:80\\): snoozed, until .* UTC\\.`,
      ),
    );
    const told = slack.messages.length;
    expect(brief(await scan(found + 30 * minute)).filter((one) => /repeat|first|changed/.test(one))).toEqual([]);
    expect(slack.messages).toHaveLength(told);
    await scan(found + 30 * minute, "--state", `sqlite:${path("untouched.db")}`);
    expect(JSON.stringify(slack.messages.slice(told))).toContain("never.example.com");
  });

  it("deny: the next call is critical; expected: it is silent again", async () => {
    const { id } = await begun();
    const one = id("new-destination");
    expect((await press(button("deny", one))).status).toBe(200);
    expect(await verdicts()).toMatchObject([{ id: one, verdict: "denied", until: null }]);
    expect(brief(await scan(found + 10 * minute))).toContain("new-destination critical new.example.com changed");
    expect((await press(button("expected", one), Date.now() + 1000)).status).toBe(200);
    const told = slack.messages.length;
    const later = brief(await scan(found + 70 * minute));
    expect(later.filter((line) => line.includes("new.example.com"))).toEqual([]);
    expect(
      slack.messages
        .slice(told)
        .flatMap(({ post }) => JSON.stringify(post))
        .join(),
    ).not.toContain("new.example.com");
  });

  it("acknowledge is for a day; the same request again is the same verdict; an older one takes nothing back", async () => {
    const { id } = await begun();
    const pressed = button("acknowledge", id("new-destination"));
    const time = Date.now();
    const body = pressForm({ ...pressed, responseUrl: slack.responseUrl });
    const headers = signed(body, time - 60_000);
    await send(body, headers);
    const first = await verdicts();
    expect(first).toMatchObject([{ until: new Date(seconds(time - 60_000) + day).toISOString() }]);
    expect((await send(body, headers)).status).toBe(200);
    expect(await verdicts()).toEqual(first);
    expect(slack.replies[1]).toEqual(slack.replies[0]);
    await press(button("deny", id("new-destination")), time);
    expect((await send(body, headers)).status).toBe(200);
    expect(await verdicts()).toMatchObject([{ verdict: "denied" }]);
    expect(said(-1)).toContain("was decided after this button was pressed");
  });

  it("show manifest: the YAML of the scan, whole, to whoever asks; of what is denied there is none", async () => {
    const { id, findings } = await begun();
    const one = id("new-destination");
    const yaml = findings.find((finding) => finding.id === one)?.suggestions[0]?.yaml ?? "";
    expect(yaml).toContain("kind: ServiceEntry");
    const response = await press({ ...button("show-manifest", one), user: { id: "U0SOMEBODY", username: "eve" } });
    expect([response.status, await response.text()]).toEqual([200, ""]);
    const shown = said(0) ?? "";
    expect(shown.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&")).toContain(yaml);
    expect(await verdicts()).toEqual([]);
    await press({ action: "deny", value: one });
    await press({ action: "show-manifest", value: one });
    expect(said(-1)).toBe(`${one}: denied by "slack:ada (U012AB3CD)", so no manifest opens it.`);
  });

  it("the reviewed file wins, and the one who pressed reads so", async () => {
    writeFileSync(path("verdicts.yaml"), "verdicts: []\n");
    const { id } = await begun({ more: `verdicts: ./${run}-verdicts.yaml\n` });
    const one = id("new-destination");
    writeFileSync(path("verdicts.yaml"), `verdicts: [{ id: "${one}", verdict: approved, by: eve }]\n`);
    await press(button("deny", one));
    expect(said(0)).toContain(`The reviewed file says approved of ${one} by eve, and the file wins.`);
    expect(await verdicts()).toMatchObject([{ id: one, verdict: "approved" }]);
  });

  it("a webhook's messages have the same buttons; its manifests are not remembered, and the reply says how to get them", async () => {
    const hook = await slackReceiver();
    const settings = path("config.yaml");
    configure({ more: "" });
    const { readFileSync } = await import("node:fs");
    const text = readFileSync(settings, "utf8").replace(
      'token: { env: SLACK_TOKEN }, channel: "#payments"',
      "webhook: { env: HOOK }",
    );
    writeFileSync(settings, text);
    const withHook = { ...env(), HOOK: `${hook.url}/services/T0SECRET1/B0SECRET2/xyzzySecretToken42` };
    for (const time of [learned, found])
      expect((await runScout(["scan", "--config", settings, ...at(time)], { env: withHook })).stderr).toBe("");
    served = await serveScout(["--config", settings], { env: withHook });
    const [row] = JSON.parse(hook.taken[0] ?? "{}").blocks.filter(
      (block: { type: string }) => block.type === "actions",
    );
    for (const action of ["expected", "show-manifest"]) {
      const { value } = row.elements.find((one: { action_id: string }) => one.action_id === action) ?? row.elements[0];
      expect((await press({ action, value })).status).toBe(200);
    }
    expect((await verdicts()).length).toBeGreaterThan(0);
    expect(said(-1)).toMatch(/its manifest is not remembered: 'egress-scout plan' makes it anew|no manifest/);
    await hook.close();
  });
});

describe("who may decide, and what is no press of a button", () => {
  it("somebody who is not on the list decides nothing, and reads who may", async () => {
    const { id } = await begun({ allow: "[U0AAAAAAA, U012AB3CD]" });
    const user = { id: "U0EVE", username: "eve", name: "eve" };
    expect((await press({ ...button("deny", id("new-destination")), user })).status).toBe(200);
    expect(await verdicts()).toEqual([]);
    expect(said(0)).toBe("Nothing is decided: that is for <@U0AAAAAAA>, <@U012AB3CD> (`slack.allow` of the config).");
  });

  it("on an empty list nobody is", async () => {
    const { id } = await begun({ allow: "[]" });
    await press(button("deny", id("new-destination")));
    expect(await verdicts()).toEqual([]);
    expect(said(0)).toContain("nobody may decide by button here");
  });

  it("what is not signed by Slack, now, as it came, is refused: 401, and nothing is decided", async () => {
    const { id } = await begun();
    const body = pressForm({ ...button("deny", id("new-destination")), responseUrl: slack.responseUrl });
    const good = signed(body);
    const { "x-slack-signature": signature = "", "x-slack-request-timestamp": time = "" } = good;
    const bad: [what: string, body: string, headers: Record<string, string>][] = [
      ["no signature", body, { "content-type": good["content-type"] ?? "" }],
      ["no timestamp", body, { "x-slack-signature": signature }],
      ["another secret", body, signed(body, Date.now(), "another")],
      ["an empty secret", body, signed(body, Date.now(), "")],
      ["a changed body", `${body}+`, good],
      ["a time changed", body, { ...good, "x-slack-request-timestamp": String(Number(time) - 1) }],
      ["six minutes ago", body, signed(body, Date.now() - 6 * minute)],
      ["in six minutes", body, signed(body, Date.now() + 6 * minute)],
      ["no time", body, { ...good, "x-slack-request-timestamp": "now" }],
      ["time as a float", body, { ...good, "x-slack-request-timestamp": `${time}.0` }],
      ["shorter", body, { ...good, "x-slack-signature": signature.slice(0, -1) }],
      ["empty", body, { ...good, "x-slack-signature": "" }],
      ["upper case", body, { ...good, "x-slack-signature": signature.toUpperCase() }],
      ["another version", body, { ...good, "x-slack-signature": signature.replace("v0", "v1") }],
    ];
    for (const [what, sent, headers] of bad) {
      const response = await send(sent, headers);
      expect([what, response.status]).toEqual([what, 401]);
      expect((await problemOf(response)).title).toBe("Unauthorized");
    }
    expect(await verdicts()).toEqual([]);
    expect(slack.replies).toEqual([]);
    expect(served?.stderr()).not.toContain(signingSecret);
  });

  it("what is signed and no press is refused: 400 or 413, and nothing is decided", async () => {
    const { id } = await begun();
    const one = id("new-destination");
    const usual = Object.fromEntries(new URLSearchParams(pressForm({ value: one })));
    const payload = JSON.parse(usual.payload ?? "");
    const bad: [what: string, body: string, status: number][] = [
      ["empty", "", 400],
      ["no payload", "a=b", 400],
      ["two payloads", `${pressForm({ value: one })}&payload={}`, 400],
      ["no JSON", "payload=%7B", 400],
      ["no object", "payload=null", 400],
      ["another type", pressForm({ value: one, payload: { ...payload, type: "view_submission" } }), 400],
      ["no user", pressForm({ value: one, payload: { ...payload, user: undefined } }), 400],
      ["a user that is none", pressForm({ value: one, user: { id: "<!channel>" } }), 400],
      ["no action", pressForm({ value: one, payload: { ...payload, actions: [] } }), 400],
      ["no ids", pressForm({ value: "" }), 400],
      ["10,000 ids", pressForm({ value: Array(10_000).fill(one).join(" ") }), 400],
      ["an id that is none", pressForm({ value: "a'; DROP TABLE verdict; --" }), 400],
      ["deep JSON", `payload=${"[".repeat(100_000)}`, 400],
      ["10 MB", `payload=${"x".repeat(10_000_000)}`, 413],
    ];
    for (const [what, body, status] of bad) {
      const response = await send(body, signed(body));
      expect([what, response.status]).toEqual([what, status]);
      await problemOf(response);
    }
    expect(await verdicts()).toEqual([]);
    expect((await fetch(`${served?.url}/healthz`)).status).toBe(200);
  });

  it("an unknown button, an id that nobody has, and names that want to be more: a plain answer", async () => {
    const { id } = await begun();
    const one = id("new-destination");
    for (const action of ["launch", "__proto__", "constructor", "<!channel>"])
      expect((await press({ action, value: one })).status).toBe(200);
    expect(await verdicts()).toEqual([]);
    expect(slack.replies.map((_, index) => said(index))).toContain(
      'egress-scout knows no button "launch": nothing is decided.',
    );
    await press({ action: "deny", value: `0123456789abcdef0123456789abcdef ${one}` });
    expect(said(-1)).toMatch(/^0123456789abcdef0123456789abcdef: nobody was told of such a finding.*\n.* denied/);
    for (const username of ["<!channel> `x`\n\u202Eeve (U0ADMIN)", "x".repeat(10_000), 42]) {
      await press({ action: "deny", value: one, user: { id: "U012AB3CD", username } });
      const [{ by } = { by: "" }] = await verdicts();
      expect(by).toMatch(/^slack:([\w.@+-]{1,50} \(U012AB3CD\)|U012AB3CD)$/);
    }
  });

  it("a response_url that is not Slack's is never called; the verdict is kept, and the answer has the reply", async () => {
    const other = await slackReceiver();
    const { id } = await begun();
    const pressed = button("expected", id("new-destination"));
    const port = new URL(slack.url).port;
    for (const responseUrl of [
      `${other.url}/actions/x`,
      "http://169.254.169.254/latest/meta-data/",
      "https://hooks.slack.com.evil.example/actions/x",
      "https://hooks.slack.com@127.0.0.1/actions/x",
      "http://hooks.slack.com/actions/x",
      `http://user:secret@127.0.0.1:${port}/actions/T0SECRET1/42/xyzzySecretReply`,
      "file:///etc/passwd",
      "no address",
    ]) {
      const response = await press({ ...pressed, responseUrl });
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ response_type: "ephemeral", replace_original: false });
    }
    expect(other.got).toEqual([]);
    expect(slack.replies).toEqual([]);
    expect(await verdicts()).toMatchObject([{ verdict: "expected" }]);
    await other.close();
  });

  it.each(["redirect", "hang", "server-error", "reset"] as const)(
    "a response_url that answers with %s costs the reply alone",
    async (how) => {
      const { id } = await begun();
      const pressed = button("expected", id("new-destination"));
      slack.behave(how);
      const response = await press(pressed);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ text: expect.stringContaining("expected, without end") });
      expect(slack.got.filter(({ url }) => url.includes("elsewhere"))).toEqual([]);
      expect(await verdicts()).toMatchObject([{ verdict: "expected" }]);
      expect(served?.stderr()).not.toContain("xyzzySecretReply");
    },
  );

  it("without a signing secret there is nothing to press", async () => {
    await begun({ signing: "" });
    const response = await press({ value: "x" });
    expect(response.status).toBe(404);
    expect((await problemOf(response)).detail).toBe("the config has no slack.signingSecret");
  });
});

describe("POST /api/v1/verdicts", () => {
  const two = { more: "api: { tokens: [{ env: ONE }, { env: TWO }] }\n" };
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${served?.url}/api/v1/verdicts`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  it("keeps what a caller with one of the tokens decides, and nobody else's", async () => {
    const { id } = await begun(two);
    const one = id("new-destination");
    for (const headers of [
      {},
      bearer("third-token"),
      bearer(""),
      bearer(`${tokens.ONE} ${tokens.TWO}`),
      { authorization: tokens.ONE },
      { authorization: `Basic ${tokens.ONE}` },
    ]) {
      const response = await post({ id: one, verdict: "denied" }, headers);
      expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="egress-scout"']);
      await problemOf(response);
    }
    expect((await fetch(`${served?.url}/api/v1/nothing`)).status).toBe(401);
    expect((await fetch(`${served?.url}/healthz`)).status).toBe(200);
    expect(await verdicts()).toEqual([]);
    const response = await post({ id: one, verdict: "snoozed", for: "3d", reason: "CDN" }, bearer(tokens.TWO));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      ...{ id: one, verdict: "snoozed", by: "api", reason: "CDN", overruled: null },
      on: "new-destination of shop/web to new.example.com:80",
    });
    const until = new Date(end + day).toISOString();
    expect((await post({ id: one, verdict: "approved", until, by: "eve" }, bearer(tokens.ONE))).status).toBe(200);
    expect(await verdicts()).toMatchObject([{ id: one, verdict: "approved", by: "eve", until }]);
    expect((await fetch(`${served?.url}/api/v1/nothing`, { headers: bearer(tokens.ONE) })).status).toBe(404);
    const wrong = await fetch(`${served?.url}/api/v1/verdicts`, { method: "PUT", headers: bearer(tokens.ONE) });
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "POST"]);
    for (const token of Object.values(tokens)) expect(served?.stderr()).not.toContain(token);
  });

  it("says what is wrong with a body: all of it at once", async () => {
    const { id } = await begun(two);
    const good = { id: id("new-destination"), verdict: "denied" };
    const bad: [body: unknown, status: number, words: string][] = [
      ["{", 400, "not JSON"],
      ["null", 400, "mistake"],
      [{ ...good, force: true }, 400, "force"],
      [{ id: "a b", verdict: "fine" }, 400, "2 mistakes"],
      [{ ...good, for: "soon" }, 400, "7d"],
      [{ ...good, for: "9000y" }, 400, "9998"],
      [{ ...good, for: "1d", until: "2099-01-01T00:00:00Z" }, 400, "not beside for"],
      [{ ...good, until: "2020-01-01T00:00:00Z" }, 400, "to come"],
      [{ ...good, reason: "x".repeat(501) }, 400, "500"],
      [{ ...good, id: "0123" }, 404, "no finding 0123"],
      [`"${"x".repeat(2_000_000)}"`, 413, "bytes"],
    ];
    for (const [body, status, words] of bad) {
      const response = await post(body, bearer(tokens.ONE));
      expect([body, response.status]).toEqual([body, status]);
      expect(JSON.stringify(await problemOf(response))).toContain(words);
    }
    const text = await post(good, { ...bearer(tokens.ONE), "content-type": "text/plain" });
    expect(text.status).toBe(415);
    expect(await verdicts()).toEqual([]);
  });

  it("without tokens it listens on this machine alone, says so, and answers to no other name", async () => {
    const { id } = await begun();
    expect(served?.stderr()).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+ \(this machine alone, without a token/m);
    const body = { id: id("new-destination"), verdict: "expected" };
    const response = await post(body);
    expect(response.status).toBe(200);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(await fromHost("evil.example", served?.url ?? "")).toBe(403);
    expect(await fromHost("localhost:1", served?.url ?? "")).toBe(415);
  });
});

/** fetch writes its own Host. */
async function fromHost(host: string, url: string): Promise<number> {
  const { request } = await import("node:http");
  return await new Promise((resolve, reject) => {
    const sent = request(`${url}/api/v1/verdicts`, { method: "POST", headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject).end("{}");
  });
}

describe("serve", () => {
  it("SIGTERM: who is being answered gets the answer, then it ends; SIGINT: 130", async () => {
    const { id, served: one } = await begun();
    slack.behave("hang");
    const asked = slack.got.length;
    const answer = press(button("expected", id("new-destination")));
    await expect.poll(() => slack.got.length).toBe(asked + 1);
    const stopped = one.stop();
    expect((await answer).status).toBe(200);
    expect(await stopped).toBe(0);
    served = await serveScout(["--config", path("config.yaml")], { env: env() });
    expect(await served.stop("SIGINT")).toBe(130);
  });

  it("what it cannot begin with is told at once: exit 2", async () => {
    configure({ more: "api: { tokens: [{ env: ONE }, { env: EMPTY }] }\n" });
    writeFileSync(path("empty"), "\n");
    const { ONE: _, SIGNING: __, ...without } = env();
    const { code, stderr } = await runScout(["serve", "--config", path("config.yaml")], { env: without });
    expect(code).toBe(2);
    for (const words of ["api.tokens[0]: ", "api.tokens[1]: ", "slack.signingSecret: "])
      expect(stderr).toContain(words);
    configure({ more: `api: { tokens: [{ file: ./${run}-empty }] }\n` });
    const empty = await runScout(["serve", "--config", path("config.yaml")], { env: env() });
    expect(empty).toMatchObject({ code: 2, stderr: expect.stringContaining("api.tokens[0]: the secret is empty") });
    expect((await runScout(["serve", "--port", "http"])).code).toBe(2);
    configure();
    served = await serveScout(["--config", path("config.yaml")], { env: env() });
    const { port } = new URL(served.url);
    const taken = await runScout(["serve", "--config", path("config.yaml"), "--port", port], { env: env() });
    expect(taken).toMatchObject({ code: 2, stderr: expect.stringContaining(`port ${port} cannot be listened on`) });
  });
});
