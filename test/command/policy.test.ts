/** `policy test` as a user runs it, and policies in a scan on a real Prometheus. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { policySchema } from "../../lib/report/policy.ts";
import type { FindingDocument, ScanDocument } from "../../lib/report/scan-schema.ts";
import { startDns } from "../tools/dns.ts";
import { tempFolder } from "../tools/temp.ts";
import { type HeldPast, holdPast } from "./past.ts";
import { runScout, scanJson } from "./run-scout.ts";

const policies = `policies:
  - { name: wikipedia, from: { namespace: "*" }, allow: ["*.wikipedia.org"], deny: ["en.wikipedia.org"] }
`;

describe("policy test", () => {
  const folder = tempFolder("policy");
  afterAll(() => folder.remove());
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder.path, name), text);
    return name;
  };
  const test = (args: string[], env: Record<string, string> = {}) =>
    runScout(["policy", "test", ...args], { cwd: folder.path, env });
  async function decided(args: string[], env: Record<string, string> = {}) {
    const { code, stdout, stderr } = await test(["--format", "json", ...args], env);
    expect(stderr).toBe("");
    return { code, ...policySchema.parse(JSON.parse(stdout)) };
  }

  it("explains a decision: exit 0 where allowed, 3 where denied", async () => {
    const alone = file("alone.yaml", policies);
    const from = ["--from", "shop/web"];
    expect(await decided([alone, "--sni", "de.wikipedia.org", ...from])).toEqual({
      code: 0,
      allowed: true,
      policy: "wikipedia",
      rule: "allow *.wikipedia.org",
      why: 'The policy wikipedia allows de.wikipedia.org: its rule is "allow *.wikipedia.org".',
    });
    expect(await decided([alone, "--sni", "EN.Wikipedia.org", ...from])).toEqual({
      code: 3,
      allowed: false,
      policy: "wikipedia",
      rule: "deny en.wikipedia.org",
      why: 'The policy wikipedia denies en.wikipedia.org: its rule is "deny en.wikipedia.org".',
    });
    expect(await decided([alone, "--host", "example.com.:8080", ...from])).toMatchObject({
      code: 3,
      policy: "wikipedia",
    });
    expect(await test([alone, "--host", "en.wikipedia.org:443", ...from])).toEqual({
      code: 3,
      stdout: 'denied: The policy wikipedia denies en.wikipedia.org: its rule is "deny en.wikipedia.org".\n',
      stderr: "",
    });
  });

  it("reads a whole config, the default file, and options from the environment", async () => {
    const cluster = 'clusters: [{ name: prod, prometheus: { url: "http://127.0.0.1:1" } }]\n';
    file("egress-scout.yaml", cluster + policies);
    const env = { EGRESS_SCOUT_SNI: "en.wikipedia.org", EGRESS_SCOUT_FROM: "shop/web" };
    expect(await decided([], env)).toMatchObject({ code: 3 });
    expect(await decided(["egress-scout.yaml"], env)).toMatchObject({ code: 3 });
    file("other.yaml", `${cluster}policies: []`);
    expect(await decided(["--config", "other.yaml"], env)).toMatchObject({ code: 0, policy: null, rule: null });
  });

  it("takes labels, and says which policies it passed over without them", async () => {
    const name = file("labels.yaml", 'policies: [{ name: ci, from: { label: { tier: "c*" } }, deny: ["*"] }]');
    const args = [name, "--sni", "a.example", "--from", "build/runner"];
    const { code, why } = await decided(args);
    expect([code, why]).toEqual([0, "No policy is for this caller. Passed over, since no --label was given: ci."]);
    expect(await decided([...args, "--label", "app=x", "--label", "tier=ci"])).toMatchObject({ code: 3, policy: "ci" });
    expect(await decided([...args, "--label", "tier=prod"])).toMatchObject({ code: 0, policy: null });
  });

  it("names every mistake of use or of the file at once, and exits 2", async () => {
    const alone = file("alone.yaml", policies);
    const none = await test([alone, "--label", "x"]);
    expect(none.code).toBe(2);
    expect(none.stderr).toMatch(
      /^egress-scout: usage: give one of --sni NAME and --host NAME; --from takes NAMESPACE\/WORKLOAD; --label takes KEY=VALUE; .*\n$/,
    );
    for (const args of [
      ["--sni", "a.b", "--host", "a.b", "--from", "a/b"],
      ["--sni", "a b", "--from", "a/b"],
      ["--sni", "bücher.example", "--from", "a/b"],
      ["--host", "", "--from", "a/b"],
      ["--sni", "a.b", "--from", "a"],
      ["--sni", "a.b", "--from", "a/b/c"],
      ["--sni", "a.b", "--from", "a/b", "--format", "yaml"],
    ]) {
      expect({ args, ...(await test([alone, ...args])) }).toMatchObject({ code: 2, stdout: "" });
    }
    file("bad.yaml", 'policies: [{ name: a, allow: ["a*b", "**"], from: { team: x } }]\ncolour: red');
    const bad = await test(["bad.yaml", "--sni", "a.b", "--from", "a/b"]);
    expect(bad.code).toBe(2);
    expect(bad.stderr.split("\n").slice(1, -1)).toEqual([
      "  policies[0].from.team: no such key",
      expect.stringContaining("  policies[0].allow[0]: must be a host name"),
      expect.stringContaining("  policies[0].allow[1]: must be a host name"),
      "  colour: no such key",
    ]);
    expect(await test(["none.yaml", "--sni", "a.b", "--from", "a/b"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("config/unreadable"),
    });
    file("empty.yaml", "");
    expect(await test(["empty.yaml", "--sni", "a.b", "--from", "a/b"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("policies: missing"),
    });
  });

  it("its answer is that of `schema policy`", async () => {
    const { stdout } = await runScout(["schema", "policy"]);
    expect(Object.keys(JSON.parse(stdout).properties)).toEqual(["allowed", "policy", "rule", "why"]);
  });
});

const minute = 60_000;
const begin = Date.UTC(2026, 10, 20, 6);
const learned = begin + 30 * minute;
const end = learned + 10 * minute;

describe("a scan with policies", () => {
  let held: HeldPast;
  let dns: Awaited<ReturnType<typeof startDns>>;
  let base: string[];
  let result: ScanDocument;

  beforeAll(async () => {
    held = await holdPast(
      (mesh, timetable) => {
        const web = mesh.pod({ namespace: "shop", workload: "web" });
        const job = mesh.pod({ namespace: "batch", workload: "job" });
        timetable.every({ from: begin + minute, to: end, everyMs: minute }, () => {
          web.tls({ sni: "EN.wikipedia.org", to: "198.51.100.1:443" });
          web.tls({ sni: "de.wikipedia.org", to: "198.51.100.1:443" });
        });
        timetable.at(learned + 3 * minute, () => web.tls({ sni: "api.example.com", to: "198.51.100.2:443", times: 2 }));
        timetable.at(learned + 3 * minute, () => web.http({ host: "x.example", to: "198.51.100.3:80", blocked: true }));
        timetable.at(learned + 4 * minute, () => job.tcp({ to: "203.0.113.20:5432", times: 3 }));
        timetable.at(learned + 4 * minute, () => job.tcp({ to: "203.0.113.99:22" }));
        timetable.at(learned + 4 * minute, () => job.tls({ sni: "fr.wikipedia.org", to: "198.51.100.1:443" }));
      },
      { from: begin, to: end + 80 * minute, everyMs: 15_000 },
    );
    dns = await startDns({
      ptr: { "203.0.113.20": "db.example.net" },
      a: { "db.example.net": ["203.0.113.20"] },
    });
    const config = (added: string) => `clusters: [{ name: prod, prometheus: { url: "${held.prometheus.url}" } }]
enrich: { dns: { servers: ["${dns.server}"] } }
state: sqlite:state.db
${added}`;
    writeFileSync(join(held.dir, "before.yaml"), config(""));
    const gateway = "suggest: { egressGateway: { namespace: istio-system, selector: { istio: egressgateway } } }\n";
    writeFileSync(join(held.dir, "config.yaml"), config(gateway + policies));
    await scanJson(["--config", join(held.dir, "before.yaml"), "--at", String(learned / 1000), "--learn", "1h"]);
    base = ["--config", join(held.dir, "config.yaml")];
    result = await scanJson([...base, "--at", String(end / 1000)]);
  });
  afterAll(async () => {
    await dns.stop();
    await held.stop();
  });

  const at = (place: string): FindingDocument | undefined =>
    result.findings.find(({ destination: { host, address } }) => (host ?? address) === place);

  it("finds each violation once, known ones too, with its count, and the rule that decided", () => {
    const told = result.findings.map(
      ({ kind, severity, destination: { host, address }, count }) => `${severity} ${kind} ${host ?? address} x${count}`,
    );
    expect(told.sort()).toEqual([
      "critical policy-violation en.wikipedia.org x10",
      "info new-destination fr.wikipedia.org x1",
      "info policy-violation x.example x1",
      "warning new-destination 203.0.113.99 x1",
      "warning policy-violation 203.0.113.20 x3",
      "warning policy-violation api.example.com x2",
    ]);
    expect(at("en.wikipedia.org")?.summary).toContain('its rule is "deny en.wikipedia.org"');
    expect(at("203.0.113.20")?.summary).toMatch(/which DNS confirms as db\.example\.net .* "allow \*\.wikipedia\.org"/);
  });

  it("suggests what enforces the rule, and a ServiceEntry for none of them", () => {
    const kinds = result.findings.map(({ destination: { host, address }, suggestions }) => [
      host ?? address,
      suggestions.map(({ manifest }) => (manifest as { kind: string }).kind),
    ]);
    expect(Object.fromEntries(kinds)).toEqual({
      "en.wikipedia.org": ["AuthorizationPolicy"],
      "api.example.com": ["AuthorizationPolicy"],
      "x.example": [],
      "203.0.113.20": [],
      "203.0.113.99": ["ServiceEntry"],
      "fr.wikipedia.org": ["ServiceEntry", "List"],
    });
    const [document] = parseAllDocuments(at("en.wikipedia.org")?.suggestions[0]?.yaml ?? "");
    expect(document?.toJS()).toMatchObject({
      metadata: { namespace: "istio-system" },
      spec: { action: "DENY", rules: [{ when: [{ key: "connection.sni", values: ["en.wikipedia.org"] }] }] },
    });
  });

  it("tells it once, exits 3 while it lasts with --fail-on-findings, and resolves it an hour after the last call", async () => {
    const scan = (time: number) => scanJson([...base, "--at", String(time / 1000)]);
    expect((await scan(end + minute)).findings).toEqual([]);
    const over = await scan(end + 70 * minute);
    expect(over.findings.filter(({ kind }) => kind === "policy-violation").map(({ state }) => state)).toEqual(
      Array(4).fill("resolved"),
    );
    const window = ["--at", String(end / 1000), "--since", "10m", "--no-learn", "--state", "memory:"];
    expect((await runScout(["scan", ...base, ...window, "--fail-on-findings"])).code).toBe(3);
  });

  it("is replayed as well", async () => {
    const time = (at: number) => new Date(at).toISOString();
    const { code, stdout } = await runScout([
      ...["replay", ...base, "--format", "json", "--from", time(learned), "--to", time(end), "--learn", "20m"],
    ]);
    expect(code).toBe(0);
    const { findings } = JSON.parse(stdout) as { findings: FindingDocument[] };
    const hosts = findings.filter(({ kind }) => kind === "policy-violation").map(({ destination }) => destination.host);
    expect(hosts).toContain("en.wikipedia.org");
    expect(hosts).toContain("api.example.com");
  });

  it("a plan names no ServiceEntry for what is forbidden", async () => {
    const { code, stdout } = await runScout([
      ...["plan", ...base, "--format", "json", "--at", String(end / 1000), "--since", "40m"],
    ]);
    expect(code).toBe(0);
    const { manifests } = JSON.parse(stdout) as { manifests: { spec: { hosts: string[] } }[] };
    const hosts = manifests.flatMap(({ spec }) => spec.hosts);
    expect(hosts).toContain("de.wikipedia.org");
    expect(hosts.filter((host) => /^en\.|example|^db\./.test(host))).toEqual([]);
  });
});
