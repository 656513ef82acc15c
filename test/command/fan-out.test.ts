import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FindingDocument, ScanDocument } from "../../lib/report/scan-schema.ts";
import { startDns } from "../tools/dns.ts";
import { type HeldPast, holdPast } from "./past.ts";
import { scanJson } from "./run-scout.ts";

const second = 1000;
const minute = 60 * second;
const begin = Date.UTC(2026, 10, 20, 6);
const learned = begin + 30 * minute;
/** When the runs after learning end. */
const found = learned + 10 * minute;
const after = found + 5 * minute;
const quiet = after + 70 * minute;

const many = 10_000;
const address = (n: number) => `198.${18 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;
const workloads = (findings: readonly FindingDocument[], kind: string) =>
  findings
    .filter((one) => one.kind === kind)
    .map((one) => `${one.source.workload} ${one.state}`)
    .sort();

describe("workloads that touch many new destinations at once", () => {
  let held: HeldPast;
  let dns: Awaited<ReturnType<typeof startDns>>;
  let state = "";
  let result: ScanDocument;

  beforeAll(async () => {
    held = await holdPast(
      (mesh, timetable) => {
        const pod = (workload: string) => mesh.pod({ namespace: "shop", workload });
        const [web, crawler, scanner, neighbour] = [pod("web"), pod("crawler"), pod("scanner"), pod("neighbour")];
        timetable.every({ from: begin, to: quiet, everyMs: minute }, () => {
          for (const one of [web, crawler, scanner, neighbour])
            one.http({ host: "cdn.example.net", to: "192.0.2.1:80" });
        });
        timetable.at(found - 90 * second, () => {
          for (let n = 0; n < 30; n++) {
            crawler.tls({
              sni: `x${n}.${n % 3 === 0 ? "example.org" : "example.com"}`,
              to: `203.0.113.${n}:443`,
              times: 2,
            });
          }
          for (let n = 0; n < 19; n++) neighbour.http({ host: `n${n}.example.com`, to: "192.0.2.3:80" });
          web.http({ host: "news.example.com", to: "192.0.2.2:80", times: 3 });
          web.http({ host: "blocked.example.com", to: "192.0.2.4:80", times: 4, blocked: true });
          for (let n = 0; n < many; n++)
            scanner.tcp({ to: `${address(n)}:${n % 10 === 0 ? 22 : 443}`, times: 1 + (n % 2) });
        });
        // Its counters stay for the next run; then they go, or a past of hours would be gigabytes of samples.
        timetable.at(after + second, () => scanner.restart());
        timetable.at(after - 2 * minute, () => crawler.tls({ sni: "x0.example.org", to: "203.0.113.0:443" }));
        timetable.at(after - 2 * minute, () => crawler.tls({ sni: "one-more.example.org", to: "203.0.113.200:443" }));
      },
      { from: begin, to: quiet, everyMs: minute },
    );
    dns = await startDns({});
    state = join(held.dir, "state.db");
    await scan(learned, "--learn", "1h");
    result = await scan(found);
  });
  afterAll(async () => {
    await dns.stop();
    await held.stop();
  });

  const scan = (time: number, ...more: string[]) =>
    scanJson([
      ...["--prometheus", held.prometheus.url, "--state", `sqlite:${state}`, "--dns", dns.server],
      ...["--at", `${time / second}`, ...more],
    ]);
  const remembered = (workload: string) => {
    const database = new DatabaseSync(state, { readOnly: true });
    try {
      return database.prepare("SELECT count(*) AS n FROM sighting WHERE workload = ?").get(workload)?.n;
    } finally {
      database.close();
    }
  };

  it("are one finding each, with the calls, the destinations, the pattern and a sample", () => {
    const fans = result.findings.filter((one) => one.kind === "fan-out");
    expect(fans.map((one) => [one.source.workload, one.count, one.destinations, one.severity])).toEqual([
      ["crawler", 60, 30, "critical"],
      ["scanner", many * 1.5, many, "critical"],
    ]);
    const [crawler, scanner] = fans.map((one) => one.summary);
    expect(crawler).toContain("shop/crawler touched 30 new destinations");
    expect(crawler).toMatch(/443 \(30\).*example\.com \(20\), example\.org \(10\).*such as x\d+\.example\.(org|com)/);
    expect(scanner).toContain(`shop/scanner touched ${many} new destinations`);
    expect(scanner).toMatch(/443 \(9000\), 22 \(1000\).*198\.18\.\d+\.0\/24 \(256\).* more.*such as 198\.18\./);
    expect(scanner?.length).toBeLessThan(500);
    expect(fans.map((one) => one.destination)).toEqual([
      { verdict: "allowed", protocol: "tls", host: null, address: null, port: 443, sni: null },
      { verdict: "allowed", protocol: "tcp", host: null, address: null, port: null, sni: null },
    ]);
  });

  it("hide nothing of other workloads, nor of one that touches fewer", () => {
    const others = result.findings.filter((one) => one.kind !== "fan-out");
    expect(others.filter((one) => one.source.workload === "neighbour")).toHaveLength(19);
    expect(
      others.filter((one) => one.source.workload === "web").map((one) => [one.kind, one.destination.host, one.count]),
    ).toEqual([
      ["new-blocked", "blocked.example.com", 4],
      ["new-destination", "news.example.com", 3],
    ]);
    expect(others).toHaveLength(21);
  });

  it("are remembered up to a thousand sightings of each", () => {
    expect(remembered("scanner")).toBe(1000);
    expect(remembered("crawler")).toBe(31);
    expect(remembered("neighbour")).toBe(20);
    expect(result.run.queries).toBeLessThan(300);
    expect(statSync(state).size).toBeLessThan(2_000_000);
  });

  it("are found once: what comes on top is part of the open finding, and the next run finds nothing", async () => {
    const { run, findings } = await scan(after);
    expect(findings).toEqual([]);
    expect(run.queries).toBeLessThan(300);
    expect(remembered("crawler")).toBe(32);
    expect(remembered("scanner")).toBe(1000);
  });

  it("resolve once, after an hour of quiet", async () => {
    expect((await scan(after + 30 * minute)).findings).toEqual([]);
    const late = await scan(quiet);
    expect(workloads(late.findings, "fan-out")).toEqual(["crawler resolved", "scanner resolved"]);
    expect(late.findings).toHaveLength(2);
    expect(late.findings.map((one) => [one.count, one.destinations])).toEqual([
      [61, 31],
      [many * 1.5, many],
    ]);
    expect((await scan(quiet + 5 * minute)).findings).toEqual([]);
  });
});
