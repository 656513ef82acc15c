import { describe, expect, it } from "vitest";
import { history, type Past } from "../mesh/history.ts";
import type { Pod } from "../mesh/mesh.ts";
import type { ScrapeOptions } from "../mesh/serve.ts";
import { hour, minute, second } from "./exact.ts";
import { listenIn } from "./exact-listen.ts";
import { onEachServer } from "./exact-servers.ts";

/** A pod and how it is scraped, each time counted from the end of what was learned, ms. */
interface Case {
  name: string;
  acts(pod: Pod, at: (time: number, does: () => void) => void): void;
  /** A line of the past as this set-up has it; empty where it has none. Default: as the simulated mesh has it. */
  line?(text: string, time: number): string;
  options?: ScrapeOptions;
  /** So much is new, over hours, that its samples are too many to look at. */
  isLarge?: boolean;
  /** The server is asked to add up. */
  isAddedUp?: boolean;
  /** The one finding about the pod. */
  found?: { kind: string; destinations: number };
}

const call = (pod: Pod, times: number, flags = "-") =>
  pod.http({ host: "new.example.com", to: "203.0.113.1:80", times, flags });

const fiveAndOne: Case["acts"] = (pod, at) => {
  at(minute, () => call(pod, 5));
  at(8 * minute, () => call(pod, 1));
};

const cases: Case[] = [
  {
    name: "of a workload of which not all is remembered, whose pod restarts",
    acts(pod, at) {
      at(-minute, () => {
        for (let n = 0; n < 1100; n++) pod.http({ host: `known-${n}.example.com`, to: "203.0.113.2:80" });
      });
      at(2 * minute, () => call(pod, 5));
      at(3 * minute, () => pod.restart());
      at(4 * minute, () => call(pod, 1));
    },
    found: { kind: "fan-out", destinations: 1 },
  },
  {
    name: "of a large past that two jobs scrape, of which one writes no pod",
    acts: fiveAndOne,
    line: (text) => text.replace(/,pod_name="[^"]*"/, ""),
    options: { jobs: ["kubernetes-pods", "envoy-stats"] },
    isLarge: true,
  },
  {
    name: "of a large past in which the method tells counters apart",
    acts(pod, at) {
      at(minute, () => call(pod, 5, "GET"));
      at(8 * minute, () => call(pod, 1, "POST"));
    },
    line: (text) => text.replace(/response_flags="(\w*)-?"/, 'response_flags="-",request_method="$1"'),
    isLarge: true,
    isAddedUp: true,
  },
  {
    name: "of an HA pair of which one takes over from the other",
    acts(pod, at) {
      at(minute, () => call(pod, 5));
      at(8 * minute + 10 * second, () => call(pod, 1));
    },
    line: (text, time) => ((text.includes('replica="a"') ? time <= 8 * minute : time >= 6 * minute) ? text : ""),
    options: { replicas: ["a", "b"] },
  },
];

const stories = cases.map((one, day) => {
  const learned = Date.UTC(2025, 10, 20 + day, 6);
  const { isLarge = false, isAddedUp = false, found = { kind: "new-destination" } } = one;
  const [end, last] = [learned + 10 * minute, learned + (isLarge ? 8 * hour : 10 * minute)];
  const past = history(
    (mesh, timetable) => {
      const [pod, brief] = ["web", "brief"].map((workload) => mesh.pod({ namespace: "shop", workload }));
      timetable.at(learned - 90 * second, () => pod!.http({ host: "old.example.com", to: "203.0.113.3:80" }));
      one.acts(pod!, (time, does) => timetable.at(learned + time, does));
      timetable.at(learned + minute, () => {
        for (let n = 0; isLarge && n < 600; n++) brief!.http({ host: `n${n}.example.com`, to: "203.0.113.4:80" });
      });
      timetable.at(learned + 2 * minute, () => brief!.stop());
    },
    { from: learned - 2 * minute, to: end, everyMs: 15 * second },
    one.options,
  );
  const { name, line = (text) => text } = one;
  return { name, past: retold(past, (text, at) => line(text, at - learned)), learned, last, isAddedUp, found };
});

function retold(past: Past, line: (text: string, timeMs: number) => string): Past {
  function* chunks() {
    const sample = /^[^#].* (\d+\.\d+)\n/gm;
    for (const chunk of past.chunks()) yield chunk.replace(sample, (text, time) => line(text, Number(time) * second));
  }
  return { ...past, chunks, text: () => [...chunks()].join("") };
}

describe("six calls to a new host", () => {
  onEachServer(
    stories.map((story) => story.past),
    (scanner, url) => {
      it.each(stories)(
        "$name",
        async ({ learned, last, isAddedUp, found }) => {
          const between = await listenIn(url());
          try {
            const scan = scanner(between.url);
            await scan(learned, "--learn", "3h");
            const { findings } = await scan(last);
            expect(findings.filter((one) => one.source.workload === "web")).toMatchObject([{ ...found, count: 6 }]);
          } finally {
            between.stop();
          }
          const sums = between.asked.filter(({ promql }) => promql.startsWith("sum by") && promql.includes(" offset "));
          expect(sums.length > 0).toBe(isAddedUp);
        },
        60_000,
      );
    },
  );
});
