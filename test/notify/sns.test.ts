import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { ScoutError } from "../../lib/errors.ts";
import { sns } from "../../lib/notify/sns.ts";
import { channelContract } from "../contract/channel.ts";
import type { Receiver } from "../receivers/receiver.ts";
import { snsAttributes, snsCredentials, snsError, snsFields, snsManifests, snsReceiver } from "../receivers/sns.ts";
import { finding, many, message } from "./sample.ts";

const name = "the-channel";
const topicArn = "arn:aws:sns:eu-west-1:123456789012:egress";

beforeAll(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", snsCredentials.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", snsCredentials.secretAccessKey);
  vi.stubEnv("AWS_SESSION_TOKEN", snsCredentials.sessionToken);
  // Nothing of this machine's own set-up, and no call to a metadata service.
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
  vi.stubEnv("AWS_CONFIG_FILE", "/dev/null");
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
});
afterAll(() => void vi.unstubAllEnvs());

channelContract("sns", async ({ timeout }) => {
  const receiver = await snsReceiver();
  return {
    channel: sns({ name, topicArn, endpoint: receiver.url, timeout }),
    receiver,
    secrets: Object.values(snsCredentials),
    manifests: snsManifests,
    text: (body) => snsFields(body).Message ?? "",
    tries: 2,
  };
});

describe("sns", () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await snsReceiver();
  });
  afterEach(() => receiver.close());

  const failure = async (sent: Promise<void>): Promise<ScoutError> => {
    const thrown = await sent.catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ScoutError);
    return thrown as ScoutError;
  };

  it("sends attributes for filters: a string where findings agree, else a list", async () => {
    const other = finding({
      id: "f-2",
      severity: "critical",
      source: { cluster: "prod-eu", namespace: "shop", workload: "web" },
    });
    await sns({ name, topicArn, endpoint: receiver.url }).send(message([other, finding()]));
    expect(snsAttributes(receiver.taken[0]!)).toEqual({
      kind: ["String", "new-destination"],
      severity: ["String.Array", '["critical","warning"]'],
      cluster: ["String", "prod-eu"],
      namespace: ["String.Array", '["payments","shop"]'],
      team: ["String", "payments"],
    });
    expect(snsFields(receiver.taken[0]!).Subject).toBe("Egress critical: 2 new destinations for payments in prod-eu");
  });

  it("leaves empty attributes out", async () => {
    const blind = finding({ kind: "blind", source: { cluster: "prod-eu", namespace: "", workload: "" } });
    await sns({ name, topicArn, endpoint: receiver.url }).send(message([blind]));
    expect(Object.keys(snsAttributes(receiver.taken[0]!))).toEqual(["kind", "severity", "cluster", "team"]);
  });

  it("fills the 256 KiB and not more", async () => {
    await sns({ name, topicArn, endpoint: receiver.url }).send(message(many(3000)));
    const { Message = "" } = snsFields(receiver.taken[0]!);
    expect(Message.length).toBeGreaterThan(250_000);
    expect(receiver.faults).toEqual([]);
  });

  it("stays within the size when every finding has another namespace", async () => {
    const own = many(4000).map((one, index) => ({
      ...one,
      source: { ...one.source, namespace: `${"n".repeat(240)}-${index}` },
    }));
    await sns({ name, topicArn, endpoint: receiver.url }).send(message(own));
    expect(receiver.faults).toEqual([]);
    expect(receiver.taken).toHaveLength(1);
  });

  it("gives a FIFO topic the team as group and the id against doubles", async () => {
    await sns({ name, topicArn: `${topicArn}.fifo`, endpoint: receiver.url }).send(
      message([finding()], { team: "team a" }),
    );
    const { MessageGroupId, MessageDeduplicationId } = snsFields(receiver.taken[0]!);
    expect([MessageGroupId, MessageDeduplicationId]).toEqual(["team_a", "msg-0011223344556677"]);
  });

  it("takes the region from the ARN, and the endpoint from AWS_ENDPOINT_URL_SNS", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL_SNS", receiver.url);
    await sns({ name, topicArn }).send(message([finding()]));
    vi.stubEnv("AWS_ENDPOINT_URL_SNS", undefined);
    expect(receiver.taken).toHaveLength(1);
    expect(receiver.got[0]!.headers.authorization).toContain("/eu-west-1/sns/aws4_request");
  });

  it("tries once more after a fault", async () => {
    receiver.behave("server-error");
    await sns({ name, topicArn, endpoint: receiver.url }).send(message([finding()]));
    expect(receiver.got).toHaveLength(2);
    expect(receiver.taken).toHaveLength(1);
  });

  it("tries once more after a try that hung", async () => {
    receiver.behave("hang");
    await sns({ name, topicArn, endpoint: receiver.url, timeout: 700 }).send(message([finding()]));
    expect(receiver.got).toHaveLength(2);
    expect(receiver.taken).toHaveLength(1);
  });

  it.each([
    ["NotFound", 404, "channel/refused", "the topic's ARN, account and region"],
    ["Throttled", 429, "channel/rate-limited", "next run"],
    ["AuthorizationError", 403, "channel/refused", "sns:Publish"],
    ["InvalidParameter", 400, "channel/refused", "topicArn"],
    ["KMSAccessDenied", 400, "channel/refused", "KMS key"],
    ["ExpiredToken", 403, "channel/refused", "credentials"],
    ["KMSThrottling", 400, "channel/rate-limited", "next run"],
    ["ThrottlingException", 400, "channel/rate-limited", "next run"],
  ])("takes %s (%i) for %s", async (code, status, expected, mend) => {
    receiver.behave(
      ...Array.from({ length: 2 }, () => snsError(status, code, "User: arn:aws:iam::1:role/r is not authorized")),
    );
    const error = await failure(sns({ name, topicArn, endpoint: receiver.url }).send(message([finding()])));
    expect(error.code).toBe(expected);
    expect(error.mend).toContain(mend);
  });

  it.each(["", "<PublishResponse/>", "<html></html>", "<PublishResponse><PublishResult><Mess"])(
    "takes an answer without a message id for no yes: %j",
    async (body) => {
      receiver.behave({ status: 200, body });
      const error = await failure(sns({ name, topicArn, endpoint: receiver.url }).send(message([finding()])));
      expect(error.code).toBe("channel/refused");
      expect(error.message).toContain("what answered is not SNS");
    },
  );

  it("keeps what Retry-After says for the runs that come", async () => {
    const busy = { ...snsError(429, "Throttled", "Rate exceeded"), headers: { "retry-after": "1800" } };
    receiver.behave(busy, busy);
    const error = await failure(
      sns({ name, topicArn, endpoint: receiver.url, timeout: 2_000 }).send(message([finding()])),
    );
    expect(error).toMatchObject({ code: "channel/rate-limited", retryAfter: 1_800_000 });
  });

  it("does not repeat a token that SNS quotes back", async () => {
    const quoted = `x-amz-security-token:${snsCredentials.sessionToken} ${snsCredentials.accessKeyId}`;
    receiver.behave(snsError(403, "SignatureDoesNotMatch", quoted));
    const error = await failure(sns({ name, topicArn, endpoint: receiver.url }).send(message([finding()])));
    expect(error.message).toBe(
      'channel the-channel: SNS refused the message: "SignatureDoesNotMatch": "x-amz-security-token:(secret) (secret)"',
    );
  });

  it("says that credentials are missing", async () => {
    for (const variable of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
      vi.stubEnv(variable, undefined);
    const error = await failure(sns({ name, topicArn, endpoint: receiver.url }).send(message([finding()])));
    vi.stubEnv("AWS_ACCESS_KEY_ID", snsCredentials.accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", snsCredentials.secretAccessKey);
    vi.stubEnv("AWS_SESSION_TOKEN", snsCredentials.sessionToken);
    expect(error.code).toBe("channel/refused");
    expect(error.message).toBe("channel the-channel: SNS: no AWS credentials found");
    expect(receiver.got).toEqual([]);
  });

  it.each(["egress", "", "arn:aws:sqs:eu-west-1:123456789012:egress"])(
    "refuses the ARN %j when sending",
    async (arn) => {
      const error = await failure(sns({ name, topicArn: arn, endpoint: receiver.url }).send(message([finding()])));
      expect(error.code).toBe("channel/refused");
      expect(error.message).toContain("is no ARN of an SNS topic");
    },
  );

  it("refuses an endpoint that is no URL", async () => {
    const error = await failure(sns({ name, topicArn, endpoint: "nowhere" }).send(message([finding()])));
    expect(error.code).toBe("channel/refused");
  });

  it("is interrupted while it sends", async () => {
    const controller = new AbortController();
    receiver.behave("hang");
    const sending = sns({ name, topicArn, endpoint: receiver.url, signal: controller.signal }).send(
      message([finding()]),
    );
    void receiver.gets(1).then(() => controller.abort());
    expect((await failure(sending)).code).toBe("interrupted");
  });
});
