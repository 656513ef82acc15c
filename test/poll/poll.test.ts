import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ScoutError } from "../../lib/errors.ts";
import type { Counter, Window } from "../../lib/model.ts";
import { askAhead, count, poll } from "../../lib/poll/poll.ts";
import type { Row } from "../../lib/poll/questions.ts";
import { type FakeTelemetry, fakeTelemetry, type Question } from "./fake-telemetry.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const to = Date.UTC(2026, 10, 22, 12);
const settings = { labels: { address: ["destination_address"], port: [], sni: [] }, matchers: "" };

const tooLong =
  (longest: number) =>
  ({ range }: Question): void => {
    if (range > longest) throw new ScoutError("prometheus/too-expensive", "too many samples");
  };

async function windows(telemetry: FakeTelemetry, window: Window, overlap = 0): Promise<Window[]> {
  const all: Window[] = [];
  for await (const slice of poll(telemetry, window, overlap, settings)) all.push(slice.window);
  return all;
}

/** As many rows of one counter, each a workload and a destination of its own. */
const rows = (many: number, counter: Counter = "opened"): Row[] =>
  Array.from({ length: many }, (_, index) => ({
    counter,
    labels: {
      source_workload_namespace: "shop",
      source_workload: `w${index}`,
      destination_address: `203.0.113.${index}:443`,
    },
  }));
/** What makes the labels of a row those of a stored series. */
const passed = { reporter: "source", destination_service_name: "PassthroughCluster", destination_workload: "unknown" };
const within = (length: number): Window => ({ from: to - length, to });

describe("poll/poll", () => {
  it("asks for each counter once in a short window", async () => {
    const telemetry = fakeTelemetry();
    expect(await windows(telemetry, within(15 * minute))).toEqual([within(15 * minute)]);
    expect(telemetry.questions.map(({ at, range }) => [at, range])).toEqual(Array(4).fill([to, 15 * minute]));
    expect(new Set(telemetry.questions.map((one) => one.promql)).size).toBe(4);
  });

  it.each([15 * minute, 3 * day])(
    "asks ahead what it asks first in a window of %d ms, and nothing twice",
    async (length) => {
      const telemetry = fakeTelemetry();
      await windows(telemetry, within(length), 2 * minute);
      const [asked, first] = [telemetry.questions, telemetry.questions.slice(0, 4)];
      telemetry.questions = [];
      const ahead = askAhead(telemetry, within(length), 2 * minute, settings);
      expect(telemetry.questions).toEqual(first);
      for await (const _ of poll(ahead, within(length), 2 * minute, settings)) void _;
      expect(telemetry.questions).toEqual(asked);
      for await (const _ of poll(ahead, within(length), 2 * minute, settings)) void _;
      expect(telemetry.questions).toEqual([...asked, ...asked]);
    },
  );

  it("asks ahead what the server finds too expensive, and then by halves", async () => {
    const telemetry = fakeTelemetry();
    telemetry.refuse = tooLong(12 * hour);
    const ahead = askAhead(telemetry, within(day), 0, settings);
    const slices: Window[] = [];
    for await (const slice of poll(ahead, within(day), 0, settings)) slices.push(slice.window);
    expect(slices).toEqual([
      { from: to - day, to: to - 12 * hour },
      { from: to - 12 * hour, to },
    ]);
  });

  it("asks nothing in an empty window", async () => {
    const telemetry = fakeTelemetry();
    expect(await windows(telemetry, within(0))).toEqual([]);
    expect(telemetry.questions).toEqual([]);
  });

  it("goes through a long window day by day, the oldest first", async () => {
    const from = to - 2 * day - hour;
    expect(await windows(fakeTelemetry(), { from, to })).toEqual([
      { from, to: from + day },
      { from: from + day, to: from + 2 * day },
      { from: from + 2 * day, to },
    ]);
  });

  it("reaches further back for what came late, in the first slice alone", async () => {
    const telemetry = fakeTelemetry();
    const slices = await windows(telemetry, within(day + hour), 2 * minute);
    expect(slices[0]?.from).toBe(to - day - hour);
    const ranges = telemetry.questions.map(({ range }) => range);
    expect(ranges).toEqual([...Array(4).fill(day + 2 * minute), ...Array(4).fill(hour)]);
  });

  it("halves a slice that is too expensive, and asks again for no more than it must", async () => {
    const telemetry = fakeTelemetry();
    telemetry.refuse = tooLong(6 * hour);
    const slices = await windows(telemetry, within(day));
    expect(slices.map(({ from, to: end }) => end - from)).toEqual(Array(4).fill(6 * hour));
    expect(telemetry.questions.filter(({ range }) => range > 6 * hour)).toHaveLength(2 * 4);
  });

  it("covers the window without gap or overlap, in whole milliseconds, whatever it is and wherever it is halved", async () => {
    const length = fc.integer({ min: 1, max: 3 * day });
    const limit = fc.integer({ min: 5 * minute, max: 2 * day });
    await fc.assert(
      fc.asyncProperty(length, limit, async (long, longest) => {
        const telemetry = fakeTelemetry();
        telemetry.refuse = tooLong(longest);
        const slices = await windows(telemetry, within(long));
        expect(slices.at(0)?.from).toBe(to - long);
        expect(slices.at(-1)?.to).toBe(to);
        slices.slice(1).forEach((slice, index) => void expect(slice.from).toBe(slices[index]?.to));
        for (const { from, to: end } of slices) {
          expect(Number.isInteger(from)).toBe(true);
          expect(end).toBeGreaterThan(from);
        }
      }),
    );
  });

  it("gives up where five minutes are too expensive, and at once for any other error", async () => {
    const telemetry = fakeTelemetry();
    telemetry.refuse = tooLong(4 * minute);
    await expect(windows(telemetry, within(day))).rejects.toMatchObject({ code: "prometheus/too-expensive" });
    expect(Math.min(...telemetry.questions.map(({ range }) => range))).toBe(5 * minute);
    const away = fakeTelemetry();
    away.refuse = () => {
      throw new ScoutError("prometheus/unauthorized", "401");
    };
    await expect(windows(away, within(day))).rejects.toMatchObject({ code: "prometheus/unauthorized" });
    expect(away.questions).toHaveLength(4);
  });

  it("counts few rows by their samples, from an hour before the window", async () => {
    const telemetry = fakeTelemetry();
    const counts = await count(telemetry, [...rows(2), ...rows(1, "requests")], within(15 * minute), settings);
    expect(counts).toMatchObject({
      samples: [
        { counter: "requests", series: [] },
        { counter: "opened", series: [] },
      ],
    });
    expect(telemetry.questions.map(({ at, range }) => [at, range])).toEqual(Array(2).fill([to, 75 * minute]));
    expect(telemetry.questions[1]?.promql).toContain(
      'source_workload_namespace=~"shop",source_workload=~"w0|w1",destination_address=~"203\\\\.0\\\\.113\\\\.0:443|203\\\\.0\\\\.113\\\\.1:443"}',
    );
  });

  it("asks by a label only where all its rows have it", async () => {
    const telemetry = fakeTelemetry();
    const [one, two] = rows(2);
    const bare = { counter: two!.counter, labels: { source_workload_namespace: "shop" } };
    await count(telemetry, [one!, bare], within(15 * minute), settings);
    expect(telemetry.questions[0]?.promql).toMatch(/source_workload=~"\|w0"\}\[1h15m\]$/);
  });

  it("asks for samples of a hundred rows at a time", async () => {
    const telemetry = fakeTelemetry();
    await count(telemetry, rows(250), within(15 * minute), settings);
    const named = ({ promql }: Question) => /source_workload=~"(.*?)"/.exec(promql)?.[1]?.split("|").length;
    expect(telemetry.questions.map(named)).toEqual([100, 100, 50]);
  });

  it("names workloads alone where many rows are to be counted, each workload once", async () => {
    const telemetry = fakeTelemetry();
    const all = rows(1001).map((row) => ({ ...row, labels: { ...row.labels, source_workload: "web" } }));
    await count(telemetry, all, within(15 * minute), settings);
    expect(telemetry.questions).toHaveLength(1);
    expect(telemetry.questions[0]?.promql).toMatch(/,source_workload_namespace=~"shop",source_workload=~"web"\}\[/);
  });

  it("looks back less far for many samples, and lets the server add up the growth of very many", async () => {
    const asked = async (many: number, length: number) => {
      const telemetry = fakeTelemetry();
      const counts = await count(telemetry, rows(many), within(length), settings);
      const ranges = new Set(telemetry.questions.map(({ range }) => range - length));
      return [Object.keys(counts)[0], ...ranges];
    };
    expect(await asked(1000, hour)).toEqual(["samples", hour]);
    expect(await asked(3000, hour)).toEqual(["samples", 5 * minute]);
    expect(await asked(5000, hour)).toEqual(["growth", 0, hour]);
    expect(await asked(100, day)).toEqual(["samples", hour]);
    expect(await asked(200, day)).toEqual(["growth", 0, hour]);
  });

  it("asks for the growth and the resets of those counters that the rows are of, and no others", async () => {
    const telemetry = fakeTelemetry();
    await count(telemetry, [...rows(200), ...rows(200, "requests")], within(day), settings);
    expect(telemetry.questions.map(({ promql }) => /(last_over_time|resets)\((\w+)/.exec(promql)?.slice(1))).toEqual([
      // How some of them are labelled, then their growth.
      ["last_over_time", "istio_requests_total"],
      ["last_over_time", "istio_tcp_connections_opened_total"],
      ["last_over_time", "istio_requests_total"],
      ["last_over_time", "istio_tcp_connections_opened_total"],
      ["resets", "istio_requests_total"],
      ["resets", "istio_tcp_connections_opened_total"],
    ]);
  });

  it("lets the server tell calls apart by all that Istio's labels tell, and by nothing of who scraped", async () => {
    const labels = {
      ...rows(1)[0]?.labels,
      ...passed,
      request_method: "GET",
      response_code: "200",
      job: "a",
      pod: "web-1",
    };
    const stored = { metric: "istio_tcp_connections_opened_total", labels, values: [[to, 1]] as [number, number][] };
    const telemetry = fakeTelemetry(stored);
    expect(Object.keys(await count(telemetry, rows(200), within(day), settings))).toContain("growth");
    const inner = /max by \((.*?)\)/.exec(
      telemetry.questions.find(({ promql }) => promql.includes(" >= 0 or "))?.promql ?? "",
    );
    expect(inner?.[1]).toContain("request_method");
    expect(inner?.[1]).not.toMatch(/\bjob\b|,pod\b/);
  });

  it("counts from the samples, however many, where one job writes the pod and another does not", async () => {
    const stored = [{ pod: "web-1", job: "a" }, { job: "b" }].map((more) => ({
      metric: "istio_tcp_connections_opened_total",
      labels: { ...rows(1)[0]?.labels, ...passed, ...more },
      values: [[to, 1]] as [number, number][],
    }));
    expect(Object.keys(await count(fakeTelemetry(...stored), rows(200), within(day), settings))).toContain("samples");
  });

  it("names in one question no more than 16 KB of it can hold, and leaves no row out", async () => {
    const telemetry = fakeTelemetry();
    const long = rows(90).map((row, n) => {
      return { ...row, labels: { ...row.labels, source_workload: `w${n}-${"x".repeat(400)}` } };
    });
    await count(telemetry, long, within(15 * minute), settings);
    const workloads = ({ promql }: Question) => /source_workload=~"(.*?)"/.exec(promql)?.[1]?.split("|") ?? [];
    expect(telemetry.questions.flatMap(workloads).sort()).toEqual(long.map((row) => row.labels.source_workload).sort());
    expect(Math.max(...telemetry.questions.map(({ promql }) => promql.length))).toBeLessThan(16_000);
  });
});
