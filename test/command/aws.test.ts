import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type SetUp, setUp } from "../functions/set-up.ts";
import { apsCredentials, apsReceiver, workspace } from "../receivers/aps.ts";
import { type Aws, awsReceiver } from "../receivers/aws.ts";
import { runScout, scanJson } from "./run-scout.ts";
import { examined } from "./set-up.ts";

describe("the command with what AWS keeps", () => {
  let held: SetUp;
  let aws: Aws;

  beforeAll(async () => {
    held = await setUp("command-aws");
  });
  beforeEach(async () => {
    aws = await awsReceiver();
    return () => aws.stop();
  });
  afterAll(() => held.stop());

  const config = (prometheus: object, channels: object = {}) =>
    JSON.stringify({ clusters: [{ name: "prod", prometheus }], channels });
  const at = () => new Date(held.end).toISOString();
  const options = () => ({ env: { ...aws.env, AWS_EC2_METADATA_DISABLED: "true" }, cwd: held.folder.path });

  it("takes its config from S3 and a parameter, too", async () => {
    aws.objects.set("bucket/scout.yaml", config({ url: held.gate.url }));
    aws.parameters.set("/scout", config({ url: held.gate.url }));
    for (const place of ["s3://bucket/scout.yaml", "ssm:/scout"]) {
      const scan = await scanJson(["--config", place, "--state", "memory:", "--at", at()], options());
      expect(scan.run).toMatchObject({ cluster: "prod", mode: "learn" });
    }
    const { code, stderr } = await runScout(["scan", "--config", "s3://bucket/gone.yaml"], options());
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^egress-scout: config\/unreadable: s3:\/\/bucket\/gone\.yaml .*\n$/),
    ]);
  });

  it("so does whatever else takes one", async () => {
    aws.objects.set("bucket/wrong.yaml", "clusters: 7");
    for (const command of [["serve", "--port", "0"], ["report"], ["plan"], ["verdict", "list"]]) {
      const { code, stderr } = await runScout([...command, "--config", "s3://bucket/wrong.yaml"], options());
      expect([command[0], code, stderr]).toEqual([
        command[0],
        2,
        expect.stringContaining("s3://bucket/wrong.yaml: 1 mistake"),
      ]);
    }
    aws.objects.set(
      "bucket/scout.yaml",
      JSON.stringify({ verdicts: "verdicts.yaml", ...JSON.parse(config({ url: held.gate.url })) }),
    );
    aws.objects.set("bucket/verdicts.yaml", "verdicts: []");
    const set = [
      "verdict",
      "set",
      "f-1",
      "expected",
      "--force",
      "--state",
      "memory:",
      "--config",
      "s3://bucket/scout.yaml",
    ];
    expect(await runScout(set, options())).toMatchObject({ code: 0 });
    const { code, stderr } = await runScout([...set, "--write-file"], options());
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining("--write-file: what a config in S3 names is only read"),
    ]);
  });

  it("asks Amazon Managed Prometheus, signed, for all that a run asks", async () => {
    const aps = await apsReceiver(held.gate.url);
    const { accessKeyId, secretAccessKey, sessionToken } = apsCredentials;
    const env = {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    };
    const file = held.write(
      "aps.yaml",
      config({ url: `${aps.url}${workspace}`, auth: { sigv4: { region: "eu-west-1" } } }),
    );
    const scan = await scanJson(
      ["--config", file, "--state", "memory:", "--no-learn", "--since", "30m", "--at", at()],
      { env, cwd: held.folder.path },
    );
    expect(scan.findings.map(({ destination }) => destination.host).sort()).toEqual([
      "new.example.com",
      "newer.example.com",
    ]);
    expect(aps.asked.length).toBeGreaterThan(3);
    expect(new Set(aps.asked.map(({ url }) => url.split("?")[1]))).toEqual(
      new Set(["max_samples_processed_error_threshold=500000000"]),
    );
    await aps.stop();
  });

  it("doctor says which channel's secret is not there", async () => {
    const channels = {
      there: { webhook: { url: held.gate.url, secret: { ssm: "/there" } } },
      gone: { webhook: { url: held.gate.url, secret: { secretsManager: "gone" } } },
    };
    aws.parameters.set("/there", "S3cretThere42");
    const file = held.write("doctor.yaml", config({ url: held.gate.url }, channels));
    const { by, stdout, stderr } = await examined(["--config", file, "--state", "memory:"], options());
    expect(by.channels).toMatchObject({ status: "fail", found: expect.stringContaining("gone") });
    expect(JSON.stringify(by.channels)).toContain("secretsManager: gone: there is none of that name");
    expect(stdout + stderr).not.toContain("S3cretThere42");
  });
});
