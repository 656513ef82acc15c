/** What an address is called, end to end: a real Prometheus, a real DNS server, lists of ranges, manifests in force. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FindingDocument, ScanDocument } from "../../lib/report/scan-schema.ts";
import { startDns } from "../tools/dns.ts";
import { type HeldPast, holdPast } from "./past.ts";
import { runScout, scanJson } from "./run-scout.ts";

const minute = 60_000;
const begin = Date.UTC(2026, 10, 20, 6);
const learned = begin + 30 * minute;
const end = learned + 10 * minute;
const late = end + 80 * minute;

const manifests = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: pay, namespace: shop }
spec: { hosts: [pay.example.org], ports: [{ number: 443, name: tls, protocol: TLS }], resolution: DNS }
---
apiVersion: networking.istio.io/v1beta1
kind: ServiceEntry
metadata: { name: legacy, namespace: data }
spec: { hosts: [legacy.example.net], addresses: [192.0.2.77], ports: [{ number: 22, name: ssh, protocol: TCP }] }
status: { addresses: [{ value: 240.240.0.9, host: legacy.example.net }] }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
{ this is: [no YAML
`;

describe("the names of what a mesh calls", () => {
  let held: HeldPast;
  let dns: Awaited<ReturnType<typeof startDns>>;
  let base: string[];
  let result: ScanDocument;

  beforeAll(async () => {
    held = await holdPast(
      (mesh, timetable) => {
        const web = mesh.pod({ namespace: "shop", workload: "web" });
        const job = mesh.pod({ namespace: "batch", workload: "job" });
        timetable.every({ from: begin + minute, to: late, everyMs: minute }, () => {
          web.tls({ sni: "api.partner.example", to: "203.0.113.10:443" });
          web.tls({ sni: "db.partner.example", to: "203.0.113.20:443" });
        });
        timetable.at(begin + 5 * minute, () => job.tcp({ to: "203.0.113.90:25" }));
        timetable.at(learned + 3 * minute, () => job.tcp({ to: "203.0.113.20:5432", times: 3 }));
        timetable.at(learned + 3 * minute, () => job.tcp({ to: "198.51.100.5:443" }));
        timetable.at(learned + 4 * minute, () =>
          web.tls({ sni: "api.partner.example", to: "192.0.2.200:443", times: 2 }),
        );
        timetable.at(learned + 4 * minute, () => web.tls({ sni: "new.partner.example", to: "203.0.113.30:443" }));
        timetable.at(learned + 5 * minute, () => web.tls({ sni: "lost.partner.example", to: "203.0.113.31:443" }));
        timetable.at(learned + 5 * minute, () => web.http({ host: "c2VjcmV0.evil.example", to: "203.0.113.40:80" }));
        timetable.at(learned + 6 * minute, () => web.tcp({ to: "240.240.0.9:22" }));
        timetable.at(learned + 6 * minute, () => job.tcp({ to: "192.0.2.77:22" }));
        timetable.at(learned + 6 * minute, () => job.tcp({ to: "198.51.100.99:443" }));
      },
      { from: begin, to: late, everyMs: 15_000 },
    );
    dns = await startDns({
      ptr: { "203.0.113.90": "mail.example.com" },
      a: {
        "api.partner.example": ["203.0.113.10", "203.0.113.11"],
        "db.partner.example": ["203.0.113.20"],
        "new.partner.example": ["203.0.113.30"],
        "lost.partner.example": ["203.0.113.66"],
        "pay.example.org": ["198.51.100.5"],
        "mail.example.com": ["203.0.113.90"],
      },
    });
    mkdirSync(join(held.dir, "ranges"));
    writeFileSync(join(held.dir, "ranges", "acme-cloud.txt"), "203.0.113.0/24\n# more to come\n");
    writeFileSync(join(held.dir, "ranges", "other.txt"), "192.0.2.128/25\n");
    writeFileSync(join(held.dir, "asn.csv"), '198.51.100.0,198.51.100.255,64500,"Example, Inc."\n');
    writeFileSync(join(held.dir, "manifests.yaml"), manifests);
    writeFileSync(
      join(held.dir, "config.yaml"),
      `clusters: [{ name: prod, prometheus: { url: "${held.prometheus.url}" } }]
enrich: { dns: { servers: ["${dns.server}"], trusted: [partner.example] }, ranges: ./ranges, asn: ./asn.csv }
state: sqlite:state.db`,
    );
    base = ["--config", join(held.dir, "config.yaml"), "--existing", join(held.dir, "manifests.yaml")];
    await scan(learned, "--learn", "1h");
    result = await scan(end);
  });
  afterAll(async () => {
    await dns.stop();
    await held.stop();
  });

  const scan = (time: number, ...more: string[]) => scanJson([...base, "--at", String(time / 1000), ...more]);
  const at = (address: string, kind = "new-destination"): FindingDocument | undefined =>
    result.findings.find((one) => one.kind === kind && one.destination.address === address);
  const names = (address: string) =>
    at(address)?.names.map(({ name, from, trust }) => `${trust} ${from} ${name}`) ?? [];

  it("recognises an address by the hosts that the mesh is known to use", () => {
    expect(names("203.0.113.20")).toEqual(["confirmed forward db.partner.example", "generic range acme-cloud"]);
    expect(at("203.0.113.20")?.names[0]?.why).toBe(
      "shop/web calls db.partner.example, and it resolves to 203.0.113.20",
    );
    expect(at("203.0.113.20")?.summary).toContain("db.partner.example");
    expect(names("198.51.100.5")).toEqual(["confirmed forward pay.example.org", "generic asn AS64500 Example, Inc."]);
    expect(at("203.0.113.20")?.suggestions[0]?.manifest).toMatchObject({ spec: { hosts: ["db.partner.example"] } });
  });

  it("recognises what a ServiceEntry in force holds, Istio's own addresses included", () => {
    expect(names("192.0.2.77")).toEqual(["confirmed service-entry legacy.example.net"]);
    expect(names("240.240.0.9")).toEqual(["confirmed service-entry legacy.example.net"]);
    expect(at("240.240.0.9")?.suggestions).toEqual([]);
    expect(at("240.240.0.9")?.summary).toContain("which a ServiceEntry in force calls legacy.example.net");
  });

  it("says whose network it is where nobody knows more", () => {
    expect(names("198.51.100.99")).toEqual(["generic asn AS64500 Example, Inc."]);
    expect(at("198.51.100.99")?.summary).toContain("198.51.100.99:443, an address of AS64500 Example, Inc. (TCP)");
    expect(at("198.51.100.99")?.names[0]?.why).toContain("never a service");
  });

  it("confirms a trusted claim, leaves one of the same network open, and asks nobody for another", () => {
    expect(names("203.0.113.30")[0]).toBe("confirmed sni new.partner.example");
    expect(names("203.0.113.31")[0]).toBe("claimed sni lost.partner.example");
    expect(names("203.0.113.40")[0]).toBe("claimed host c2vjcmv0.evil.example");
    expect(dns.questions().filter((one) => one.includes("evil"))).toEqual([]);
    expect(dns.questions().some((one) => one.endsWith("240.240.in-addr.arpa"))).toBe(false);
  });

  it("finds the known name that was dialled where it never answers, with its own count", () => {
    expect(result.findings.filter((one) => one.kind === "name-mismatch")).toMatchObject([
      {
        severity: "critical",
        source: { namespace: "shop", workload: "web" },
        destination: { host: "api.partner.example", address: "192.0.2.200", port: 443 },
        count: 2,
        suggestions: [],
      },
    ]);
    expect(at("192.0.2.200", "name-mismatch")?.summary).toMatch(/resolves to 203\.0\.113\.10 and 203\.0\.113\.11/);
  });

  it("says what of the manifests could not be read, and uses the rest", () => {
    expect(result.run.warnings).toEqual([
      expect.stringMatching(/^--existing: document 3 of .*manifests.yaml is no YAML/),
    ]);
  });

  it("asks only for what it does not know: the next run of the same minute asks for no address twice", async () => {
    const asked = dns.questions().length;
    expect((await scan(end)).findings).toEqual([]);
    const again = dns.questions().slice(asked);
    expect(again.filter((one) => one.startsWith("PTR"))).toEqual([]);
  });

  it("finds a mismatch once, and resolves it when nobody dials it any more", async () => {
    expect((await scan(end + 5 * minute)).findings).toEqual([]);
    const { findings } = await scan(late);
    expect(findings.map(({ kind, state, count }) => [kind, state, count])).toEqual([["name-mismatch", "resolved", 2]]);
  });

  it("refuses manifests that are not there", async () => {
    const { code, stderr } = await runScout([
      "scan",
      "--prometheus",
      "http://127.0.0.1:1",
      "--existing",
      "/nowhere.yaml",
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--existing: \/nowhere.yaml cannot be read \(ENOENT\)/);
  });
});
