/** The way to REGISTRY_ONLY, end to end: what would break, what closes the gap, what nothing uses. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { planSchema } from "../../lib/report/plan-schema.ts";
import type { FindingDocument } from "../../lib/report/scan-schema.ts";
import { admit } from "../admission/admit.ts";
import { startDns } from "../tools/dns.ts";
import { type HeldPast, holdPast } from "./past.ts";
import { runScout } from "./run-scout.ts";

const minute = 60_000;
const begin = Date.UTC(2026, 10, 20, 6);
const end = begin + 90 * minute;

const inForce = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: cdn, namespace: shop }
spec: { hosts: [cdn.example.net], ports: [{ number: 80, name: http, protocol: HTTP }], resolution: DNS, location: MESH_EXTERNAL, exportTo: ["."] }
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: forgotten, namespace: shop }
spec: { hosts: [forgotten.example.net], ports: [{ number: 443, name: tls, protocol: TLS }], resolution: DNS, exportTo: ["."] }
`;

describe("a plan", () => {
  let held: HeldPast;
  let dns: Awaited<ReturnType<typeof startDns>>;
  let args: string[];

  beforeAll(async () => {
    held = await holdPast(
      (mesh, timetable) => {
        const web = mesh.pod({ namespace: "shop", workload: "web" });
        const job = mesh.pod({ namespace: "batch", workload: "job" });
        timetable.every({ from: begin + minute, to: end, everyMs: 10 * minute }, () => {
          web.http({ host: "cdn.example.net", to: "198.51.100.20:80" });
          web.tls({ sni: "api.stripe.com", to: "198.51.100.7:443", times: 2 });
        });
        timetable.at(begin + 30 * minute, () => job.tcp({ to: "203.0.113.9:5432", times: 3 }));
        timetable.at(begin + 31 * minute, () => job.http({ host: "cdn.example.net", to: "198.51.100.20:80" }));
        timetable.at(begin + 32 * minute, () => job.tcp({ to: "203.0.113.8:25", blocked: true }));
      },
      { from: begin, to: end, everyMs: 30_000 },
    );
    dns = await startDns({});
    mkdirSync(join(held.dir, "manifests"));
    writeFileSync(join(held.dir, "manifests", "shop.yaml"), inForce);
    args = [
      ...["plan", "--prometheus", held.prometheus.url, "--dns", dns.server, "--at", `${end / 1000}`, "--since", "2h"],
      ...["--existing", join(held.dir, "manifests")],
    ];
  });
  afterAll(async () => {
    await dns.stop();
    await held.stop();
  });

  const planned = async () => planSchema.parse(JSON.parse((await runScout([...args, "--format", "json"])).stdout));

  it("counts the flows, what is covered and what would break, with count, owner and last seen", async () => {
    const document = await planned();
    expect(document).toMatchObject({ schema: "egress-scout/plan@1", flows: 4, covered: 1, closed: 4, blocked: 1 });
    expect(
      document.wouldBreak.map(({ source, destination, count, owner }) => [
        `${source.namespace}/${source.workload}`,
        destination.host ?? destination.address,
        destination.port,
        count,
        owner.team,
      ]),
    ).toEqual([
      ["batch/job", "203.0.113.9", 5432, 3, "unowned"],
      ["batch/job", "cdn.example.net", 80, 1, "unowned"],
      ["shop/web", "api.stripe.com", 443, 18, "unowned"],
    ]);
    expect(document.namespaces).toEqual([
      { namespace: "batch", flows: 2, covered: 0, readiness: 0 },
      { namespace: "shop", flows: 2, covered: 1, readiness: 0.5 },
    ]);
    expect(document.unused).toEqual([{ namespace: "shop", name: "forgotten", host: "forgotten.example.net" }]);
  });

  it("says what is covered and passes through all the same", async () => {
    expect((await planned()).warnings).toContain(
      "1 flow went through a catch-all in the last hour although a manifest in force covers it (shop/web to cdn.example.net:80): `scan --existing` says why (entry-bypassed)",
    );
  });

  it("gives manifests that Istio admits, none for what is covered", async () => {
    const { manifests } = await planned();
    expect(
      manifests.map((one) => {
        const { metadata, spec } = one as { spec: { hosts: string[] }; metadata: { namespace: string } };
        return [metadata.namespace, ...spec.hosts];
      }),
    ).toEqual([
      ["batch", "cdn.example.net"],
      ["batch", "ip-203-0-113-9.egress.internal"],
      ["shop", "api.stripe.com"],
    ]);
    for (const one of manifests) expect(admit(one).filter(({ level }) => level === "error")).toEqual([]);
  });

  it("writes a folder for review, the same bytes each time", async () => {
    const [one, other] = [join(held.dir, "one"), join(held.dir, "other")];
    for (const out of [one, other]) expect((await runScout([...args, "--out", out])).code).toBe(0);
    expect(readdirSync(one).sort()).toEqual([
      "batch.yaml",
      "kustomization.yaml",
      "shop.yaml",
      "would-break.json",
      "would-break.md",
    ]);
    for (const name of readdirSync(one))
      expect(readFileSync(join(other, name), "utf8")).toBe(readFileSync(join(one, name), "utf8"));
    expect(parseAllDocuments(readFileSync(join(one, "batch.yaml"), "utf8")).length).toBe(2);
    expect(readFileSync(join(one, "kustomization.yaml"), "utf8")).toContain("  - batch.yaml\n  - shop.yaml\n");
  });

  it("has nothing left to break once its own manifests are in force", async () => {
    const out = join(held.dir, "applied");
    await runScout([...args, "--out", out]);
    const { stdout } = await runScout([...args, "--existing", out, "--format", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({ flows: 4, covered: 4, wouldBreak: [], manifests: [] });
  });

  it("opens nothing that the reviewed file or the state denies, for its namespace neither", async () => {
    const key = (verdict: string) => JSON.stringify({ verdicts: [{ id: ids.get("shop/web"), verdict }] });
    const state = ["--state", `sqlite:${join(held.dir, "ids.db")}`];
    const scan = ["--prometheus", held.prometheus.url, "--no-learn", "--at", `${end / 1000}`, "--since", "2h"];
    const { stdout } = await runScout(["scan", ...scan, ...state, "--dns", dns.server, "--format", "json"]);
    const found: FindingDocument[] = JSON.parse(stdout).findings;
    const stripe = found.filter(({ destination: { host } }) => host === "api.stripe.com");
    const ids = new Map(stripe.map(({ id, source }) => [`${source.namespace}/${source.workload}`, id]));
    writeFileSync(join(held.dir, "verdicts.json"), key("denied"));
    writeFileSync(join(held.dir, "denied.yaml"), `clusters: []\nverdicts: ./verdicts.json\n`);
    const plan = async () => {
      const { stdout: text } = await runScout([...args, "--config", join(held.dir, "denied.yaml"), "--format", "json"]);
      const { manifests }: { manifests: { spec: { hosts: string[] } }[] } = JSON.parse(text);
      return manifests.flatMap(({ spec }) => spec.hosts);
    };
    expect(await plan()).toEqual(["cdn.example.net", "ip-203-0-113-9.egress.internal"]);
    writeFileSync(join(held.dir, "verdicts.json"), key("approved"));
    expect(await plan()).toContain("api.stripe.com");

    // What the state says counts as well, and a plan makes no state of its own.
    const byState = async (file: string) => {
      const { code, stdout: text } = await runScout([...args, "--state", `sqlite:${file}`, "--format", "yaml"]);
      return [code, text.includes("api.stripe.com")];
    };
    const id = ids.get("shop/web") ?? "";
    expect((await runScout(["verdict", "set", id, "denied", ...state])).code).toBe(0);
    expect(await byState(join(held.dir, "ids.db"))).toEqual([0, false]);
    expect(await byState(join(held.dir, "none.db"))).toEqual([0, true]);
    expect(existsSync(join(held.dir, "none.db"))).toBe(false);
  });

  it("says it in a text for people", async () => {
    const { stdout, code } = await runScout(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^default: REGISTRY_ONLY would break 3 of 4 flows .* With the plan's 3 manifests, 0 would still break\./,
    );
    expect(stdout).toMatch(
      /NAMESPACE +READINESS +GAP +FLOWS +COVERED\nbatch +\.{10} {3}0 % +2 +2 +0\nshop +#{5}\.{5} {2}50 % +1 +2 +1\n/,
    );
    expect(stdout).toContain("1 more flow is blocked today already.");
  });
});
