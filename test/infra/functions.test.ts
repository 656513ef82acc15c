/** The functions of the packaged template, what is in their zips, and what parameters make of them. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { processEnv } from "../lambda/packaged.ts";
import { tempFolder } from "../tools/temp.ts";
import { allowed, grants } from "./iam.ts";
import { type Packed, type Properties, pack } from "./pack.ts";
import { suppressed } from "./suppressed.ts";
import { everything, packAll, type Variant, variants } from "./variants.ts";

const folder = tempFolder("functions");
let packed: Record<Variant, Packed>;
const of = (name: Variant): Packed => packed[name];

beforeAll(async () => {
  packed = await packAll(folder.path);
}, 180_000);
afterAll(folder.remove);

const ids = (list: [string, Properties][]) => list.map(([id]) => id).sort();
const prefix = (packed: Packed) => String(packed.properties("Memory").TableName);

describe.each(variants)("%s: functions", (name) => {
  it("each have a role of their own, a log group with retention, bounded retries and the runtime that lasts", () => {
    const functions = of(name).all("AWS::Lambda::Function");
    const names = name === "everything" ? ["Http", "Poll", "Schedule", "Slack"] : ["Poll", "Schedule"];
    expect(ids(functions)).toEqual(names.map((one) => `${one}LambdaFunction`));
    for (const [id, properties] of functions) {
      const short = id.replace("LambdaFunction", "");
      expect(properties).toMatchObject({
        Role: { "Fn::GetAtt": [`${short}Role`, "Arn"] },
        Runtime: "nodejs24.x",
        Architectures: ["arm64"],
        Handler: `dist/functions/${short.toLowerCase()}/index.handler`,
        LoggingConfig: { LogFormat: "JSON" },
      });
      expect(of(name).properties(`${short}LogGroup`)).toMatchObject({
        LogGroupName: `/aws/lambda/${prefix(of(name))}-${short.toLowerCase()}`,
        RetentionInDays: name === "prod" ? 90 : 7,
      });
      if (!["Poll", "Schedule"].includes(short)) continue;
      expect(of(name).properties(`${short}LambdaEvConf`)).toMatchObject({
        MaximumEventAgeInSeconds: name === "everything" ? 60 : name === "dev" ? 900 : 300,
        DestinationConfig: { OnFailure: { Destination: expect.anything() } },
      });
    }
  });

  it("have a heap that fits their memory, and else what the benches and tests run with", () => {
    for (const [, { MemorySize, Environment }] of of(name).all("AWS::Lambda::Function")) {
      const { Variables } = z.object({ Variables: z.record(z.string(), z.unknown()) }).parse(Environment);
      const maps = name === "everything" ? "" : " --enable-source-maps";
      const heap = `--max-old-space-size=${Math.floor(Number(MemorySize) * 0.75)}`;
      const options = `${processEnv.NODE_OPTIONS}${maps}`.replace(/--max-old-space-size=\d+/, heap);
      expect(Variables).toMatchObject({ ...processEnv, NODE_OPTIONS: options });
    }
  });

  it("have exactly their own bundle and the config in their zip", () => {
    for (const [id] of of(name).all("AWS::Lambda::Function")) {
      const short = id.replace("LambdaFunction", "").toLowerCase();
      const dist = `dist/functions/${short}`;
      const built = readdirSync(fileURLToPath(new URL(`../../${dist}`, import.meta.url))).map(
        (one) => `${dist}/${one}`,
      );
      const plain = name === "everything";
      const expected = plain ? built.filter((one) => !one.endsWith(".map")) : [...built, "infra/egress-scout.yaml"];
      expect(of(name).zip(short)).toEqual(expected.sort());
    }
  });

  it("are allowed no wildcard that is not explained", () => {
    const explained = suppressed.filter(({ rule }) => rule.startsWith("AwsSolutions-IAM5")).map((one) => one.resource);
    for (const { source, Effect, Action, Resource } of grants(of(name))) {
      if (Effect === "Deny" || explained.includes(source)) continue;
      expect(JSON.stringify([Action, Resource])).not.toContain("*");
    }
  });
});

describe("optional parts", () => {
  it("open a URL for IAM callers and one for Slack, only where wanted", () => {
    expect(of("prod").all("AWS::Lambda::Url")).toEqual([]);
    expect(of("everything").properties("HttpLambdaFunctionUrl").AuthType).toBe("AWS_IAM");
    expect(of("everything").properties("SlackLambdaFunctionUrl").AuthType).toBe("NONE");
    const open = of("everything").all("AWS::Lambda::Permission");
    expect(open.map(([, { FunctionName }]) => FunctionName)).toEqual(
      Array(2).fill({ "Fn::GetAtt": ["SlackLambdaFunction", "Arn"] }),
    );
  });

  it("put every function into the VPC and trace it, or none", () => {
    for (const [id, { VpcConfig, TracingConfig }] of of("everything").all("AWS::Lambda::Function")) {
      expect(VpcConfig).toEqual({
        SubnetIds: everything.subnetIds?.split(","),
        SecurityGroupIds: [everything.securityGroupIds],
      });
      expect(TracingConfig).toEqual({ Mode: "Active" });
      expect(of("everything").template.Resources[id]?.DependsOn).toContain("NetworkAccess");
    }
    for (const [, { VpcConfig, TracingConfig }] of of("prod").all("AWS::Lambda::Function"))
      expect([VpcConfig, TracingConfig]).toEqual([undefined, undefined]);
  });
});

describe("parameters", () => {
  it("that are wrong are refused, all at once", async () => {
    const wrong = {
      intervall: "5",
      pollTimeout: "901",
      subnetIds: "subnet-1",
      secretArns: "*",
      http: "yes",
      pollParallel: "9",
    };
    const refused = pack(join(folder.path, "wrong"), "prod", wrong);
    for (const text of [
      "intervall is no parameter",
      "pollTimeout",
      "with securityGroupIds only",
      "secretArns",
      "http is",
      "up to pollReserved",
    ])
      await expect(refused).rejects.toThrow(text);
  }, 180_000);

  it("name what a role may read, and no more: `*` and `?` are any text to IAM", async () => {
    const refused = pack(join(folder.path, "any"), "prod", {
      config: "s3://my-configs/egress-scout.yaml",
      files: "manifests/**",
      secretArns: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:??????",
      logGroupArns: "arn:aws:logs:eu-west-1:111122223333:log-group:?ks",
    });
    for (const text of ["files is", "secretArns is", "logGroupArns is"]) await expect(refused).rejects.toThrow(text);
  }, 180_000);

  it("ask for no function that is not built: osls would package an empty one", async () => {
    const refused = pack(join(folder.path, "unbuilt"), "prod", {}, "schedule");
    await expect(refused).rejects.toThrow("schedule is not built: npm run build");
  }, 180_000);

  it("may name the config by a parameter of Systems Manager, which may then be read", async () => {
    const ssm = await pack(join(folder.path, "ssm"), "prod", { config: "ssm:/egress-scout/config" });
    for (const role of ["ScheduleRole", "PollRole"])
      expect(allowed(ssm, role)).toContain(
        "ssm:GetParameter on arn:Partition:ssm:Region:AccountId:parameter/egress-scout/config",
      );
    expect(ssm.zip("schedule")).not.toContain("infra/egress-scout.yaml");
  }, 180_000);
});
