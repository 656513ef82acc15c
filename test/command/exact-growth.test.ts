import { describe, expect, it } from "vitest";
import { history, type Timetable } from "../mesh/history.ts";
import type { Mesh, Pod } from "../mesh/mesh.ts";
import { type Found, findings, hour, minute, second, spelled } from "./exact.ts";
import { listenIn } from "./exact-listen.ts";
import { onEachServer } from "./exact-servers.ts";

const begin = Date.UTC(2025, 10, 20, 6);
const learned = begin + 30 * minute;
/** The first run can look at every sample of what is new; for the second there may be too many, and it has the server add up. */
const [short, long] = [learned + 30 * minute, learned + 8 * hour];
const workloads = 50;
const places = 36;

/** What becomes of a workload's second pod, which keeps its name: how often it calls a place each time that it has restarted. */
const fates: ((place: number) => number[])[] = [
  () => [],
  () => [1],
  // The counter falls by one alone, which VictoriaMetrics' increase() takes for jitter.
  (place) => [1 + place],
  (place) => [place % 2],
  (place) => [1 + (place % 2), place % 2],
];

/** Pods of one workload that are there for two minutes after `at`, and call what nobody called before. */
function burst(mesh: Mesh, timetable: Timetable, at: number, workload: number): void {
  const fate = fates[workload % fates.length] ?? fates[0]!;
  const pods: Pod[] = [];
  const birth = () => pods.push(mesh.pod({ namespace: "big", workload: `w${workload}` }));
  const later = (seconds: number, does: () => void) => timetable.at(at + seconds * second, does);
  const calls = (seconds: number, pod: number, times: (place: number) => number) =>
    later(seconds, () => {
      for (let place = 0; place < places; place++) call(pods[pod], at, workload, place, times(place));
    });
  later(0, birth);
  later(0, birth);
  calls(3, 0, (place) => 1 + place);
  calls(4, 1, (place) => 2 + place);
  for (const n of fate(0).keys()) {
    later(60 + 35 * n, () => pods[1]?.restart());
    calls(61 + 35 * n, 1, (place) => fate(place)[n] ?? 0);
  }
  // Two pods share an address in turn.
  later(92, () => {
    birth();
    pods[0]?.stop();
    if (pods[0] !== undefined && pods[2] !== undefined) pods[2].target.ip = pods[0].target.ip;
  });
  calls(93, 2, () => 4);
  later(130, () => pods.slice(1).map((pod) => pod.stop()));
}

function call(pod: Pod | undefined, at: number, workload: number, place: number, times: number): void {
  if (times === 0) return;
  const to = `198.18.${workload}.${place}:${at === short - 4 * minute ? 1001 : 1002}`;
  const host = `at-${at}-${place}.w${workload}.example.com`;
  if (place % 5 === 0) pod?.tcp({ to, times, open: place % 2 === 0 });
  else if (place % 5 === 1) pod?.tls({ sni: host, to, times });
  else pod?.http({ host, to, times, code: place % 2 === 0 ? 200 : 503 });
}

const past = history(
  (mesh, timetable) => {
    const known = mesh.pod({ namespace: "big", workload: "w0" });
    timetable.every({ from: begin, to: long, everyMs: minute }, () =>
      known.http({ host: "known.example.com", to: "203.0.113.9:80" }),
    );
    for (const end of [short, long]) {
      for (let workload = 0; workload < workloads; workload++) burst(mesh, timetable, end - 4 * minute, workload);
    }
  },
  { from: begin, to: long, everyMs: 30 * second },
  { jobs: ["kubernetes-pods", "envoy-stats"] },
);

/** Every call was scraped before its counter was gone, so what scrapes saw is what was called. */
const truth = (from: number, to: number): Found => ({
  window: [from, to],
  found: past.mesh
    .truth(from, to)
    .filter((flow) => flow.host !== "known.example.com")
    .map((flow) => `${spelled(flow)} ${flow.count}`)
    .sort(),
});

describe("thousands that are new at once, of pods that restart and pods that share an address in turn", () => {
  onEachServer([past], (scanner, url) => {
    it("are counted exactly, by their samples as well as added up by the server", async () => {
      const all = [truth(learned, short), truth(short, long)];
      expect(all.map((one) => one.found.length)).toEqual([workloads * places, workloads * places]);
      const between = await listenIn(url());
      try {
        expect(await findings(scanner(between.url), learned, [short, long])).toEqual(all);
      } finally {
        between.stop();
      }
      const sums = between.asked.filter(({ promql }) => promql.startsWith("sum by") && promql.includes(" offset "));
      expect([...new Set(sums.map((one) => one.time))]).toEqual([long]);
    }, 120_000);
  });
});
