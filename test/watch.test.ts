import { describe, expect, it } from "vitest";
import { ScoutError } from "../lib/errors.ts";
import { nothingNew } from "../lib/remember/store.ts";
import type { Question } from "./poll/fake-telemetry.ts";
import { blocked, connected, day, found, hour, minute, noon, requested, world } from "./scout-make.ts";

const later = noon + 15 * minute;
const tooLong =
  (longest: number) =>
  ({ range }: Question): void => {
    if (range > longest) throw new ScoutError("prometheus/too-expensive", "too many samples");
  };
const known = requested("known.example.com", [noon - hour]);

describe("watch", () => {
  it("goes on learning where it was cut off, and does not ask again for what it has", async () => {
    const one = world(requested("old.example.com", [noon - 70 * hour], {}, noon - 60 * hour), known);
    let days = 0;
    one.telemetry.refuse = ({ promql, at }) => {
      if (promql.startsWith("sum by") && at > noon - 2 * day && ++days > 0)
        throw new ScoutError("prometheus/unavailable", "away");
    };
    await expect(one.run(noon, { learn: 3 * day })).rejects.toMatchObject({ code: "prometheus/unavailable" });
    const progress = await one.store.progress("prod");
    expect(progress).toMatchObject({ end: noon - 2 * day, learningSince: noon - 3 * day });
    one.telemetry.refuse = ({ at, range, promql }) => {
      if (promql.startsWith("sum by")) expect(at - range).toBeGreaterThanOrEqual(noon - 2 * day);
    };
    const scan = await one.run(noon + minute, { learn: 3 * day });
    expect(scan).toMatchObject({ mode: "learn", window: { from: noon - 2 * day, to: noon + minute }, findings: [] });
    expect([...(scan.learned ?? [])].map(({ destination }) => destination.host).sort()).toEqual([
      "known.example.com",
      "old.example.com",
    ]);
    expect((await one.run(later)).mode).toBe("watch");
  });

  it("learns nothing for good where there is nothing to learn, and watches from then on", async () => {
    const one = world();
    expect(await one.run(noon, { learn: 0 })).toMatchObject({ mode: "learn", findings: [] });
    one.telemetry.stored.push(requested("new.example.com", [noon + minute]));
    expect(found(await one.run(later))).toEqual(["new-destination new.example.com:80 x1"]);
  });

  it("remembers nothing of a first run that is dry", async () => {
    const one = world(known);
    const dry = await one.run(noon, { dryRun: true });
    expect([...(dry.learned ?? [])]).toHaveLength(1);
    expect(await one.store.progress("prod")).toBeNull();
    expect((await one.store.recall("prod")).size).toBe(0);
  });

  it("reports all it sees in a first run that is not to learn, counted from the window's beginning", async () => {
    const one = world(requested("a.example.com", [noon - 3 * hour, noon - 5 * minute]), known);
    const scan = await one.run(noon, { noLearn: true, since: noon - 15 * minute });
    expect(found(scan)).toEqual(["new-destination a.example.com:80 x1"]);
    expect(scan).toMatchObject({ mode: "watch", learned: null });
  });

  it("counts a sample that came late for the last window in the next", async () => {
    const one = world(known);
    await one.run(noon);
    one.telemetry.stored.push({ ...requested("late.example.com", [noon - minute]), values: [[noon - minute, 3]] });
    expect(found(await one.run(later))).toEqual(["new-destination late.example.com:80 x3"]);
    expect(found(await one.run(later + minute))).toEqual([]);
  });

  it("counts what came ten minutes late, as after an outage of remote write", async () => {
    const one = world(known);
    await one.run(noon);
    one.telemetry.stored.push(requested("late.example.com", [noon - 10 * minute, noon - 10 * minute]));
    expect(found(await one.run(later))).toEqual(["new-destination late.example.com:80 x2"]);
  });

  it("begins where the last run ended, however long ago, and loses nothing in between", async () => {
    const one = world(known);
    await one.run(noon);
    one.telemetry.stored.push(
      requested("first-day.example.com", [noon + 5 * hour, noon + 6 * hour], {}, noon + 8 * hour),
      requested("third-day.example.com", [noon + 60 * hour]),
    );
    const scan = await one.run(noon + 3 * day);
    expect(scan.window).toEqual({ from: noon, to: noon + 3 * day });
    expect(found(scan)).toEqual([
      "new-destination first-day.example.com:80 x2",
      "new-destination third-day.example.com:80 x1",
    ]);
  });

  it("counts once what is seen on several days of one window", async () => {
    const one = world(known);
    await one.run(noon);
    one.telemetry.stored.push(requested("first-day.example.com", [noon + 5 * hour, noon + 6 * hour]));
    expect(found(await one.run(noon + 3 * day))).toEqual(["new-destination first-day.example.com:80 x2"]);
  });

  it("does not take for new what was there before and is quiet", async () => {
    const one = world(known);
    await one.run(noon, { noLearn: true, since: noon - 15 * minute });
    expect(found(await one.run(later))).toEqual([]);
  });

  it("does not count again what a fan-out forgot and nobody called since, and lets it be over", async () => {
    const one = world(known);
    await one.run(noon);
    const [seen] = (await one.store.recall("prod")).values();
    const sightings = Array.from({ length: 1000 }, (_, n) => ({ ...seen!, key: `key-${n}` }));
    await one.store.remember("prod", {
      ...nothingNew({ end: noon, learningSince: null, judgedUntil: noon }),
      sightings,
    });
    one.telemetry.stored.push(requested("one-too-many.example.com", [noon + minute]));
    expect((await one.run(later)).findings).toMatchObject([{ kind: "fan-out", destinations: 1, count: 1 }]);
    await one.run(later + 15 * minute);
    expect([...(await one.store.open("prod")).values()]).toMatchObject([{ destinations: 1, count: 1 }]);
    expect((await one.run(later + 2 * hour)).findings).toMatchObject([{ kind: "fan-out", state: "resolved" }]);
  });

  it("finds nothing in a window that --since moves over what is known", async () => {
    const one = world(known);
    await one.run(noon);
    expect(await one.run(later, { since: noon - 2 * hour })).toMatchObject({ findings: [], known: 1 });
  });

  it("does nothing, and goes on later, where a run ends before the last one", async () => {
    const one = world(known);
    await one.run(noon);
    expect(await one.run(noon - hour)).toMatchObject({ findings: [], series: 0 });
    expect(await one.store.progress("prod")).toMatchObject({ end: noon });
  });

  it("finds a known host on a new port, with another verdict or from another workload", async () => {
    const one = world(known);
    await one.run(noon);
    one.telemetry.stored.push(
      requested("known.example.com:8080", [noon + minute]),
      requested("known.example.com", [noon + minute], blocked),
      requested("known.example.com", [noon + minute], { source_workload: "job" }),
    );
    expect(found(await one.run(later))).toEqual([
      "new-blocked known.example.com:80 x1",
      "new-destination known.example.com:80 x1",
      "new-destination known.example.com:8080 x1",
    ]);
  });

  it("calls sources by their clusters once there are several, and keeps every id", async () => {
    const calls = (cluster: string) => requested("a.example.com", [noon - minute], { source_cluster: cluster });
    const since = { noLearn: true, since: noon - hour };
    const [alone] = (await world(calls("c1")).run(noon, since)).findings;
    const both = (await world(calls("c1"), calls("c2")).run(noon, since)).findings;
    expect(alone?.source.cluster).toBe("prod");
    expect(both.map(({ source }) => source.cluster)).toEqual(["c1", "c2"]);
    expect(both[0]?.id).toBe(alone?.id);
    expect(both[1]?.id).not.toBe(alone?.id);
  });

  it("finds nothing again in a cluster that is joined by a second one", async () => {
    const one = world(requested("a.example.com", [noon - minute], { source_cluster: "c1" }));
    await one.run(noon);
    one.telemetry.stored.push(requested("a.example.com", [noon + minute], { source_cluster: "c2" }));
    const { findings } = await one.run(later);
    expect(findings.map(({ source }) => source.cluster)).toEqual(["c2"]);
  });

  it("halves a question that is too expensive, and finds the same", async () => {
    const stored = [
      known,
      requested("a.example.com", [noon + 3 * hour, noon + 20 * hour]),
      connected("203.0.113.7:25", [noon + 13 * hour]),
    ];
    const plain = world(...stored);
    const small = world(...stored);
    small.telemetry.refuse = tooLong(9 * hour);
    for (const one of [plain, small]) await one.run(noon);
    const [expected, scan] = [await plain.run(noon + day), await small.run(noon + day)];
    expect(found(scan)).toEqual(found(expected));
    expect(scan.findings.map(({ id, count, firstSeen, lastSeen }) => [id, count, firstSeen, lastSeen])).toEqual(
      expected.findings.map(({ id, count, firstSeen, lastSeen }) => [id, count, firstSeen, lastSeen]),
    );
    expect(scan.known).toBe(expected.known);
  });

  it("halves a slice whose samples are too expensive, and finds the same", async () => {
    const stored = [known, requested("a.example.com", [noon + 3 * hour, noon + 20 * hour])];
    const [plain, small] = [world(...stored), world(...stored)];
    for (const one of [plain, small]) await one.run(noon);
    small.telemetry.refuse = (question) => {
      if (!question.promql.startsWith("sum by")) tooLong(9 * hour)(question);
    };
    expect(found(await small.run(noon + day))).toEqual(found(await plain.run(noon + day)));
  });

  it("remembers sixteen addresses of a destination at most, however many days it was seen", async () => {
    const one = world(known);
    await one.run(noon);
    for (let n = 0; n < 40; n++) {
      const address = { destination_address: `203.0.113.${n}:80` };
      one.telemetry.stored.push(
        requested("cdn.example.com", [noon + n * hour + minute], address, noon + (n + 1) * hour),
      );
    }
    expect((await one.run(noon + 2 * day)).findings[0]?.addresses).toHaveLength(16);
  });

  it("counts exactly where a server adds up the growth of very many, and a counter was reset meanwhile", async () => {
    const one = world(known);
    await one.run(noon);
    const restarted = requested("a.example.com", [noon + hour], { source_workload: "job" }, noon + day);
    restarted.values = restarted.values.map(([time, count]) => [time, time < noon + 9 * hour ? count + 6 : count]);
    const many = Array.from({ length: 180 }, (_, n) =>
      requested("a.example.com", [noon + hour, noon + 2 * hour], { source_workload: `w${n}` }, noon + day),
    );
    one.telemetry.stored.push(restarted, ...many);
    const { findings } = await one.run(noon + day);
    expect(one.telemetry.questions.some(({ promql }) => promql.includes("resets("))).toBe(true);
    const counts = findings.map(({ source, count }) => [source.workload === "job", count].join());
    expect(counts.sort()).toEqual([...Array(180).fill("false,2"), "true,8"]);
  });

  it("sees each thing that it cannot see once, and says it in every run", async () => {
    const one = world(connected("", [noon - hour, later - minute]));
    await one.run(noon);
    for (const to of [later, later + minute]) {
      const { blind } = await one.run(to);
      expect(blind.filter((text) => text.includes("address label"))).toHaveLength(1);
    }
  });

  it("writes a known destination again once a day", async () => {
    const every = Array.from({ length: 200 }, (_, n) => noon - hour + n * 20 * minute);
    const one = world(requested("busy.example.com", every));
    await one.run(noon);
    const lastSeen = async () => [...(await one.store.recall("prod")).values()][0]?.lastSeen;
    await one.run(noon + 23 * hour);
    expect(await lastSeen()).toBe(noon);
    await one.run(noon + 25 * hour);
    expect(await lastSeen()).toBe(noon + 25 * hour);
  });
});
