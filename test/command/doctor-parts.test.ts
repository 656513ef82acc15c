/** doctor where a part is away, refuses, lies or hangs: one check fails, the others go on, and no secret is told. */
import { mkdirSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { history } from "../mesh/history.ts";
import { type Answering, answering, json, success } from "../poll/answering.ts";
import type { Receiver } from "../receivers/receiver.ts";
import { slackReceiver, slackSecret, slackUrl } from "../receivers/slack.ts";
import { snsCredentials, snsReceiver } from "../receivers/sns.ts";
import { type Dns, startDns, startHostileDns } from "../tools/dns.ts";
import { tempFolder } from "../tools/temp.ts";
import { startVictoriaMetrics } from "../tools/victoria-metrics.ts";
import { runScout } from "./run-scout.ts";
import { configOf, examined, usualCalls } from "./set-up.ts";

const folder = tempFolder("doctor");
const open: { stop(): Promise<void> }[] = [];
afterAll(async () => {
  for (const one of open) await one.stop();
  folder.remove();
});
async function opened<T extends { stop(): Promise<void> }>(made: Promise<T>): Promise<T> {
  const one = await made;
  open.push(one);
  return one;
}

/** A stand-in for Prometheus: what it says of itself, by path, and its clock's error in ms. */
interface StandIn {
  buildinfo?: object;
  skew?: number;
  dateSkew?: number;
}
const standIn = ({ buildinfo, skew = 0, dateSkew = skew }: StandIn): Promise<Answering> =>
  opened(
    answering((response: ServerResponse, _, asked) => {
      response.setHeader("date", new Date(Date.now() + dateSkew).toUTCString());
      if (asked.url.endsWith("/status/buildinfo") && buildinfo !== undefined) {
        return json({ status: "success", data: buildinfo })(response);
      }
      if (asked.url.includes("/status/")) return void response.writeHead(404).end("404 page not found");
      const ownTime = new URLSearchParams(asked.body).get("query") === "vector(time())";
      const value = [(Date.now() + skew) / 1000, String((Date.now() + skew) / 1000)];
      return success("vector", ownTime ? [{ metric: {}, value }] : [])(response);
    }),
  );

let dns: Dns;
beforeAll(async () => {
  dns = await opened(startDns({ ptr: { "127.0.0.1": "localhost" } }));
});

let files = 0;
function config(text: string): string {
  const file = join(folder.path, `scout-${++files}.yaml`);
  writeFileSync(file, text);
  return file;
}
const doctor = (text: string, args: string[] = [], env: Record<string, string> = {}) =>
  examined(["--config", config(text), "--dns", dns.server, ...args], { env, cwd: folder.path });
/** A Prometheus that lets nobody in: what does not ask it is checked all the same, and quickly. */
let nowhere = "";
beforeAll(async () => {
  nowhere = (await opened(answering(json({}, 401)))).url;
});

describe("Prometheus", () => {
  const dependent = [
    ...["istio-metrics", "address-label", "sni-label", "duplicate-scrapes"],
    ...["scrape-interval", "retention", "owner-labels", "clock"],
  ];
  const page = (response: ServerResponse) =>
    void response.writeHead(200, { "content-type": "text/html" }).end("<html>hunter2-password");
  const refusal = (response: ServerResponse) => json({ error: "no: Basic hunter2-password" }, 401)(response);
  it.each([
    ["away", null, /^prometheus\/unavailable: .*ECONNREFUSED/],
    ["401, with the password in its answer", refusal, /^prometheus\/unauthorized: .*401/],
    ["a login page", page, /^prometheus\/bad-answer: .*not JSON/],
    ["silence", () => {}, /^prometheus\/timeout: .*within 0.3 s/],
  ])("%s: it fails, what asks it is skipped, and the rest goes on", async (_, answer, says) => {
    const url = answer === null ? "http://127.0.0.1:2" : (await opened(answering(answer))).url;
    // Only who is silent is waited for.
    const timeout = says.source.includes("within") ? "300ms" : "20s";
    const auth = { basic: { username: "scout", password: { env: "PASSWORD" } } };
    const text = configOf(url, `state: "sqlite:./state.db"\n`, { prometheus: { timeout, auth } });
    const { code, stdout, stderr, checks, by } = await doctor(text, [], { PASSWORD: "hunter2-password" });
    expect(code).toBe(1);
    expect(by.prometheus).toMatchObject({ status: "fail", found: expect.stringMatching(says) });
    expect(checks.filter(({ found }) => found === "Prometheus does not answer").map(({ name }) => name)).toEqual(
      dependent,
    );
    expect([by.dns?.status, by.store?.status, by.logs?.status]).toEqual(["ok", "ok", "skip"]);
    expect(stdout + stderr).not.toContain("hunter2");
  });

  it("a secret that is not there fails the check, and asks nobody", async () => {
    const { asked, url } = await standIn({});
    const { code, by } = await doctor(configOf(url, "", { prometheus: { auth: { bearer: { env: "NO_SUCH" } } } }));
    expect(code).toBe(1);
    expect(by.prometheus).toMatchObject({ status: "fail", found: expect.stringContaining("NO_SUCH is not set") });
    expect(asked).toEqual([]);
  });

  it("is asked its time without being told ours, which would come back", async () => {
    const { asked, url } = await standIn({});
    await doctor(configOf(url));
    const questions = asked.map(({ body }) => new URLSearchParams(body));
    expect(questions.filter((one) => one.get("query") === "vector(time())").map((one) => one.has("time"))).toEqual([
      false,
    ]);
    expect(questions.filter((one) => one.has("query") && !one.has("time"))).toHaveLength(1);
  });

  it("the config's headers and auth go along with every question", async () => {
    const { asked, url } = await standIn({});
    const headers = { "X-Scope-OrgID": "team-a" };
    await doctor(configOf(url, "", { prometheus: { headers, auth: { bearer: { env: "TOKEN" } } } }), [], {
      TOKEN: "t-123456",
    });
    expect(asked.length).toBeGreaterThan(10);
    for (const one of asked)
      expect(one.headers).toMatchObject({ authorization: "Bearer t-123456", "x-scope-orgid": "team-a" });
  });

  it.each([
    [{ version: "2.53.1", revision: "x" }, /^Prometheus 2\.53\.1 at /, "ok"],
    [{ version: "2.28.1" }, /^Prometheus 2\.28\.1 at /, "fail"],
    [{ application: "Grafana Mimir", version: "2.14.0", features: {} }, /^Mimir 2\.14\.0 at /, "ok"],
  ])("which one: %j", async (buildinfo, says, status) => {
    const { url } = await standIn(buildinfo === undefined ? {} : { buildinfo });
    const { by } = await doctor(configOf(url));
    expect(by.prometheus).toMatchObject({ status, found: expect.stringMatching(says) });
  });

  it("a real VictoriaMetrics answers every check as Prometheus does", async () => {
    const victoria = await opened(startVictoriaMetrics({ dir: folder.path }));
    const empty = await doctor(configOf(victoria.url));
    expect(empty.by.prometheus).toMatchObject({ status: "ok", found: expect.stringMatching(/^VictoriaMetrics at /) });
    expect(empty.by["istio-metrics"]).toMatchObject({ status: "fail", found: "no Istio metrics at all" });
    // It answers with what is half a minute old and no newer.
    const end = Date.now() - 60_000;
    const past = history(
      (mesh, timetable) => usualCalls(mesh, timetable, end - 8 * 60_000),
      { from: end - 20 * 60_000, to: end, everyMs: 15_000 },
      { jobs: ["kubernetes-pods", "envoy-stats"] },
    );
    await victoria.take(past.chunks());
    const { by } = await doctor(configOf(victoria.url));
    expect(Object.fromEntries(Object.entries(by).map(([name, { found }]) => [name, found]))).toMatchObject({
      "istio-metrics": expect.stringContaining("2 HTTP, 4 TCP opened and 4 TCP closed; all let through"),
      "address-label": expect.stringMatching(/^100% of 10 TCP connections of the last hour/),
      "sni-label": expect.stringContaining("443 100%"),
      "duplicate-scrapes": "2 of 2 proxies are scraped more than once: envoy-stats (2) and kubernetes-pods (2)",
      "scrape-interval": "envoy-stats every 15s and kubernetes-pods every 15s",
      retention: "no data that is an hour old",
      clock: expect.stringMatching(/^within \ds of ours$/),
    });
  });
});

describe("clock", () => {
  const minute = 60_000;
  it.each([
    [{ skew: -minute }, "warn", /^Prometheus' clock is (59s|1m|1m1s) behind ours$/],
    [{ skew: 0, dateSkew: 10 * minute }, "fail", /ahead of ours \(by its Date header, not by its queries\)$/],
  ])("%j: %s", async (skewed, status, says) => {
    const { code, by } = await doctor(configOf((await standIn(skewed)).url, 'state: "memory:"'));
    expect(by.clock).toMatchObject({ status, found: expect.stringMatching(says) });
    // Without Istio's metrics it fails anyway.
    expect(code).toBe(1);
  });
});

describe("store", () => {
  const stateOf = async (state: string) => (await doctor(configOf(nowhere), ["--state", state])).by.store;

  it("one that cannot be made, is a folder, is none, or was written by a later version: fail", async () => {
    mkdirSync(join(folder.path, "folder.db"), { recursive: true });
    writeFileSync(
      join(folder.path, "none.db"),
      "not a database, but longer than its header of a hundred bytes. ".repeat(4),
    );
    const later = new DatabaseSync(join(folder.path, "later.db"));
    later.exec("PRAGMA user_version = 99");
    later.close();
    const wrong = [
      // Nobody may write there, root neither.
      ["/proc/scout.db", /^store\/unavailable/],
      ["no/such/folder/scout.db", /^store\/unavailable/],
      ["folder.db", /^store\/unavailable/],
      ["none.db", /^store\/corrupt/],
      ["later.db", /^store\/too-new/],
    ] as const;
    const said = await Promise.all(wrong.map(([path]) => stateOf(`sqlite:${path}`)));
    expect(said).toMatchObject(
      wrong.map(([, says]) => ({
        status: "fail",
        found: expect.stringMatching(says),
        mend: expect.stringMatching(/./),
      })),
    );
  });

  it("memory: keeps nothing; what is no state is wrong use of the check, too", async () => {
    expect(await stateOf("memory:")).toMatchObject({ status: "warn" });
    expect(await stateOf("redis:x")).toMatchObject({ status: "fail", found: expect.stringContaining("usage") });
  });
});

describe("dns", () => {
  const asking = async (...servers: string[]): Promise<unknown> =>
    (await examined([...["--prometheus", nowhere, "--state", "memory:"], ...servers.flatMap((one) => ["--dns", one])]))
      .by.dns;

  it("silence: fail; one of two: warn", async () => {
    const dead = await opened(startHostileDns(() => ({ silence: true })));
    const [alone, both] = await Promise.all([asking(dead.server), asking(dead.server, dns.server)]);
    expect(alone).toMatchObject({ status: "fail", found: expect.stringContaining("ETIMEOUT") });
    expect(both).toMatchObject({
      status: "warn",
      found: expect.stringMatching(new RegExp(`^${dns.server} answers in .*; but ETIMEOUT from ${dead.server}`)),
    });
  });

  it("there is no such name: an answer; SERVFAIL and REFUSED: a server that is there and does not know", async () => {
    const none = await opened(startHostileDns(() => ({ rcode: "NXDOMAIN" })));
    expect(await asking(none.server)).toMatchObject({ status: "ok" });
    for (const rcode of ["SERVFAIL", "REFUSED"] as const) {
      const bad = await opened(startHostileDns(() => ({ rcode })));
      expect(await asking(bad.server)).toMatchObject({ status: "warn", found: expect.stringContaining(`E${rcode}`) });
    }
  });

  it("what is no server", async () => {
    expect(await asking("dns.example")).toMatchObject({
      status: "fail",
      found: expect.stringContaining("is no DNS server"),
    });
  });
});

describe("logs", () => {
  it("Loki that lets nobody in: fail", async () => {
    const loki = await opened(answering(json({}, 401)));
    const { by } = await doctor(configOf(nowhere, "", { logs: { loki: { url: loki.url } } }));
    expect(by.logs).toMatchObject({ status: "fail", found: expect.stringMatching(/answered 401$/) });
    expect(loki.asked).toMatchObject([{ method: "GET", url: "/loki/api/v1/labels" }]);
  });
});

describe("channels", () => {
  let slack: Receiver;
  let sns: Receiver;
  let env: Record<string, string>;
  beforeAll(async () => {
    slack = await slackReceiver();
    sns = await snsReceiver();
    open.push({ stop: () => slack.close() }, { stop: () => sns.close() });
    env = {
      SLACK: slackUrl(slack),
      AWS_ENDPOINT_URL_SNS: sns.url,
      AWS_ACCESS_KEY_ID: snsCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: snsCredentials.secretAccessKey,
      AWS_SESSION_TOKEN: snsCredentials.sessionToken,
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    };
  });
  const both = `owners: [{ team: platform, channels: [slack, sns] }]
channels:
  slack: { slack: { webhook: { env: SLACK } } }
  sns: { sns: { topicArn: "arn:aws:sns:eu-west-1:123456789012:egress" } }
state: "memory:"
`;

  it("without --send nobody is asked; with it all are", async () => {
    const quiet = await doctor(configOf(nowhere, both), [], env);
    expect(quiet.by.channels).toMatchObject({
      status: "ok",
      found: "slack (slack) and sns (sns): set up; nobody was asked",
    });
    expect([...slack.got, ...sns.got]).toEqual([]);
    const sent = await doctor(configOf(nowhere, both), ["--send"], env);
    expect(sent.by.channels).toMatchObject({
      status: "ok",
      found: expect.stringContaining("a test message has arrived"),
    });
    expect([slack.taken.length, sns.taken.length]).toEqual([1, 1]);
    expect([...slack.faults, ...sns.faults]).toEqual([]);
  });

  it.each(["refuse", "html"] as const)(
    "one that answers %s fails with --send, and its secret is not told",
    async (how) => {
      slack.behave(how, how);
      const { code, stdout, stderr, by } = await doctor(configOf(nowhere, both), ["--send"], env);
      expect(code).toBe(1);
      expect(by.channels).toMatchObject({
        status: "fail",
        found: expect.stringMatching(/^1 of 2 channels cannot be told: channel slack: /),
      });
      for (const part of [slackSecret, ...slackSecret.split("/")]) expect(stdout + stderr).not.toContain(part);
      slack.behave();
    },
  );

  it("a secret that is missing, and a kind that is not known, without --send as well", async () => {
    const { by } = await doctor(configOf(nowhere, both));
    expect(by.channels).toMatchObject({ status: "fail", found: expect.stringContaining("SLACK is not set") });
  });

  it("a channel that nobody names: warn", async () => {
    const { by } = await doctor(configOf(nowhere, both.replace("slack, sns", "sns")), [], env);
    expect(by.channels).toMatchObject({ status: "warn", found: expect.stringContaining("nobody sends to slack") });
  });
});

describe("several clusters, and wrong use", () => {
  it("each cluster has its checks, and what is for all comes once", async () => {
    const { url } = await standIn({ buildinfo: { version: "2.53.0" } });
    const text = `clusters: [{ name: a, prometheus: { url: "${url}" } }, { name: b, prometheus: { url: "${nowhere}" } }]\nstate: "memory:"\n`;
    const { checks } = await doctor(text);
    const of = (name: string): unknown[] =>
      checks.filter((one) => one.name === name).map(({ cluster, status }) => [cluster, status]);
    expect(of("prometheus")).toEqual([
      ["a", "ok"],
      ["b", "fail"],
    ]);
    expect(of("clock")).toEqual([
      ["a", "ok"],
      ["b", "skip"],
    ]);
    expect(of("dns")).toEqual([[null, "ok"]]);
    expect(checks).toHaveLength(2 * 10 + 3);
    const one = await doctor(text, ["--cluster", "a"]);
    expect(new Set(one.checks.map(({ cluster }) => cluster))).toEqual(new Set(["a", null]));
    const { stdout } = await runScout(["doctor", "--config", config(text), "--dns", dns.server]);
    expect(stdout).toMatch(/^STATUS {2}CHECK {14}CLUSTER {2}FOUND$/m);
    expect(stdout).toMatch(/^fail prometheus \(b\)$/m);
  });

  it("2 for a config with mistakes, an unknown cluster, an unknown option; nothing on stdout", async () => {
    const bad = config("clusters: []\nnonsense: 1\n");
    for (const args of [
      ["--config", bad],
      ["--prometheus", nowhere, "--frobnicate"],
      ["--config", config(configOf(nowhere)), "--cluster", "x"],
      [],
    ]) {
      const { code, stdout, stderr } = await runScout(["doctor", ...args], { cwd: join(folder.path, "folder.db") });
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain("egress-scout: ");
    }
  });

  it("help has examples; the schema is known", async () => {
    expect((await runScout(["doctor", "--help"])).stdout).toContain("Examples");
    expect(JSON.parse((await runScout(["schema", "doctor"])).stdout).properties.schema.const).toBe(
      "egress-scout/doctor@1",
    );
  });
});
