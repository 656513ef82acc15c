import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Aws, awsReceiver } from "../receivers/aws.ts";
import { type Instance, lambda } from "./lambda.ts";
import { minute, type SetUp, setUp } from "./set-up.ts";

describe("where functions have their config from", () => {
  let held: SetUp;
  let aws: Aws;
  let poll: Instance;

  beforeAll(async () => {
    held = await setUp("config");
  });
  beforeEach(async () => {
    aws = await awsReceiver();
    const state = { EGRESS_SCOUT_STATE: "memory:" };
    // An empty working directory, as a function's package is but for its own files.
    poll = await lambda("poll", { ...aws.env, ...state }, held.folder.path);
    return async () => {
      await poll.stop();
      await aws.stop();
    };
  });
  afterAll(() => held.stop());

  const config = (name: string, more: object = {}) =>
    JSON.stringify({ clusters: [{ name, prometheus: { url: held.gate.url } }], ...more });
  const asked = (more: object = {}) => ({ at: new Date(held.end).toISOString(), dryRun: true, ...more });
  const from = (place: string) => ({ env: { EGRESS_SCOUT_CONFIG: place } });
  const failed = async (place: string) => (await poll.invoke(asked(), from(place))).failed?.message;

  it.each(["s3://bucket/scout/config.yaml", "ssm:/egress-scout/config"])(
    "%s is read once in five minutes, and a change holds from then on",
    async (place) => {
      const hold = (text: string) => {
        aws.objects.set("bucket/scout/config.yaml", text);
        aws.parameters.set("/egress-scout/config", text);
      };
      hold(config("before"));
      expect((await poll.invoke(asked(), from(place))).result).toMatchObject({ run: { cluster: "before" } });
      hold(config("after"));
      expect((await poll.invoke(asked(), { later: 4 * minute })).result).toMatchObject({ run: { cluster: "before" } });
      expect(aws.asked).toHaveLength(1);
      expect((await poll.invoke(asked(), { later: 6 * minute })).result).toMatchObject({ run: { cluster: "after" } });
      expect(aws.asked).toHaveLength(2);
      hold("clusters: 7\ncolour: red");
      const { failed } = await poll.invoke(asked(), { later: 12 * minute });
      expect(failed?.message).toBe(
        `config/invalid: ${place}: 2 mistakes: clusters: expected array, received number; colour: no such key; ` +
          "`egress-scout schema config` prints what is allowed",
      );
      hold(config("mended"));
      expect((await poll.invoke(asked())).result).toMatchObject({ run: { cluster: "mended" } });
    },
  );

  it("fetches what a config in S3 names relatively from beside it, folders whole", async () => {
    const owners = [{ codeowners: "./OWNERS" }, { backstage: "../catalogue" }, { team: "platform" }];
    const names = { verdicts: "verdicts.yaml", owners, enrich: { ranges: "./ranges", asn: "lists/asn.csv" } };
    const clusters = [{ name: "prod", prometheus: { url: held.gate.url }, existing: ["./manifests"] }];
    aws.objects.set("bucket/team/scout/config.yaml", config("prod", { ...names, clusters }));
    aws.objects.set("bucket/team/scout/manifests/prod/entries.yaml", "kind: [\n");
    aws.objects.set("bucket/team/scout/verdicts.yaml", "verdicts: []");
    aws.objects.set("bucket/team/scout/OWNERS", "shop/* team-shop\n");
    aws.objects.set("bucket/team/catalogue/a/catalog-info.yaml", "{}");
    aws.objects.set("bucket/team/scout/ranges/one.txt", "198.51.100.0/24\n");
    aws.objects.set("bucket/team/scout/ranges/../../../../outside.txt", "x");
    aws.objects.set("bucket/team/scout/ranges-of-others/two.txt", "x");
    aws.objects.set("bucket/team/scout/lists/asn.csv", "198.51.100.0,198.51.100.255,64500,EXAMPLE\n");
    const { result, failed } = await poll.invoke(asked({ since: "30m" }), from("s3://bucket/team/scout/config.yaml"));
    expect(failed).toBeNull();
    // The first run of a state that is not kept learns; that the files were read is told by its warnings.
    const warnings = expect.arrayContaining([
      expect.stringMatching(/^clusters[.]prod[.]existing: document 0 of .*manifests\/prod\/entries[.]yaml is no YAML/),
    ]);
    expect(result).toMatchObject({ run: { cluster: "prod", warnings } });
    const got = aws.asked
      .filter((one) => one.startsWith("GetObject"))
      .map((one) => one.slice("GetObject bucket/team/".length));
    expect(got.sort()).toEqual(
      [
        "catalogue/a/catalog-info.yaml",
        "scout/OWNERS",
        "scout/config.yaml",
        "scout/lists/asn.csv",
        "scout/manifests/prod/entries.yaml",
        "scout/ranges/one.txt",
        "scout/verdicts.yaml",
      ].sort(),
    );
    aws.objects.set("bucket/team/scout/verdicts.yaml", "verdicts: [{ id: 1 }]");
    const wrong = await poll.invoke(asked(), { later: 6 * minute });
    expect(wrong.failed?.message).toMatch(/^config\/invalid: .*verdicts\.yaml: 2 mistakes/);
    aws.objects.delete("bucket/team/scout/verdicts.yaml");
    const missing = await poll.invoke(asked(), { later: 12 * minute });
    expect(missing.failed?.message).toMatch(
      /^config\/unreadable: s3:\/\/bucket\/team\/scout\/verdicts\.yaml cannot be read: there is none/,
    );
  });

  it("says what is wrong: missing, denied, too large, away, no place at all, outside of the bucket", async () => {
    aws.objects.set("bucket/large.yaml", `# ${"x".repeat(1024 * 1024)}`);
    aws.objects.set("bucket/out.yaml", config("prod", { enrich: { ranges: "../../ranges" } }));
    aws.objects.set("bucket/none.yaml", config("prod", { enrich: { ranges: "ranges" } }));
    expect(await failed("s3://bucket/gone.yaml")).toMatch(
      /^config\/unreadable: s3:\/\/bucket\/gone\.yaml cannot be read: there is none of that name/,
    );
    expect(await failed("ssm:/gone")).toMatch(
      /^config\/unreadable: ssm:\/gone cannot be read: there is none of that name/,
    );
    expect(await failed("s3://bucket/large.yaml")).toMatch(/is larger than 1 MiB/);
    expect(await failed("s3://bucket/out.yaml")).toMatch(/\.\.\/\.\.\/ranges is outside of the bucket/);
    expect(await failed("s3://bucket/none.yaml")).toMatch(
      /s3:\/\/bucket\/ranges: there is no such object, and none below it/,
    );
    for (const [place, operation, action] of [
      ["s3://bucket/large.yaml", "GetObject", "s3:GetObject"],
      ["ssm:/gone", "GetParameter", "ssm:GetParameter"],
    ] as const) {
      aws.trouble(operation, "deny");
      expect(await failed(place)).toMatch(new RegExp(`AWS denies it: .*allow ${action} on it`));
      aws.trouble(operation, "fail", "fail", "fail");
      expect(await failed(place)).toMatch(/AWS failed with status 500/);
    }
    for (const place of ["s3://bucket", "s3:bucket/key", "ssm:"])
      expect(await failed(place)).toMatch(/^usage: .* names no/);
  });

  it("rides out throttling and a failure that passes", async () => {
    aws.parameters.set("/config", config("prod"));
    aws.trouble("GetParameter", "throttle", "fail");
    expect((await poll.invoke(asked(), from("ssm:/config"))).failed).toBeNull();
    expect(aws.asked).toHaveLength(3);
  });

  it("does not wait for a service that says nothing", async () => {
    aws.parameters.set("/config", config("prod"));
    aws.trouble("GetParameter", "hang");
    expect((await poll.invoke(asked(), from("ssm:/config"))).failed).toBeNull();
    expect(aws.asked).toHaveLength(2);
    aws.trouble("GetParameter", "hang", "hang", "hang", "hang");
    const { failed } = await poll.invoke(asked(), { later: 6 * minute });
    expect(failed?.message).toMatch(
      /^config\/unreadable: ssm:\/config cannot be read: AWS gave no whole answer in time/,
    );
  });

  it("without any, says what to set", async () => {
    const { failed } = await poll.invoke(asked());
    expect(failed?.message).toMatch(/^usage: .*egress-scout\.yaml/);
  });
});
