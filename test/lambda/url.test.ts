/** The functions behind URLs from their packages, as Lambda runs them, under both Node.js runtimes, with the state in DynamoDB. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pressForm, signed, signingSecret } from "../command/serve-scout.ts";
import { type Dynamodb, startDynamodb } from "../tools/dynamodb.ts";
import { type Runtime, runtimes, startFunction } from "../tools/lambda.ts";
import { tempFolder } from "../tools/temp.ts";
import { processEnv, unpack } from "./packaged.ts";

const eventOf = (method: string, path: string, headers: Record<string, string> = {}, body?: string) => ({
  ...{ version: "2.0", routeKey: "$default", rawPath: path, rawQueryString: "" },
  headers: { host: "abc.lambda-url.eu-west-1.on.aws", ...headers },
  requestContext: {
    ...{ accountId: "anonymous", domainName: "abc.lambda-url.eu-west-1.on.aws" },
    http: { method, path, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "test" },
  },
  ...(body === undefined ? {} : { body }),
  isBase64Encoded: false,
});

describe.each(Object.keys(runtimes) as Runtime[])("Function URLs under %s", (runtime) => {
  const folder = tempFolder("lambda-url");
  const config = join(folder.path, "config.yaml");
  let dynamodb: Dynamodb;
  beforeAll(async () => {
    dynamodb = await startDynamodb();
    writeFileSync(
      config,
      `clusters: [{ name: prod, prometheus: { url: "http://127.0.0.1:1" } }]
slack: { signingSecret: { env: SIGNING }, allow: [U012AB3CD] }
api: { tokens: [{ env: TOKEN }] }
`,
    );
  });
  afterAll(async () => {
    await dynamodb.stop();
    folder.remove();
  });

  async function ask(name: "http" | "slack", events: ReturnType<typeof eventOf>[]) {
    const env = {
      ...{ ...processEnv, ...dynamodb.env, EGRESS_SCOUT_CONFIG: config, SIGNING: signingSecret, TOKEN: "the-token" },
      EGRESS_SCOUT_STATE: `dynamodb:${await dynamodb.table()}`,
    };
    const packaged = unpack(name, join(folder.path, name));
    const called = await startFunction({ ...packaged, env, runtime });
    try {
      const answers: unknown[] = [];
      for (const event of events) {
        const invocation = await called.invoke(event);
        answers.push(invocation.ended === "answer" ? invocation.value : invocation);
      }
      return answers;
    } finally {
      await called.stop();
    }
  }

  it("http looks for the finding of who has a token, and of nobody else", async () => {
    const body = JSON.stringify({ id: "0123456789abcdef0123456789abcdef", verdict: "approved" });
    const json = { "content-type": "application/json" };
    const post = (headers: Record<string, string>) => eventOf("POST", "/api/v1/verdicts", headers, body);
    const answers = await ask("http", [
      eventOf("GET", "/healthz"),
      post(json),
      post({ ...json, authorization: "Bearer the-token" }),
    ]);
    expect(answers).toMatchObject([{ statusCode: 200 }, { statusCode: 401 }, { statusCode: 404 }]);
  });

  it("slack takes what Slack signed, and there is nothing else", async () => {
    const press = pressForm({ action: "deny", value: "0123456789abcdef0123456789abcdef", responseUrl: "" });
    const answers = await ask("slack", [
      eventOf("GET", "/healthz"),
      eventOf("POST", "/slack/actions", {}, press),
      eventOf("POST", "/slack/actions", signed(press), press),
      eventOf("GET", "/"),
    ]);
    expect(answers).toMatchObject([200, 401, 200, 404].map((statusCode) => ({ statusCode })));
  });
});
