import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { asScoutError } from "../../lib/errors.ts";
import { prometheus } from "../../lib/poll/prometheus.ts";
import type { Sigv4Settings } from "../../lib/poll/sigv4.ts";
import { apsCredentials, apsReceiver, expiredToken, workspace } from "../receivers/aps.ts";
import { createBlocks, type Prometheus, startPrometheus } from "../tools/prometheus.ts";
import { tempFolder } from "../tools/temp.ts";
import type { Answering } from "./answering.ts";

const at = Date.UTC(2026, 10, 20, 12);
const label = "a&b=c +ü%20\"'*()!~";

describe("poll/sigv4, in front of a real Prometheus", () => {
  const folder = tempFolder("sigv4");
  const open: Answering[] = [];
  let held: Prometheus;

  beforeAll(async () => {
    const lines = Array.from(
      { length: 20 },
      (_, index) => `x_total{host=${JSON.stringify(label)}} ${index} ${at / 1000 - 300 + index * 15}`,
    );
    await createBlocks(`# TYPE x counter\n${lines.join("\n")}\n# EOF\n`, folder.path);
    held = await startPrometheus({ dir: folder.path });
  });
  beforeEach(() => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", apsCredentials.accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", apsCredentials.secretAccessKey);
    vi.stubEnv("AWS_SESSION_TOKEN", apsCredentials.sessionToken);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    for (const one of open.splice(0)) await one.stop();
  });
  afterAll(async () => {
    await held.stop();
    folder.remove();
  });

  async function workspaceOf(change: Partial<Sigv4Settings> = {}, allowed = true) {
    const server = await apsReceiver(held.url, { allowed });
    open.push(server);
    const sigv4 = {
      ...{ region: "eu-west-1", service: "aps", samplesPerQuery: { warn: null, most: 500 }, now: Date.now },
      ...change,
    };
    const headers = { "X-Scope-OrgID": "team a" };
    return {
      server,
      telemetry: prometheus({ url: `${server.url}${workspace}`, timeout: 5000, headers, basic: null, sigv4 }),
    };
  }
  const refused = async (change: Partial<Sigv4Settings> = {}, allowed = true) => {
    const { telemetry } = await workspaceOf(change, allowed);
    const error = await telemetry.vector("up", at).then(() => null, asScoutError);
    expect(JSON.stringify([error?.message, error?.mend])).not.toMatch(/SessionToken42|aps\/EXAMPLEKEY42/);
    return error;
  };

  it("is taken to the byte, whatever is in the query, instant and range", async () => {
    const { server, telemetry } = await workspaceOf();
    const promql = `x_total{host=${JSON.stringify(label)}}`;
    const [row] = await telemetry.vector(promql, at);
    expect(row).toMatchObject({ labels: { host: label }, value: 19 });
    expect(await telemetry.range(promql, at - 60_000, at, 15_000)).toMatchObject([{ values: { length: 5 } }]);
    expect(server.asked.map(({ url }) => url)).toEqual([
      `${workspace}/api/v1/query?max_samples_processed_error_threshold=500`,
      `${workspace}/api/v1/query_range?max_samples_processed_error_threshold=500`,
    ]);
    expect(server.asked[0]?.headers).toMatchObject({
      "x-amz-security-token": apsCredentials.sessionToken,
      "x-scope-orgid": "team a",
    });
  });

  it("says what the query's own limits made of it: too expensive, or a warning", async () => {
    const expensive = await workspaceOf({ samplesPerQuery: { warn: 5, most: 19 } });
    await expect(expensive.telemetry.samples("x_total[1h]", at)).rejects.toMatchObject({
      code: "prometheus/too-expensive",
      message: expect.stringContaining("exceeds the error threshold 19"),
    });
    const { telemetry } = await workspaceOf({ samplesPerQuery: { warn: 5, most: 20 } });
    expect(await telemetry.samples("x_total[1h]", at)).toMatchObject([{ values: { length: 20 } }]);
    expect(telemetry.asked().warnings).toEqual(["query samples processed 20 exceeds the warning threshold 5"]);
  });

  it("sends the limits to Amazon Managed Prometheus alone", async () => {
    const { server, telemetry } = await workspaceOf({ service: "monitoring" });
    await expect(telemetry.vector("up", at)).rejects.toMatchObject({
      code: "prometheus/unauthorized",
      mend: expect.stringContaining("prometheus.auth.sigv4"),
    });
    expect(server.asked[0]?.url).toBe(`${workspace}/api/v1/query`);
  });

  it("says what to do with a wrong key, and quotes nothing of what was signed", async () => {
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "another");
    const error = await refused();
    expect(error).toMatchObject({
      code: "prometheus/unauthorized",
      mend: "check the AWS secret key, and prometheus.auth.sigv4.region",
    });
    expect(error?.message).toContain("does not match");
    expect(error?.message).not.toContain("Canonical");
  });

  it("says that credentials have expired", async () => {
    vi.stubEnv("AWS_SESSION_TOKEN", expiredToken);
    expect(await refused()).toMatchObject({ code: "prometheus/unauthorized", mend: expect.stringContaining("renew") });
  });

  it.each([-10, 10])("says that the clock is %d minutes off", async (minutes) => {
    const error = await refused({ now: () => Date.now() + minutes * 60_000 });
    expect(error).toMatchObject({ code: "prometheus/unauthorized", mend: expect.stringContaining("clock") });
  });

  it("says which permission is missing", async () => {
    expect(await refused({}, false)).toMatchObject({
      code: "prometheus/unauthorized",
      message: expect.stringContaining("aps:QueryMetrics on resource"),
      mend: "allow the role aps:QueryMetrics on the workspace",
    });
  });

  it("says that there are no credentials, and asks nobody", async () => {
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]) vi.stubEnv(name, undefined);
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
    for (const name of ["AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"]) vi.stubEnv(name, join(folder.path, "none"));
    const { server, telemetry } = await workspaceOf();
    await expect(telemetry.vector("up", at)).rejects.toMatchObject({
      code: "prometheus/unauthorized",
      message: expect.stringContaining("no AWS credentials"),
    });
    expect(server.asked).toEqual([]);
  });

  it("ends at once when the run is told to", async () => {
    const { server } = await workspaceOf();
    const ending = new AbortController();
    const telemetry = prometheus({ url: server.url, timeout: 5000, headers: {}, basic: null, signal: ending.signal });
    ending.abort();
    await expect(telemetry.vector("up", at)).rejects.toMatchObject({ code: "interrupted" });
  });
});
