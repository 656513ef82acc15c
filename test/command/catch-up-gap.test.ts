import { afterEach, describe, expect, it } from "vitest";
import { begin, type Held, hold, iso, learned, minute, type Scan, type Script, second, usual } from "./catch-up.ts";

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
  let held: Held | undefined;
  afterEach(() => held?.stop());
  const served = async (altered: (line: string) => string) => {
    held = await hold(script, { to: end, everyMs: 15 * second }, altered);
    return held.scan;
  };
  const withUp = (line: string) => (line === "# EOF\n" ? up() + line : isLost(line) ? "" : line);
  const everyFiveMinutes = async (scan: Scan) => {
    await scan(learned, "--learn", "1h");
    const results = [];
    for (let time = learned + 5 * minute; time <= learned + 60 * minute; time += 5 * minute)
      results.push(await scan(time));
    return results;
  };

  it("says so in each run and in one finding that resolves, and takes known traffic after it for known", async () => {
    const scan = await served(withUp);
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
    const scan = await served(withUp);
    await scan(learned, "--learn", "1h");
    const { run, findings } = await scan(end);
    expect(run.blind.join()).toMatch(/^no data in Prometheus from \S+ to \S+,|^no data in Prometheus from \S+ to \S+$/);
    expect(findings.map(({ kind, count }) => [kind, count])).toEqual([
      ["blind", 0],
      ["new-destination", 2],
    ]);
  });

  it("sees it without any `up` by there being no series at all, and never takes a missing `up` for a gap", async () => {
    const scan = await served((line) => (isLost(line) ? "" : line));
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
