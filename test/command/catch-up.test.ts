import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { FindingDocument } from "../../lib/report/scan-schema.ts";
import { history, type Timetable } from "../mesh/history.ts";
import type { Mesh, Pod } from "../mesh/mesh.ts";
import { createBlocks, startPrometheus } from "../tools/prometheus.ts";
import { tempFolder } from "../tools/temp.ts";
import { startVictoriaMetrics } from "../tools/victoria-metrics.ts";
import { scanJson } from "./run-scout.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const begin = Date.UTC(2026, 10, 16, 6);
const learned = begin + hour;

const iso = (time: number) => new Date(time).toISOString();
const found = (findings: readonly FindingDocument[]) =>
  Object.fromEntries(findings.map((one) => [one.destination.host ?? one.destination.address ?? one.kind, one.count]));

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

type Script = (mesh: Mesh, timetable: Timetable) => void;

/** Serves what was scraped of a script; `altered` may take lines away or add some. Answers a scan of it at a time. */
async function hold(script: Script, span: { to: number; everyMs: number }, altered = (line: string): string => line) {
  const folder = tempFolder("catch-up");
  stops.push(folder.remove);
  const { text } = history(script, { from: begin, ...span });
  await createBlocks(text().replace(/^.*\n/gm, altered), folder.path);
  const prometheus = await startPrometheus({ dir: folder.path });
  stops.push(prometheus.stop);
  return scanner(prometheus.url, folder.path);
}

function scanner(url: string, dir: string) {
  const base = ["--prometheus", url, "--state", `sqlite:${join(dir, "state.db")}`, "--dns", "127.0.0.1:9"];
  return (time: number, ...more: string[]) => scanJson([...base, "--at", `${time / second}`, ...more]);
}

/** A web shop that always calls the same places. */
function usual(mesh: Mesh, timetable: Timetable, to: number) {
  const web = mesh.pod({ namespace: "shop", workload: "web" });
  timetable.every({ from: begin, to, everyMs: minute }, () => {
    web.http({ host: "cdn.example.net", to: "198.51.100.20:80" });
    web.tls({ sni: "api.example.com", to: "198.51.100.21:443", times: 2 });
    web.http({ host: "refused.example.com", to: "198.51.100.22:80", blocked: true });
  });
  return web;
}

describe("while egress-scout was away", () => {
  it("finds what began and ended within ten minutes and within three days, each with its exact count", async () => {
    const back = learned + 10 * minute;
    const later = back + 3 * day;
    const scan = await hold(
      (mesh, timetable) => {
        const web = usual(mesh, timetable, later);
        const visit = (at: number, lasts: number, host: string, times: number) => {
          let pod: Pod | undefined;
          timetable.at(at, () => {
            pod = mesh.pod({ namespace: "batch", workload: "visitor" });
            pod.http({ host, to: "203.0.113.1:80", times });
          });
          timetable.at(at + lasts, () => pod?.stop());
        };
        const guests = {
          brief: [learned + 2 * minute, 2 * minute, 3],
          first: [back + 5 * hour, 20 * minute, 4],
        } as const;
        for (const [name, [at, lasts, times]] of Object.entries(guests)) visit(at, lasts, `${name}.example.org`, times);
        visit(back + day - 5 * minute, 10 * minute, "over-midnight.example.org", 7);
        visit(later - 30 * minute, 5 * minute, "last.example.org", 9);
        timetable.at(back + 2 * hour, () => web.tcp({ to: "203.0.113.78:25", times: 6, open: true }));
        // One that goes on all the time, through a restart of its proxy.
        timetable.every({ from: back + hour, to: later, everyMs: 6 * hour }, (n) => {
          if (n === 6) web.restart();
          web.tcp({ to: "203.0.113.77:5432", times: 2 });
        });
      },
      { to: later, everyMs: minute },
    );
    await scan(learned, "--learn", "1h");
    const short = await scan(back);
    expect(short.run).toMatchObject({ from: iso(learned), to: iso(back) });
    expect(found(short.findings)).toEqual({ "brief.example.org": 3 });
    const long = await scan(later);
    expect(long.run).toMatchObject({ from: iso(back), to: iso(later), blind: [] });
    expect(found(long.findings)).toEqual({
      "first.example.org": 4,
      "over-midnight.example.org": 7,
      "last.example.org": 9,
      "203.0.113.77": 24,
      "203.0.113.78": 6,
    });
    expect((await scan(later)).findings).toEqual([]);
  });

  it("finds what was scraped before a run and came in after it", async () => {
    const folder = tempFolder("catch-up");
    stops.push(folder.remove);
    const server = await startVictoriaMetrics({ dir: folder.path });
    stops.push(server.stop);
    const scan = scanner(server.url, folder.path);
    const end = learned + 5 * minute;
    const { text } = history(
      (mesh, timetable) => {
        usual(mesh, timetable, end + 5 * minute);
        const late = mesh.pod({ namespace: "shop", workload: "late" });
        timetable.at(end - minute, () => late.http({ host: "late.example.com", to: "203.0.113.1:80", times: 5 }));
        timetable.at(end - 40 * second, () => late.stop());
      },
      { from: begin, to: end + 5 * minute, everyMs: 15 * second },
    );
    const lines = text().match(/^.*\n/gm) ?? [];
    await server.take(lines.filter((line) => !line.includes("late.example.com")));
    await scan(learned, "--learn", "1h");
    expect((await scan(end)).findings).toEqual([]);
    await server.take(lines.filter((line) => line.includes("late.example.com")));
    expect(found((await scan(end + 5 * minute)).findings)).toEqual({ "late.example.com": 5 });
    expect((await scan(end + 10 * minute)).findings).toEqual([]);
  });
});

describe("while Prometheus was away", () => {
  const hole = { from: learned + 7 * minute, to: learned + 37 * minute };
  const end = learned + 70 * minute;
  const script: Script = (mesh, timetable) => {
    const web = usual(mesh, timetable, end);
    timetable.at(hole.from + 10 * minute, () =>
      web.http({ host: "meanwhile.example.com", to: "203.0.113.1:80", times: 3 }),
    );
    // Known traffic of pods that came while nobody looked.
    timetable.at(hole.from + 12 * minute, () => web.restart());
    timetable.at(hole.from + 15 * minute, () =>
      web.http({ host: "meanwhile.example.com", to: "203.0.113.1:80", times: 2 }),
    );
    timetable.at(hole.from + 15 * minute, () =>
      mesh.pod({ namespace: "shop", workload: "web" }).http({ host: "cdn.example.net", to: "198.51.100.20:80" }),
    );
  };
  const isLost = (line: string) => {
    const time = Number(/(\d+\.\d{3})\n$/.exec(line)?.[1]) * second;
    return time > hole.from && time < hole.to;
  };
  /** What every scrape leaves behind, once for each that was made. */
  const up = () => {
    const lines = ["# TYPE up gauge\n"];
    for (let time = begin; time <= end; time += 15 * second) {
      lines.push(`up{job="kubernetes-pods",instance="10.244.0.0:15020"} 1 ${(time / second).toFixed(3)}\n`);
    }
    return lines.filter((line) => !isLost(line)).join("");
  };
  const everyFiveMinutes = async (scan: Awaited<ReturnType<typeof hold>>) => {
    await scan(learned, "--learn", "1h");
    const results = [];
    for (let time = learned + 5 * minute; time <= learned + 60 * minute; time += 5 * minute)
      results.push(await scan(time));
    return results;
  };

  it("says so in each run and in one finding that resolves, and takes known traffic after it for known", async () => {
    const scan = await hold(script, { to: end, everyMs: 15 * second }, (line) =>
      line === "# EOF\n" ? up() + line : isLost(line) ? "" : line,
    );
    const results = await everyFiveMinutes(scan);
    const blind = results.map((one) => one.run.blind.filter((text) => /^no (data|series)/.test(text)).length > 0);
    expect(blind).toEqual([false, true, true, true, true, true, true, true, false, false, false, false]);
    const findings = results.flatMap(({ findings }, run) =>
      findings.map(({ kind, state, count, destination: { host } }) => ({ run, kind, state, count, host })),
    );
    expect(findings).toEqual([
      { run: 1, kind: "blind", state: "open", count: 0, host: null },
      { run: 7, kind: "new-destination", state: "open", count: 2, host: "meanwhile.example.com" },
      { run: 8, kind: "blind", state: "resolved", count: 0, host: null },
    ]);
    const [opened] = results[1]?.findings ?? [];
    expect(opened?.summary).toContain("no data in Prometheus from");
    for (const [n, { run }] of results.entries())
      expect(run.from).toBe(n === 0 ? iso(learned) : results[n - 1]?.run.to);
  });

  it("says so where the whole gap is within one run", async () => {
    const scan = await hold(script, { to: end, everyMs: 15 * second }, (line) =>
      line === "# EOF\n" ? up() + line : isLost(line) ? "" : line,
    );
    await scan(learned, "--learn", "1h");
    const { run, findings } = await scan(end);
    expect(run.blind.join()).toMatch(/^no data in Prometheus from \S+ to \S+,|^no data in Prometheus from \S+ to \S+$/);
    expect(findings.map(({ kind, count }) => [kind, count])).toEqual([
      ["blind", 0],
      ["new-destination", 2],
    ]);
  });

  it("sees it without any `up` by there being no series at all, and never takes a missing `up` for a gap", async () => {
    const scan = await hold(script, { to: end, everyMs: 15 * second }, (line) => (isLost(line) ? "" : line));
    const results = await everyFiveMinutes(scan);
    const findings = results.flatMap(({ findings }, run) =>
      findings.filter((one) => one.kind === "blind").map(({ state, summary }) => ({ run, state, summary })),
    );
    expect(findings).toEqual([
      { run: 2, state: "open", summary: expect.stringContaining("no series of the catch-alls at all") },
      { run: 7, state: "resolved", summary: expect.stringContaining("no series of the catch-alls at all") },
    ]);
  });
});
