/** functions/slack and functions/http as Lambda calls them: the built files, payload format 2.0, in an empty folder. */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStore } from "../../lib/remember/index.ts";
import { nothingNew } from "../../lib/remember/store.ts";
import { now, remembered } from "../api/make.ts";
import { runScout } from "../command/run-scout.ts";
import { pressForm, signed, signingSecret } from "../command/serve-scout.ts";
import { sighting } from "../contract/store.ts";
import { finding } from "../notify/sample.ts";
import { type SlackApi, slackApi } from "../receivers/slack-api.ts";
import { tempFolder } from "../tools/temp.ts";

const run = promisify(execFile);
const dist = fileURLToPath(new URL("../../dist/functions/", import.meta.url));
const { id } = finding();

describe("Function URLs", () => {
  const folder = tempFolder("url");
  const config = join(folder.path, "config.yaml");
  const state = `sqlite:${join(folder.path, "state.db")}`;
  let slack: SlackApi;

  beforeAll(async () => {
    slack = await slackApi();
    writeFileSync(
      config,
      `clusters: [{ name: prod-eu, prometheus: { url: "http://127.0.0.1:1" } }]
slack: { signingSecret: { env: SIGNING }, allow: [U012AB3CD], apiUrl: "${slack.apiUrl}" }
api: { tokens: [{ env: TOKEN }] }
`,
    );
    await (await remembered(state)).close();
  });
  afterAll(async () => {
    expect(slack.faults).toEqual([]);
    await slack.close();
    folder.remove();
  });

  interface Sent {
    path?: string;
    query?: string;
    method?: string;
    headers?: Record<string, string>;
    body?: string;
    base64?: boolean;
    authorizer?: unknown;
  }
  const eventOf = ({
    path = "/slack/actions",
    method = "POST",
    query = "",
    headers = {},
    body,
    base64 = false,
    ...more
  }: Sent) => ({
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: query,
    headers: { host: "abc.lambda-url.eu-west-1.on.aws", ...headers },
    requestContext: {
      accountId: "anonymous",
      domainName: "abc.lambda-url.eu-west-1.on.aws",
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "Slackbot 1.0" },
      ...more,
    },
    ...(body === undefined ? {} : { body: base64 ? Buffer.from(body).toString("base64") : body }),
    isBase64Encoded: base64,
  });

  /** What the handler answers to each, one after another in one process, as a warm instance does. */
  async function invoke(name: "slack" | "http", sent: Sent[], env: Record<string, string> = {}) {
    const script = `import { handler } from ${JSON.stringify(join(dist, `${name}/index.mjs`))};
      const answers = [];
      for (const event of ${JSON.stringify(sent.map(eventOf))}) answers.push(await handler(event, { awsRequestId: "request-7", getRemainingTimeInMillis: () => 30_000 }));
      process.stdout.write("\\n" + JSON.stringify(answers));`;
    const { stdout, stderr } = await run(process.execPath, ["--input-type=module", "-e", script], {
      maxBuffer: 20_000_000,
      cwd: folder.path,
      env: {
        PATH: "/nonexistent",
        ...{ EGRESS_SCOUT_CONFIG: config, EGRESS_SCOUT_STATE: state, SIGNING: signingSecret, TOKEN: "the-token" },
        ...env,
      },
    });
    const answers: { statusCode: number; headers: Record<string, string>; body: string; isBase64Encoded: boolean }[] =
      JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
    return { answers, log: stdout + stderr };
  }
  const verdicts = async () => {
    const { stdout } = await runScout(["verdict", "list", "--state", state, "--format", "json"]);
    return JSON.parse(stdout).verdicts;
  };
  const press = (action: string, base64: boolean): Sent => {
    const body = pressForm({ action, value: id, responseUrl: slack.responseUrl });
    return { body, base64, headers: signed(body) };
  };

  it.each([
    ["plain", false, "deny", "denied"],
    ["base64", true, "expected", "expected"],
  ] as const)("slack: a press whose body comes %s is kept", async (_, base64, action, verdict) => {
    const before = slack.replies.length;
    const { answers } = await invoke("slack", [press(action, base64)]);
    expect(answers).toMatchObject([{ statusCode: 200, body: "", isBase64Encoded: false }]);
    expect(slack.replies).toHaveLength(before + 1);
    expect(await verdicts()).toMatchObject([{ id, verdict, by: "slack:ada (U012AB3CD)" }]);
  });

  it("slack: what is not signed is refused, and there is nothing else", async () => {
    const good = press("deny", true);
    const before = await verdicts();
    const { answers } = await invoke("slack", [
      { ...good, headers: {} },
      { ...good, body: `${good.body}x` },
      { path: "/api/v1/verdicts", headers: { authorization: "Bearer the-token" }, body: "{}" },
      { path: "/", method: "GET" },
      { path: "/healthz", method: "GET" },
    ]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([401, 401, 404, 404, 200]);
    expect(answers[0]?.headers["content-type"]).toBe("application/problem+json");
    expect(await verdicts()).toEqual(before);
  });

  it("http: a token or IAM, and never nobody", async () => {
    const body = JSON.stringify({ id, verdict: "approved" });
    const headers = { "content-type": "application/json" };
    const ask: Sent = { path: "/api/v1/verdicts", body, headers };
    const iam = { authorizer: { iam: { userArn: "arn:aws:iam::123456789012:user/ada", accountId: "123456789012" } } };
    const { answers } = await invoke("http", [
      ask,
      { ...ask, headers: { ...headers, authorization: "Bearer another" } },
      { ...ask, headers: { ...headers, host: "localhost" } },
      { ...ask, authorizer: { iam: {} } },
      { ...ask, headers: { ...headers, authorization: "Bearer the-token" }, base64: true },
      { ...ask, ...iam },
      press("acknowledge", true),
    ]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([401, 401, 401, 401, 200, 200, 200]);
    expect(answers.slice(4, 6).map((one) => JSON.parse(one.body).by)).toEqual([
      "api",
      "arn:aws:iam::123456789012:user/ada",
    ]);
  });

  it("http: the page comes whole out of the bundle, with a policy of its own", async () => {
    const ask: Sent = { path: "/", method: "GET" };
    const { answers } = await invoke("http", [ask, { ...ask, headers: { authorization: "Bearer the-token" } }]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([401, 200]);
    expect(answers[1]?.headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'sha256-/);
    expect(answers[1]?.body).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
  });

  it("http: an answer that is larger than Lambda carries is told so, and one that is smaller comes", async () => {
    const large = `sqlite:${join(folder.path, "large.db")}`;
    const store = await openStore(large);
    const claims = Array.from({ length: 10 }, (_, index) => {
      const one = sighting(`large-${index}`);
      return { ...one, destination: { ...one.destination, claim: "x".repeat(1_000_000) } };
    });
    const progress = { end: now, learningSince: null, judgedUntil: null };
    await store.remember("prod-eu", { ...nothingNew(progress), sightings: claims });
    await store.close();
    const ask = { path: "/api/v1/sightings", method: "GET", headers: { authorization: "Bearer the-token" } };
    const { answers } = await invoke("http", [ask, { ...ask, query: "limit=5" }], { EGRESS_SCOUT_STATE: large });
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([500, 200]);
    expect(answers[0]?.headers["content-type"]).toBe("application/problem+json");
    expect(JSON.parse(answers[0]?.body ?? "")).toMatchObject({ detail: expect.stringContaining("a smaller limit") });
  });

  it("what cannot be wired is logged, and answered with a problem", async () => {
    const { answers, log } = await invoke("http", [{ path: "/healthz", method: "GET" }], { TOKEN: "" });
    expect(answers).toMatchObject([
      {
        statusCode: 500,
        headers: { "content-type": "application/problem+json" },
        body: expect.not.stringContaining("TOKEN"),
      },
    ]);
    expect(log).toContain("api.tokens[0]: the environment variable TOKEN is not set");
    expect(log).toContain('"correlation_id":"request-7"');
  });
});
