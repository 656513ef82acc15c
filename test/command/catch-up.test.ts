import { afterEach, describe, expect, it } from "vitest";
import { history } from "../mesh/history.ts";
import type { Pod } from "../mesh/mesh.ts";
import { tempFolder } from "../tools/temp.ts";
import { startVictoriaMetrics } from "../tools/victoria-metrics.ts";
import { begin, found, hold, hour, iso, learned, minute, scanner, second, usual } from "./catch-up.ts";

const day = 24 * hour;

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

describe("while egress-scout was away", () => {
  it("finds what began and ended within ten minutes and within three days, each with its exact count", async () => {
    const back = learned + 10 * minute;
    const later = back + 3 * day;
    const { scan, stop } = await hold(
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
    stops.push(stop);
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
