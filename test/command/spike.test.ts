import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FindingDocument, ScanDocument } from "../../lib/report/scan-schema.ts";
import { history } from "../mesh/history.ts";
import { createBlocks, type Prometheus, startPrometheus } from "../tools/prometheus.ts";
import { tempFolder } from "../tools/temp.ts";
import { scanJson } from "./run-scout.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const begin = Date.UTC(2026, 10, 9, 0);
const learned = begin + 8 * day + 9 * hour;
/** No scrape at all in it; the first one after it comes half a minute into a bucket, with all that was counted meanwhile. */
const hole = { from: learned + 11 * minute, to: learned + 60.5 * minute };
const incident = { from: learned + 2 * hour, to: learned + 2.5 * hour };
/** In the middle of the incident, Prometheus is away again. */
const blink = { from: incident.from + 16 * minute, to: incident.from + 21.5 * minute };
const end = learned + 5 * hour;

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function poisson(mean: number, next: () => number): number {
  let n = -1;
  for (let product = 1; product > Math.exp(-mean); n++) product *= next();
  return n;
}

/** Calls of one minute at that time: more by day than by night. */
const usual = (time: number, mean: number) => mean * (1 + 0.7 * Math.sin((2 * Math.PI * (time % day)) / day - 1.6));
const isIn = (time: number, { from, to }: { from: number; to: number }) => time > from && time <= to;

/** What Prometheus scraped of three workloads that are blocked by day, by chance and never, and its own `up`. */
function past(): string {
  const next = random(20261122);
  const { text } = history(
    (mesh, timetable) => {
      const pod = (workload: string) => mesh.pod({ namespace: "shop", workload });
      const [web, mail, quiet] = [pod("web"), pod("mail"), pod("quiet")];
      timetable.at(begin + hour, () => quiet.tcp({ to: "203.0.113.30:25", blocked: true }));
      timetable.every({ from: begin + minute, to: end, everyMs: minute }, (n) => {
        const time = begin + (n + 1) * minute;
        const more = isIn(time, incident) ? 6 : 0;
        const http = poisson(usual(time, 4), next);
        const tcp = poisson(usual(time, 0.4), next) + more;
        if (http > 0) web.http({ host: "ads.example.com", to: "203.0.113.10:80", blocked: true, times: http });
        if (tcp > 0) mail.tcp({ to: "203.0.113.20:25", blocked: true, times: tcp });
        if (more > 0) quiet.tcp({ to: "203.0.113.30:25", blocked: true, times: more });
      });
    },
    { from: begin, to: end, everyMs: 30 * second },
  );
  const up = ["# TYPE up gauge\n"];
  for (let time = begin; time <= end; time += 30 * second)
    up.push(`up{job="kubernetes-pods"} 1 ${time / second}.000\n`);
  const isLost = (line: string) => {
    const time = Number(/(\d+)\.\d{3}\n$/.exec(line)?.[1]) * second;
    return (time > hole.from && time < hole.to) || (time > blink.from && time < blink.to);
  };
  const kept = `${text().replace("# EOF\n", "")}${up.join("")}`.match(/^.*\n/gm)?.filter((line) => !isLost(line));
  return `${kept?.join("")}# EOF\n`;
}

describe("blocked calls far above what is usual", () => {
  const folder = tempFolder("spike");
  let prometheus: Prometheus;
  const results: { at: number; result: ScanDocument }[] = [];
  const spikes = () =>
    results.flatMap(({ at, result }) =>
      result.findings.filter((one) => one.kind === "blocked-spike").map((finding) => ({ at, finding })),
    );
  const of = (workload: string, state: FindingDocument["state"]) =>
    spikes().filter(({ finding }) => finding.source.workload === workload && finding.state === state);

  beforeAll(async () => {
    await createBlocks(past(), folder.path);
    prometheus = await startPrometheus({ dir: folder.path });
    const base = ["--prometheus", prometheus.url, "--dns", "127.0.0.1:9"];
    const scan = (at: number, ...more: string[]) =>
      scanJson([...base, "--state", `sqlite:${join(folder.path, "state.db")}`, "--at", `${at / second}`, ...more]);
    await scan(learned, "--learn", "9d");
    for (let at = learned + 5 * minute; at <= end; at += 5 * minute) results.push({ at, result: await scan(at) });
  });
  afterAll(async () => {
    await prometheus.stop();
    folder.remove();
  });

  it("are found within three runs, once, at a daily shape and at a baseline of none", () => {
    for (const workload of ["mail", "quiet"]) {
      const opened = of(workload, "open");
      expect(opened.map(({ at }) => (at - incident.from) / minute <= 15)).toEqual([true]);
    }
  });

  it("say what was expected, and when it was like this before", () => {
    const [mail, quiet] = ["mail", "quiet"].map((workload) => of(workload, "open")[0]?.finding);
    expect(mail?.expected).toEqual({
      mean: expect.any(Number),
      p: expect.any(Number),
      basis: expect.stringMatching(/^[78]d$/),
    });
    expect(mail?.expected?.mean).toBeLessThan(12);
    expect(mail?.expected?.p).toBeLessThan(1e-6);
    expect(quiet?.expected?.mean).toBeLessThan(0.2);
    for (const one of [mail, quiet]) {
      expect(one?.destination).toMatchObject({ verdict: "blocked", protocol: "tcp", port: 25 });
      expect(one?.summary).toMatch(/\d+ blocked in \d+ min; expected [\d.]+; last like this: \S+/);
      expect(one?.summary).toContain(`${one?.count} blocked`);
    }
  });

  it("resolve once, after it is over, with all that was counted", () => {
    for (const workload of ["mail", "quiet"]) {
      const [resolved, ...more] = of(workload, "resolved");
      expect(more).toEqual([]);
      expect(resolved?.at).toBeGreaterThan(incident.to);
      expect(resolved?.finding.id).toBe(of(workload, "open")[0]?.finding.id);
    }
  });

  it("are not found at ordinary times, nor in what was scraped at once after a gap", () => {
    expect(of("web", "open")).toEqual([]);
    expect(spikes().filter(({ at }) => at <= incident.from)).toEqual([]);
    expect(results.find(({ at }) => at === learned + 15 * minute)?.result.run.blind.join()).toContain("no data");
  });

  it("do not end because nobody looks", () => {
    const ends = spikes().filter(({ at, finding }) => finding.state === "resolved" && at <= incident.to);
    expect(ends).toEqual([]);
  });
});
