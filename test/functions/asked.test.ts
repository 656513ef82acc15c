/** What somebody asks of functions/http and functions/slack, and functions/poll does: as built, with the queue between them and DynamoDB beneath. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { signed, signingSecret } from "../command/serve-scout.ts";
import { type Aws, awsReceiver } from "../receivers/aws.ts";
import { type SlackApi, slackApi } from "../receivers/slack-api.ts";
import { type Dynamodb, startDynamodb } from "../tools/dynamodb.ts";
import { type Instance, type InvokeOptions, lambda, said } from "./lambda.ts";
import { message, type SetUp, setUp } from "./set-up.ts";

let held: SetUp;
let aws: Aws;
let local: Dynamodb;
let slack: SlackApi;
let env: Record<string, string>;
const instances: Instance[] = [];

beforeAll(async () => {
  held = await setUp("asked");
  local = await startDynamodb();
});
afterAll(async () => {
  await local.stop();
  await held.stop();
});
beforeEach(async () => {
  [aws, slack] = [await awsReceiver(), await slackApi()];
  held.gate.shut = false;
  const config = held.write("config.yaml", {
    clusters: ["prod", "stage"].map((name) => ({ name, prometheus: { url: held.gate.url } })),
    enrich: { dns: { servers: ["127.0.0.1:1"] } },
    api: { tokens: [{ env: "TOKEN" }] },
    slack: { signingSecret: { env: "SIGNING" }, allow: ["U012AB3CD"], apiUrl: slack.apiUrl },
  });
  env = {
    ...{ ...aws.env, AWS_ENDPOINT_URL_DYNAMODB: local.url, EGRESS_SCOUT_CONFIG: config, TOKEN: "the-token" },
    ...{ SIGNING: signingSecret, EGRESS_SCOUT_STATE: `dynamodb:${await local.table()}` },
    EGRESS_SCOUT_QUEUE_URL: `${aws.url}/123456789012/runs`,
  };
});
afterEach(async () => {
  for (const one of instances.splice(0)) await one.stop();
  await aws.stop();
  const { faults } = slack;
  await slack.close();
  expect(faults).toEqual([]);
});

async function instance(name: string): Promise<Instance> {
  const one = await lambda(name, env);
  instances.push(one);
  return one;
}

interface Sent {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}
/** A request as a Function URL hands it over (payload format 2.0), from `path?query`. */
function request(to: string, { method = "GET", headers = { authorization: "Bearer the-token" }, body }: Sent = {}) {
  const [path = "", query = ""] = to.split("?");
  const domainName = "abc.lambda-url.eu-west-1.on.aws";
  return {
    ...{ version: "2.0", routeKey: "$default", rawPath: path, rawQueryString: query },
    headers: { host: domainName, ...headers },
    requestContext: {
      ...{ accountId: "anonymous", domainName, requestId: "r", stage: "$default" },
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "test" },
    },
    ...(body === undefined ? {} : { body: Buffer.from(body).toString("base64") }),
    isBase64Encoded: body !== undefined,
  };
}
const json = { "content-type": "application/json", authorization: "Bearer the-token" };
const scanOf = (body: object) => request("/api/v1/scan", { method: "POST", headers: json, body: JSON.stringify(body) });
async function ask(of: Instance, event: unknown, options: InvokeOptions = {}) {
  const { result, failed } = await of.invoke(event, options);
  expect(failed).toBeNull();
  const answer = result as {
    statusCode: number;
    headers: Record<string, string>;
    body: string;
    isBase64Encoded: boolean;
  };
  const text = answer.isBase64Encoded ? Buffer.from(answer.body, "base64").toString() : answer.body;
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text,
    body: text.startsWith("{") ? JSON.parse(text) : null,
  };
}
const egress = (text: string, responseUrl = slack.responseUrl) => {
  const form = { command: "/egress", text, user_id: "U012AB3CD", user_name: "ada", response_url: responseUrl };
  const body = new URLSearchParams(form).toString();
  return request("/slack/commands", { method: "POST", headers: signed(body), body });
};
const delivered = () => ({ Records: aws.queue.splice(0).map((body) => message(body)) });
const repliesText = () => slack.replies.map(({ blocks }) => blocks.map(({ text }) => text?.text ?? "").join("\n"));

describe("a run that is asked for", () => {
  it("of two instances at once by one; it waits, goes through the queue, and its end is told by any instance", async () => {
    const [one, other] = [await instance("http"), await instance("http")];
    const asked = { cluster: "prod", at: new Date(held.end).toISOString() };
    const both = await Promise.all([ask(one, scanOf(asked)), ask(other, scanOf(asked))]);
    expect(both.map(({ status }) => status).sort()).toEqual([202, 409]);
    const [begun] = both.filter(({ status }) => status === 202);
    const place = begun?.headers.location ?? "";
    expect(aws.queue).toHaveLength(1);
    expect((await ask(other, request(place))).body).toMatchObject({ state: "queued", by: "api", scan: null });
    const poll = await instance("poll");
    expect((await poll.invoke(delivered())).result).toEqual({ batchItemFailures: [] });
    for (const http of [one, other]) {
      const { status, body } = await ask(http, request(place));
      expect([status, body]).toMatchObject([
        200,
        { state: "done", error: null, scan: { run: { cluster: "prod", to: asked.at } } },
      ]);
    }
    expect((await ask(one, scanOf({ cluster: "prod", dryRun: true }))).status).toBe(202);
    expect(JSON.parse(aws.queue[0] ?? "{}")).toMatchObject({ cluster: "prod", dryRun: true });
    expect((await ask(other, scanOf({ cluster: "stage" }))).status).toBe(202);
  });

  it("whose message comes twice is done once; one that fails has failed, and its message does not come again", async () => {
    const [http, poll] = [await instance("http"), await instance("poll")];
    const { headers } = await ask(http, scanOf({ cluster: "prod" }));
    const twice = aws.queue[0] ?? "";
    await poll.invoke(delivered());
    const questions = held.gate.asked.length;
    expect((await poll.invoke({ Records: [message(twice)] })).result).toEqual({ batchItemFailures: [] });
    expect(held.gate.asked).toHaveLength(questions);
    expect((await ask(http, request(headers.location ?? ""))).body.state).toBe("done");
    held.gate.shut = true;
    const next = await ask(http, scanOf({ cluster: "prod" }));
    const late = await poll.invoke(delivered(), { time: 2500 });
    expect(late.result).toEqual({ batchItemFailures: [] });
    const run = (await ask(http, request(next.headers.location ?? ""))).body;
    expect(run).toMatchObject({ state: "failed", scan: null, error: { code: "interrupted" } });
    held.gate.shut = false;
    expect((await ask(http, scanOf({ cluster: "prod" }))).status).toBe(202);
  });

  it("that the queue does not take is refused, and in nobody's way", async () => {
    const http = await instance("http");
    aws.trouble("SendMessageBatch", "deny");
    const refused = await ask(http, scanOf({ cluster: "prod" }));
    expect([refused.status, refused.body.code]).toEqual([503, "queue/unavailable"]);
    expect((await ask(http, scanOf({ cluster: "prod" }))).status).toBe(202);
  });
});

describe("functions/http", () => {
  it("answers what is known, plans from Prometheus, and refuses what it does not know", async () => {
    const [http, poll] = [await instance("http"), await instance("poll")];
    for (const minutes of [30, 0])
      await poll.invoke({ cluster: "prod", at: new Date(held.end - minutes * 60_000).toISOString() });
    const { body } = await ask(http, request("/api/v1/sightings?namespace=shop&limit=2"));
    expect([body.sightings.length, typeof body.next]).toEqual([2, "string"]);
    const rest = await ask(http, request(`/api/v1/sightings?namespace=shop&limit=2&next=${body.next}`));
    expect([rest.body.sightings.length, rest.body.next]).toEqual([1, null]);
    const yaml = await ask(http, request("/api/v1/service-entries?cluster=prod&since=3h&namespace=shop"));
    expect([yaml.status, yaml.headers["content-type"]]).toEqual([200, "application/yaml"]);
    expect(yaml.text).toContain("kind: ServiceEntry");
    expect((await ask(http, request("/api/v1/plan"))).body.detail).toContain("name a cluster; it has: prod, stage");
    expect((await ask(http, request("/api/v1/plan", { headers: {} }))).status).toBe(401);
    expect((await ask(http, request("/api/v1/sightings?name=x"))).status).toBe(400);
    const { paths } = (await ask(http, request("/openapi.json"))).body;
    expect(paths["/api/v1/scan"].post.requestBody.content["application/json"].schema.properties).toHaveProperty(
      "dryRun",
    );
    expect((await ask(http, request("/metrics"))).text).toContain('egress_scout_open_findings{cluster="prod"} 0');
  });
});

describe("what takes longer than a function has", () => {
  it("is told over HTTP as a problem that says what to do; the next one is answered by the same instance", async () => {
    const http = await instance("http");
    held.gate.shut = true;
    const late = await ask(http, request("/api/v1/plan?cluster=prod&since=3h"), { time: 2500 });
    expect([late.status, late.headers["content-type"]]).toEqual([504, "application/problem+json"]);
    expect(late.body).toMatchObject({ code: "interrupted", title: "Gateway Timeout", status: 504 });
    expect(late.body.detail).toContain("since=7d");
    held.gate.shut = false;
    expect((await ask(http, request("/api/v1/plan?cluster=prod&since=3h"))).status).toBe(200);
  });

  it("is told in Slack, with what to do, and its message does not come again", async () => {
    const [own, poll] = [await instance("slack"), await instance("poll")];
    held.gate.shut = true;
    expect((await ask(own, egress("plan shop prod"))).text).toContain("the plan comes here");
    expect((await poll.invoke(delivered(), { time: 2500 })).result).toEqual({ batchItemFailures: [] });
    expect(repliesText()[0]).toContain("egress-scout plan");
    expect((await ask(own, egress("scan prod"))).text).toContain("Scanning prod");
    expect((await poll.invoke(delivered(), { time: 2500 })).result).toEqual({ batchItemFailures: [] });
    expect(repliesText()[1]).toMatch(
      /^The scan of prod did not finish: interrupted: .*the next run covers this window/,
    );
  });
});

describe("functions/slack", () => {
  it("searches at once; plans and scans go through the queue, and come by response_url", async () => {
    const [own, poll] = [await instance("slack"), await instance("poll")];
    await poll.invoke({ cluster: "prod", at: new Date(held.end).toISOString() });
    expect((await ask(own, egress("shop"))).text).toContain("shop/web in prod");
    expect((await ask(own, egress("plan shop prod"))).text).toContain("the plan comes here");
    expect((await ask(own, egress("scan prod"))).text).toContain("Scanning prod");
    expect(aws.queue).toHaveLength(2);
    expect((await poll.invoke(delivered())).result).toEqual({ batchItemFailures: [] });
    const replies = repliesText();
    expect(replies[0]).toContain("shop in prod: REGISTRY_ONLY would break 3 of 3 flows");
    expect(replies[1]).toMatch(/^prod from /);
  });

  it("poll calls no address that is not Slack's, whoever wrote it into the queue", async () => {
    const poll = await instance("poll");
    const target = await awsReceiver();
    const jobs = [
      { slack: { kind: "search", text: "shop", replyTo: `${target.url}/x` } },
      { cluster: "prod", id: "11111111-2222-4333-8444-555555555555", replyTo: `${target.url}/x` },
    ];
    const { result, lines } = await poll.invoke({ Records: jobs.map((one) => message(one)) });
    expect(result).toEqual({ batchItemFailures: [] });
    expect(said(lines, "WARN").map(({ message: text }) => text)).toContain(
      "a response_url is not Slack's, and is not called",
    );
    expect(target.asked).toEqual([]);
    await target.stop();
    const wrong = await poll.invoke({
      Records: [message({ slack: { kind: "shell", text: "rm" } }), message({ id: "x" })],
    });
    expect(wrong.result).toMatchObject({ batchItemFailures: { length: 2 } });
  });
});
