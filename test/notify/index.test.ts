import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ChannelSettings, openChannel } from "../../lib/notify/index.ts";
import type { Receiver } from "../receivers/receiver.ts";
import { slackReceiver, slackUrl } from "../receivers/slack.ts";
import { finding, message } from "./sample.ts";

const options = { now: Date.now };

describe("openChannel", () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await slackReceiver();
  });
  afterEach(() => receiver.close());

  it("opens Slack", async () => {
    const channel = await openChannel("slack-payments", { slack: { webhook: slackUrl(receiver) } }, options);
    await channel.send(message([finding()]));
    expect([channel.name, receiver.taken.length]).toEqual(["slack-payments", 1]);
  });

  it("opens SNS", async () => {
    const channel = await openChannel(
      "sns-security",
      { sns: { topicArn: "arn:aws:sns:eu-west-1:123456789012:t" } },
      options,
    );
    expect(channel.name).toBe("sns-security");
  });

  it("does not know other kinds", async () => {
    await expect(openChannel("x", { pigeon: {} } as unknown as ChannelSettings, options)).rejects.toMatchObject({
      code: "internal",
    });
  });

  it("loads nothing of AWS, neither for Slack nor for SNS that is not used", () => {
    const program = `
      const { openChannel } = await import(${JSON.stringify(new URL("../../lib/notify/index.ts", import.meta.url).href)});
      await openChannel("a", { slack: { webhook: "https://hooks.slack.com/services/x" } }, {});
      await openChannel("b", { sns: { topicArn: "arn:aws:sns:eu-west-1:123456789012:t" } }, {});
      const { createRequire } = await import("node:module");
      const loaded = Object.keys(createRequire(import.meta.url).cache).filter((file) => /aws-sdk|smithy/.test(file));
      await import(${JSON.stringify(import.meta.resolve("@aws-sdk/client-sns"))});
      const after = Object.keys(createRequire(import.meta.url).cache).filter((file) => /aws-sdk|smithy/.test(file));
      console.log(JSON.stringify([loaded, after.length > 0]));
    `;
    const run = spawnSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" });
    expect([run.stdout.trim(), run.stderr]).toEqual(["[[],true]", ""]);
  });
});
