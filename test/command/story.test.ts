import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FindingDocument } from "../../lib/report/scan-schema.ts";
import { admit } from "../admission/admit.ts";
import type { Flow } from "../mesh/truth.ts";
import { startDns } from "../tools/dns.ts";
import { type HeldPast, holdPast } from "./past.ts";
import { runScout, scanJson } from "./run-scout.ts";

const minute = 60_000;
const begin = Date.UTC(2026, 10, 20, 6);
const learned = begin + 120 * minute;
const end = learned + 30 * minute;

/** A finding in the words of the mesh's truth. */
const told = ({ source, destination, count }: FindingDocument) => ({
  source: { namespace: source.namespace, workload: source.workload },
  verdict: destination.verdict,
  protocol: destination.protocol,
  host: destination.host,
  place: destination.host ?? destination.address,
  port: destination.port,
  sni: destination.sni,
  count,
});
const truth = ({ source, verdict, protocol, host, address, port, sni, count }: Flow) => ({
  source: { namespace: source.namespace, workload: source.workload },
  verdict,
  protocol,
  host,
  place: host ?? address,
  port,
  sni,
  count,
});
const sorted = <T>(list: T[]) => list.map((one) => JSON.stringify(one)).sort();

describe("learn, find, find nothing", () => {
  let held: HeldPast;
  let dns: Awaited<ReturnType<typeof startDns>>;
  let base: string[];

  beforeAll(async () => {
    held = await holdPast(
      (mesh, timetable) => {
        const checkout = [1, 2, 3].map(() => mesh.pod({ namespace: "payments", workload: "checkout" }));
        const web = mesh.pod({ namespace: "shop", workload: "web" });
        const job = mesh.pod({ namespace: "batch", workload: "report" });
        timetable.every({ from: begin + minute, to: end, everyMs: minute }, (n) => {
          checkout[n % 3]?.tls({ sni: "api.stripe.com", to: "198.51.100.7:443" });
          web.http({ host: "cdn.example.net", to: "198.51.100.20:80" });
          web.inMesh({ namespace: "shop", workload: "cart" });
          web.podToPod({ namespace: "shop", workload: "cart", at: "10.1.2.3:8080" });
          web.inboundPassthrough();
          job.tcp({ to: "203.0.113.9:5432" });
        });
        timetable.at(learned - 5 * minute, () => job.tcp({ to: "203.0.113.50:6379", open: true }));
        // What the second run is to find.
        timetable.at(learned + 3 * minute, () => checkout[0]?.http({ host: "HTTPBin.org.", to: "198.51.100.30:80" }));
        timetable.at(learned + 4 * minute, () =>
          checkout[1]?.http({ host: "httpbin.org:8000", to: "198.51.100.30:8000" }),
        );
        timetable.at(learned + 5 * minute, () =>
          checkout.map((pod) => pod.tls({ sni: "api.github.com", to: "203.0.113.77:443", times: 2 })),
        );
        timetable.at(learned + 6 * minute, () => job.tcp({ to: "203.0.113.61:5432", times: 3 }));
        timetable.at(learned + 7 * minute, () => job.tcp({ to: "203.0.113.62:1521", open: true }));
        timetable.at(learned + 8 * minute, () =>
          web.http({ host: "tracker.example.com", to: "203.0.113.70:80", blocked: true }),
        );
        timetable.at(learned + 8 * minute, () => web.tcp({ to: "203.0.113.71:25", blocked: true, times: 4 }));
        timetable.at(learned + 9 * minute, () => web.tls({ to: "240.240.0.7:443" }));
        timetable.at(learned + 9 * minute, () => web.http({ host: "cdn.example.net", to: "198.51.100.21:80" }));
        timetable.at(learned + 10 * minute, () =>
          web.dynamicHttp({ host: "api.weather.example", to: "203.0.113.80:80" }),
        );
        timetable.at(end - 1000, () => web.http({ host: "just-now.example.com", to: "203.0.113.81:80" }));
        // Known traffic goes on from pods that are new or began anew.
        timetable.at(learned + 11 * minute, () => checkout[0]?.restart());
        timetable.at(learned + 12 * minute, () => checkout[0]?.tls({ sni: "api.stripe.com", to: "198.51.100.8:443" }));
        timetable.at(learned + 12 * minute, () =>
          mesh
            .pod({ namespace: "payments", workload: "checkout" })
            .tls({ sni: "api.stripe.com", to: "198.51.100.9:443" }),
        );
      },
      { from: begin, to: end, everyMs: 15_000 },
    );
    dns = await startDns({
      ptr: {
        "203.0.113.61": "db1.customer.example.org",
        "203.0.113.62": "www.bank.example",
        "203.0.113.71": "mail.example.org",
      },
      a: { "db1.customer.example.org": ["203.0.113.61", "203.0.113.64"], "www.bank.example": ["192.0.2.1"] },
    });
    base = [
      "--prometheus",
      held.prometheus.url,
      "--dns",
      dns.server,
      "--state",
      `sqlite:${join(held.dir, "state.db")}`,
    ];
  });
  afterAll(async () => {
    await dns.stop();
    await held.stop();
  });

  const at = (time: number) => ["--at", String(time / 1000)];

  it("learns what is there, and finds nothing", async () => {
    const result = await scanJson([...base, ...at(learned), "--learn", "3h"]);
    expect(result).toMatchObject({ run: { mode: "learn" }, learned: { destinations: 4, workloads: 3 }, findings: [] });
    expect(result.run.to).toBe(new Date(learned).toISOString());
  });

  it("a dry run finds what is new, and remembers nothing", async () => {
    const dry = await scanJson([...base, ...at(end), "--dry-run"]);
    const again = await scanJson([...base, ...at(end), "--dry-run"]);
    expect(dry.findings.length).toBeGreaterThan(0);
    expect(again.findings).toEqual(dry.findings);
  });

  it("finds exactly what the mesh made new, each with its exact count", async () => {
    const result = await scanJson([...base, ...at(end)]);
    const known = new Set(
      held.past.mesh.truth(begin, learned).map((flow) => JSON.stringify({ ...truth(flow), count: 0 })),
    );
    const news = held.past.mesh
      .truth(learned, end)
      .map(truth)
      .filter((one) => !known.has(JSON.stringify({ ...one, count: 0 })));
    expect(sorted(result.findings.map(told))).toEqual(sorted(news));
    expect(result.run).toMatchObject({
      mode: "watch",
      from: new Date(learned).toISOString(),
      to: new Date(end).toISOString(),
    });
    for (const one of result.findings.flatMap((finding) => finding.suggestions)) {
      expect(admit(one.manifest).filter((problem) => problem.level === "error")).toEqual([]);
    }
    const by = (place: string) => result.findings.find((one) => told(one).place === place);
    expect(by("203.0.113.61")?.names[0]).toMatchObject({
      name: "db1.customer.example.org",
      from: "ptr",
      trust: "confirmed",
    });
    expect(by("203.0.113.61")?.suggestions[0]?.manifest).toMatchObject({
      spec: { hosts: ["db1.customer.example.org"] },
    });
    expect(by("203.0.113.62")?.names[0]).toMatchObject({ name: "www.bank.example", trust: "contradicted" });
    expect(by("203.0.113.62")?.suggestions[0]?.manifest).toMatchObject({
      spec: { hosts: ["ip-203-0-113-62.egress.internal"] },
    });
    expect(by("203.0.113.71")?.names[0]).toMatchObject({ name: "mail.example.org", trust: "claimed" });
    expect(by("240.240.0.7")).toMatchObject({ suggestions: [], noSuggestion: expect.stringContaining("Istio") });
    const httpbin = result.findings.filter((one) => one.destination.host === "httpbin.org");
    expect(httpbin.map((one) => one.suggestions[0]?.manifest.spec)).toEqual([
      expect.objectContaining({
        ports: [expect.objectContaining({ number: 80 }), expect.objectContaining({ number: 8000 })],
      }),
      expect.objectContaining({
        ports: [expect.objectContaining({ number: 80 }), expect.objectContaining({ number: 8000 })],
      }),
    ]);
    const seen = result.findings.find((one) => one.destination.host === "api.github.com");
    expect(seen?.firstSeen).toBe(new Date(learned + 5 * minute).toISOString());
  });

  it("finds nothing the third time, and nothing again at the same time", async () => {
    expect((await scanJson([...base, ...at(end)])).findings).toEqual([]);
    expect((await scanJson([...base, ...at(end + 5 * minute)])).findings).toEqual([]);
  });

  it("prints text that a person can read", async () => {
    const text = await runScout(["scan", ...base, ...at(end), "--since", "30m", "--no-learn", "--state", "memory:"]);
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(/^[ -~\n]+$/);
  });
});
