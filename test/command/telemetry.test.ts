/** `telemetry` as a user runs it: manifests for kubectl, the files of infra/istio, and an estimate on a real Prometheus. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { telemetrySchema } from "../../lib/report/telemetry.ts";
import { telemetryFaults } from "../admission/telemetry-rules.ts";
import type { Telling } from "../mesh/telling.ts";
import { tempFolder } from "../tools/temp.ts";
import { type HeldPast, holdPast } from "./past.ts";
import { runScout } from "./run-scout.ts";

const minute = 60_000;
const folder = tempFolder("telemetry");
const held: HeldPast[] = [];
afterAll(async () => {
  for (const one of held) await one.stop();
  folder.remove();
});

const telemetry = (args: string[], env: Record<string, string> = {}) =>
  runScout(["telemetry", ...args], { cwd: folder.path, env });
const documents = (text: string, version: "1.1" | "1.2" = "1.2"): unknown[] =>
  parseAllDocuments(text, { version }).map((one) => one.toJS());

describe("what is printed", () => {
  const infra = fileURLToPath(new URL("../../infra/istio/", import.meta.url));
  const files: Record<string, string[]> = {
    "telemetry.yaml": [],
    "telemetry-logs.yaml": ["--logs"],
    "telemetry-gateway.yaml": ["--gateway"],
    "telemetry-1.17.yaml": ["--istio", "1.17"],
  };
  it.each(Object.entries(files))(
    "infra/istio/%s is the command's own, byte for byte, and Istio takes it",
    async (name, args) => {
      const { code, stdout, stderr } = await telemetry(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(readFileSync(join(infra, name), "utf8")).toBe(stdout);
      const all = documents(stdout);
      expect(all.length).toBeGreaterThan(0);
      expect(all.flatMap(telemetryFaults)).toEqual([]);
      expect(documents(stdout, "1.1")).toEqual(all);
    },
  );

  it("there is no other file in infra/istio", () => {
    expect(readdirSync(infra).sort()).toEqual(Object.keys(files).sort());
  });

  it("what stands in comments is YAML too: the access logs, and the mesh config of an old Istio", async () => {
    const { stdout } = await telemetry(["--istio", "1.17"]);
    const commented = (key: string) => new RegExp(`^# {3}${key}:\\n(# {4,}.*\\n)+`, "m").exec(stdout)?.[0] ?? "";
    const [logs] = documents(commented("accessLogging").replaceAll(/^# {3}/gm, ""));
    const logging = documents((await telemetry(["--istio", "1.17", "--logs"])).stdout)[0];
    expect(logging).toMatchObject({ spec: logs });
    expect(documents(commented("meshConfig").replaceAll(/^# {3}/gm, ""))).toEqual([
      { meshConfig: { defaultConfig: { extraStatTags: ["destination_address", "requested_server_name"] } } },
    ]);
  });

  it("--format json has the same as data, by its schema", async () => {
    const [json, text] = await Promise.all([telemetry(["--gateway", "--format", "json"]), telemetry(["--gateway"])]);
    const told = telemetrySchema.parse(JSON.parse(json.stdout));
    expect(told.manifests).toEqual(documents(text.stdout));
    expect(told).toMatchObject({ istio: "1.30", meshConfig: null, estimate: null });
    const schema = JSON.parse((await runScout(["schema", "telemetry"])).stdout);
    expect(schema.properties.schema.const).toBe("egress-scout/telemetry@1");
  });

  it("by the config: version, label names, gateway; the command line and the environment win", async () => {
    const file = join(folder.path, "scout.yaml");
    const labels = "labels: { address: [dialled], sni: [sni, requested_server_name] }";
    writeFileSync(
      file,
      `clusters: [{ name: a, prometheus: { url: "http://127.0.0.1:1" }, ${labels} }]
suggest: { istio: "1.21", egressGateway: { namespace: egress, selector: { app: out } } }\n`,
    );
    const { stdout } = await telemetry(["--config", file, "--gateway", "--format", "json"]);
    const { istio, manifests } = telemetrySchema.parse(JSON.parse(stdout));
    expect(istio).toBe("1.21");
    expect(manifests[0]).toMatchObject({ apiVersion: "telemetry.istio.io/v1alpha1" });
    expect(JSON.stringify(manifests[0])).toMatch(/"dialled":\{"value".*"requested_server_name":\{"value"/);
    expect(manifests[1]).toMatchObject({
      metadata: { namespace: "egress" },
      spec: { selector: { matchLabels: { app: "out" } } },
    });
    const env = { EGRESS_SCOUT_ISTIO: "1.25", EGRESS_SCOUT_NAMESPACE: "mesh", EGRESS_SCOUT_LABELS: "sni" };
    const said = await telemetry(["--config", file, "--istio", "1.31", "--format", "json"], env);
    const [only] = telemetrySchema.parse(JSON.parse(said.stdout)).manifests;
    expect(only).toMatchObject({ apiVersion: "telemetry.istio.io/v1", metadata: { namespace: "mesh" } });
    expect(JSON.stringify(only)).not.toContain("dialled");
  });

  it.each([
    [["--istio", "2.0"], /Istio version/],
    [["--labels", "address,port"], /list of/],
    [["--labels", ""], /list of/],
    [["--namespace", "Istio System"], /namespace/],
    [["--estimate"], /--prometheus/],
    [["extra"], /argument/],
  ])("%j is wrong use: exit 2, and a line that says what is allowed", async (args, says) => {
    const { code, stdout, stderr } = await telemetry(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(says);
  });

  it("help has examples", async () => {
    expect(await telemetry(["--help"])).toMatchObject({ code: 0, stdout: expect.stringContaining("Examples") });
  });
});

describe("an estimate", () => {
  /** One pod calls three addresses, one of them with two names, ten times each, and a blocked one twice. */
  async function pastOf(telling: Telling): Promise<string[]> {
    const end = Date.now();
    const past = await holdPast(
      (mesh, timetable) => {
        const pod = mesh.pod({ namespace: "shop", workload: "web" });
        timetable.at(end - 8 * minute, () => {
          for (const [to, sni] of [
            ["198.51.100.1:443", "a.example"],
            ["198.51.100.1:443", "b.example"],
            ["198.51.100.2:443", "c.example"],
            ["198.51.100.3:443", "d.example"],
          ] as const) {
            pod.tls({ to, sni, times: 10 });
          }
          pod.tcp({ to: "203.0.113.5:25", blocked: true, times: 2 });
          pod.http({ host: "httpbin.org", to: "198.51.100.9:80", times: 5 });
        });
      },
      { from: end - 10 * minute, to: end, everyMs: 15_000 },
      telling,
    );
    held.push(past);
    return ["--estimate", "--prometheus", past.prometheus.url];
  }
  const labels = async (args: string[]) =>
    telemetrySchema.parse(JSON.parse((await telemetry([...args, "--format", "json"])).stdout)).estimate?.labels ?? [];

  it("without labels, bounds: one value for each series there is, at most one for each call", async () => {
    const args = await pastOf({ address: "none", httpAddress: false, sni: false });
    // Opened and closed, of each two series: let through (40 connections) and blocked (2).
    expect(await labels(args)).toMatchObject([
      { label: "address", series: 4, labelled: 0, least: 0, likely: null, most: 80 },
      { label: "http-address", series: 1, labelled: 0, least: 0, likely: null, most: 4 },
      { label: "sni", series: 4, labelled: 0, least: 0, likely: null, most: 80 },
    ]);
    const { code, stdout } = await telemetry(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^# address +4 +0 +0 +\? +80$/m);
    expect(documents(stdout)).toEqual(documents((await telemetry([])).stdout));
  });

  it("with labels, what they do add, counted", async () => {
    // Five pairs of address and name; without the address four names and the blocked one, without the name three and the blocked one.
    expect(await labels(await pastOf({}))).toMatchObject([
      { label: "address", series: 10, labelled: 10, least: 0, likely: 0, most: 0 },
      { label: "http-address", series: 1, labelled: 1, least: 0, likely: 0, most: 0 },
      { label: "sni", series: 10, labelled: 8, least: 2, likely: 3, most: 4 },
    ]);
    expect(await labels([...(await pastOf({ sni: false })), "--labels", "address"])).toMatchObject([
      { label: "address", series: 8, labelled: 8, least: 4, likely: 4, most: 4 },
    ]);
  });

  it("a Prometheus that is away, or two clusters, is an error with its code, and nothing on stdout", async () => {
    const away = await telemetry(["--estimate", "--prometheus", "http://127.0.0.1:1"]);
    expect(away).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("prometheus/unavailable") });
    const file = join(folder.path, "two.yaml");
    writeFileSync(
      file,
      `clusters: [{ name: a, prometheus: { url: "http://127.0.0.1:1" } }, { name: b, prometheus: { url: "http://127.0.0.1:1" } }]\n`,
    );
    const two = await telemetry(["--estimate", "--config", file]);
    expect(two).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("--cluster") });
  });
});
