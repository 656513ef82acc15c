import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ScoutError } from "../../lib/errors.ts";
import { webhook } from "../../lib/notify/webhook.ts";
import { webhookDocuments } from "../../lib/report/webhook.ts";
import { channelContract } from "../contract/channel.ts";
import type { Receiver } from "../receivers/receiver.ts";
import { hookSecret, hookSecrets, hookUrl, posted, webhookReceiver } from "../receivers/webhook.ts";
import { at, finding, many, message } from "./sample.ts";

const settings = {
  name: "the-channel",
  secret: hookSecret,
  headers: {},
  documents: webhookDocuments,
  now: () => at,
  wait: async () => {},
};

channelContract("webhook", async ({ timeout }) => {
  const receiver = await webhookReceiver();
  return {
    channel: webhook({ ...settings, url: hookUrl(receiver), timeout }),
    receiver,
    secrets: hookSecrets,
    manifests: (body) => posted(body).data.findings.flatMap(({ suggestions }) => suggestions.map(({ yaml }) => yaml)),
    text: (body) => body,
    tries: 2,
    words: ['"count":12', "2026-11-22T10:04:00.000Z"],
    yes: ["html", "not-ok"],
    saysAll: true,
    posts: () => null,
  };
});

describe("webhook", () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await webhookReceiver();
  });
  afterEach(() => receiver.close());
  const open = (change: Partial<Parameters<typeof webhook>[0]> = {}) =>
    webhook({ ...settings, url: hookUrl(receiver), ...change });
  const failure = async (sent: Promise<void>): Promise<ScoutError> => {
    const thrown = await sent.catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ScoutError);
    return thrown as ScoutError;
  };

  it("posts a CloudEvent whose id is the letter's, and signs it", async () => {
    await open({ now: () => at + 90_500 }).send(message([finding()], { reason: "changed", note: "instead of slack" }));
    const [body = ""] = receiver.taken;
    const { data, ...envelope } = posted(body);
    expect(envelope).toEqual({
      specversion: "1.0",
      id: "msg-0011223344556677/the-channel",
      source: "egress-scout/prod-eu",
      type: "io.egress-scout.findings.v1",
      time: "2026-11-22T10:15:00.000Z",
      datacontenttype: "application/json",
    });
    expect(data).toMatchObject({ owner: { team: "payments", from: "config" }, note: "instead of slack" });
    expect(data.findings[0]).toMatchObject({
      id: "f-4be1c09a77d2",
      destination: { host: "api.stripe.com", port: 443 },
      notified: [{ channel: "the-channel", reason: "changed", ok: true }],
    });
    const time = (at + 90_500 - 500) / 1000;
    const hex = createHmac("sha256", hookSecret).update(`${time}.${body}`).digest("hex");
    expect(receiver.got[0]?.headers).toMatchObject({
      "content-type": "application/cloudevents+json; charset=utf-8",
      "x-egress-scout-signature": `t=${time},v1=${hex}`,
    });
  });

  it("without a secret signs nothing", async () => {
    await open({ secret: undefined })
      .send(message([finding()]))
      .catch(() => {});
    expect(receiver.got[0]?.headers).not.toHaveProperty("x-egress-scout-signature");
  });

  it("sends headers, and tells none of them", async () => {
    receiver.behave({ status: 401, body: "Splunk T0kenOfMine is no good" });
    const error = await failure(open({ headers: { authorization: "Splunk T0kenOfMine" } }).send(message([finding()])));
    expect(receiver.got[0]?.headers.authorization).toBe("Splunk T0kenOfMine");
    expect(error.message).toContain("(secret) is no good");
    expect(error.message).not.toContain("T0kenOfMine");
    expect(error.mend).toContain("secret and headers");
  });

  it("tells a long letter in parts of 1 MB at most, each with an id of its own, no finding twice", async () => {
    await open().send(message(many(3000)));
    const parts = receiver.taken.map(posted);
    expect(receiver.taken.every((body) => Buffer.byteLength(body) <= 1_000_000)).toBe(true);
    expect(parts.length).toBeGreaterThan(3);
    const ids = parts.map(({ id }) => id);
    expect(ids.slice(0, 3)).toEqual(["", "/2", "/3"].map((end) => `msg-0011223344556677/the-channel${end}`));
    expect(parts.flatMap(({ data }) => data.findings.map((one) => one.id))).toEqual(many(3000).map((one) => one.id));
  });

  it.each([200, 201, 202, 204])("takes %i for a yes", async (status) => {
    receiver.behave({ status, body: "" });
    await open().send(message([finding()]));
    expect(receiver.got).toHaveLength(1);
  });

  it("follows no redirect", async () => {
    receiver.behave("redirect");
    expect((await failure(open().send(message([finding()])))).mend).toContain("no redirect is followed");
    expect(receiver.got).toHaveLength(1);
  });

  it("reads no more of a yes than its beginning", async () => {
    receiver.behave("flood");
    await open().send(message([finding()]));
    expect(receiver.got).toHaveLength(1);
  });

  it.each(["nonsense", "ftp://x/T0kenInThePath42", "https://user:T0kenInThePath42@x/"])(
    "refuses the URL %j, and does not repeat it",
    async (url) => {
      const error = await failure(open({ url }).send(message([finding()])));
      expect(error.message).toBe("channel the-channel: the webhook's url is no http(s) URL");
    },
  );

  it("is interrupted while it sends", async () => {
    const controller = new AbortController();
    receiver.behave("hang");
    const sending = open({ signal: controller.signal }).send(message([finding()]));
    void receiver.gets(1).then(() => controller.abort());
    expect((await failure(sending)).code).toBe("interrupted");
  });
});
