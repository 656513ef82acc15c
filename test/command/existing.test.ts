/** The manifests in force, end to end: an entry is extended by a patch for its file, and nothing is suggested that would do harm. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startDns } from "../tools/dns.ts";
import { toolPath } from "../tools/ensure.ts";
import { type HeldPast, holdPast } from "./past.ts";
import { runScout, scanJson } from "./run-scout.ts";

const minute = 60_000;
const begin = Date.UTC(2026, 10, 20, 6);
const end = begin + 40 * minute;

const stripe = `# Who we pay with. Ask payments before you touch it.
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: stripe
  namespace: shop
spec:
  hosts: [api.stripe.com]   # the API alone
  location: MESH_EXTERNAL
  resolution: DNS
  exportTo: ["."]
  ports:
    - number: 443
      name: tls
      protocol: TLS
`;
/** Another team's, for the whole mesh. */
const cdn = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: cdn, namespace: edge, creationTimestamp: "2026-01-01T00:00:00Z" }
spec: { hosts: [cdn.example.net], ports: [{ number: 80, name: http, protocol: HTTP }], resolution: STATIC, endpoints: [{ address: 198.51.100.20 }] }
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: default, namespace: batch }
spec: { egress: [{ hosts: ["./*"] }] }
`;

describe("with the manifests in force", () => {
  let held: HeldPast;
  let dns: Awaited<ReturnType<typeof startDns>>;
  let folder: string;
  const args = (at = end) => [
    ...["--prometheus", held.prometheus.url, "--dns", dns.server, "--at", `${at / 1000}`, "--since", "30m"],
    ...["--existing", folder, "--state", "memory:", "--no-learn"],
  ];
  const scanned = async (at?: number) => (await scanJson(args(at), { cwd: held.dir })).findings;
  type Found = Awaited<ReturnType<typeof scanned>>;
  const about = (found: Found, workload: string, host: string, port: number) =>
    found.find(
      (one) => one.source.workload === workload && one.destination.host === host && one.destination.port === port,
    );

  beforeAll(async () => {
    held = await holdPast(
      (mesh, timetable) => {
        const web = mesh.pod({ namespace: "shop", workload: "web" });
        const job = mesh.pod({ namespace: "batch", workload: "job" });
        timetable.at(begin + 15 * minute, () => {
          web.tls({ sni: "api.stripe.com", to: "198.51.100.7:8443", times: 3 });
          web.tls({ sni: "api.stripe.com", to: "198.51.100.7:443" });
          web.tls({ sni: "cdn.example.net", to: "198.51.100.20:443" });
          web.http({ host: "new.example.org", to: "198.51.100.30:80" });
          job.http({ host: "cdn.example.net", to: "198.51.100.20:80" });
        });
        timetable.every({ from: begin + 16 * minute, to: end, everyMs: minute }, () =>
          web.http({ host: "new.example.org", to: "198.51.100.30:80" }),
        );
      },
      { from: begin, to: end, everyMs: 30_000 },
    );
    dns = await startDns({});
    folder = join(held.dir, "mesh");
    mkdirSync(folder);
    writeFileSync(join(folder, "stripe.yaml"), stripe);
    writeFileSync(join(folder, "edge.yaml"), cdn);
  });
  afterAll(async () => {
    await dns.stop();
    await held.stop();
  });

  it("an entry that lacks a port is extended, comments kept, by a patch that `patch` applies", async () => {
    const [made] = about(await scanned(), "web", "api.stripe.com", 8443)?.suggestions ?? [];
    expect(made?.manifest).toMatchObject({
      metadata: { name: "stripe", namespace: "shop" },
      spec: { ports: [{ number: 443 }, { number: 8443, name: "tls-8443", protocol: "TLS" }] },
    });
    expect(made?.why.join()).toContain("Extends shop/stripe in");
    expect(made?.why.at(-1)).toBe("Covers 2 of 2 flows seen, conflicts: none.");
    const file = join(folder, "stripe.yaml");
    execFileSync(toolPath("patch"), ["-p0", file], { input: made?.patch?.diff });
    expect(readFileSync(file, "utf8")).toBe(`${stripe}    - number: 8443\n      name: tls-8443\n      protocol: TLS\n`);
    expect((await runScout(["lint", file])).code).toBe(0);

    const after = about(await scanned(), "web", "api.stripe.com", 8443);
    expect(after?.suggestions).toEqual([]);
    expect(after?.noSuggestion).toContain("shop/stripe is in force and takes this call");
    writeFileSync(file, stripe);
  });

  it("what an entry takes already gets the likely causes and no second entry", async () => {
    const found = about(await scanned(), "web", "api.stripe.com", 443);
    expect(found?.suggestions).toEqual([]);
    expect(found?.noSuggestion).toMatch(
      /^shop\/stripe is in force and takes this call .*another entry would not help.*istioctl proxy-status/,
    );
  });

  it("an entry of everybody's is extended where it stands, rather than hidden by one's own", async () => {
    const [made] = about(await scanned(), "web", "cdn.example.net", 443)?.suggestions ?? [];
    expect(made?.manifest).toMatchObject({ metadata: { name: "cdn", namespace: "edge" } });
    expect(made?.patch?.file).toBe(join(folder, "edge.yaml"));
  });

  it("and where it cannot be, nothing is suggested that would hide it", async () => {
    const [one = ""] = cdn.split("---");
    const shared = one.replace("spec: {", "spec: &spec {");
    const again = one.replace("name: cdn", "name: other").replace(/spec: .*/, "spec: *spec");
    const items = [shared, again].map((text) => `- ${text.trim().replaceAll("\n", "\n  ")}\n`);
    writeFileSync(join(folder, "edge.yaml"), `apiVersion: v1\nkind: List\nitems:\n${items.join("")}`);
    const found = about(await scanned(), "web", "cdn.example.net", 443);
    writeFileSync(join(folder, "edge.yaml"), cdn);
    expect(found?.suggestions).toEqual([]);
    expect(found?.noSuggestion).toContain(
      "A manifest for it would take from others: edge/cdn loses cdn.example.net on port 80",
    );
  });

  it("a Sidecar that hides an entry is said, with the line to add", async () => {
    const found = about(await scanned(), "job", "cdn.example.net", 80);
    expect(JSON.stringify(found)).toContain("Sidecar batch/default");
  });

  it("a suggestion that was applied and does not help is told with its cause, and not made again", async () => {
    const state = ["--state", `sqlite:${join(held.dir, "applied.db")}`, "--existing", folder];
    const to = (at: number) => [
      "--prometheus",
      held.prometheus.url,
      "--dns",
      dns.server,
      "--at",
      `${at / 1000}`,
      ...state,
    ];
    await scanJson([...to(begin + 10 * minute), "--since", "5m"], { cwd: held.dir });
    const first = await scanJson(to(begin + 20 * minute), { cwd: held.dir });
    const [made] = about(first.findings, "web", "new.example.org", 80)?.suggestions ?? [];
    writeFileSync(join(folder, "new.yaml"), made?.yaml ?? "");
    const { findings } = await scanJson(to(begin + 30 * minute), { cwd: held.dir });
    rmSync(join(folder, "new.yaml"));
    expect(findings).toMatchObject([
      { kind: "entry-bypassed", destination: { host: "new.example.org" }, count: 10, suggestions: [] },
    ]);
    expect(findings[0]?.summary).toMatch(
      /though a ServiceEntry takes them: Host new\.example\.org is .*Likely causes: /,
    );
  });

  it("all else is suggested as ever, and proven", async () => {
    const [made] = about(await scanned(), "web", "new.example.org", 80)?.suggestions ?? [];
    expect(made?.why.at(-1)).toBe("Covers 1 of 1 flows seen, conflicts: none.");
  });

  it("has them from the config as well, where the call names none", async () => {
    const config = join(held.dir, "in-force.yaml");
    const cluster = {
      name: "default",
      prometheus: { url: held.prometheus.url },
      existing: [relative(held.dir, folder)],
    };
    writeFileSync(config, JSON.stringify({ clusters: [cluster] }));
    const call = args().flatMap((one) =>
      one === "--prometheus" ? "--config" : one === held.prometheus.url ? config : one,
    );
    const without = call.filter((one) => one !== "--existing" && one !== folder);
    const { findings } = await scanJson(without, { cwd: folder });
    const said = (found: Found) => found.map(({ id, suggestions }) => [id, suggestions]);
    expect(said(findings)).toEqual(said(await scanned()));
    writeFileSync(config, JSON.stringify({ clusters: [{ ...cluster, existing: [] }] }));
    const { findings: none } = await scanJson(without, { cwd: folder });
    expect(said(findings)).not.toEqual(said(none));
    await expect(scanJson([...without, "--existing", join(held.dir, "nowhere")], { cwd: folder })).rejects.toThrow();
  });
});
