import { describe, expect, it } from "vitest";
import { blockedSamples } from "../../lib/poll/blocked.ts";
import { blocked, http, names, tcp } from "../observe/make.ts";
import { type FakeTelemetry, fakeTelemetry, type Stored } from "./fake-telemetry.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const to = Date.UTC(2026, 10, 22, 12);
const settings = { labels: names, matchers: "" };
const asked = (telemetry: FakeTelemetry, length: number) =>
  blockedSamples(telemetry, { from: to - length, to }, { before: hour, bucket: 5 * minute }, settings);

/** A counter that goes up by one a minute, for so long. */
const rising = (metric: string, labels: Stored["labels"], length: number): Stored => ({
  metric,
  labels,
  values: Array.from({ length: length / minute }, (_, n) => [to - length + (n + 1) * minute, n + 1]),
});
const requests = (length: number) => rising("istio_requests_total", http("a.example.com", blocked), length);
const closed = (length: number) => rising("istio_tcp_connections_closed_total", tcp("203.0.113.7:25", blocked), length);

describe("poll/blocked", () => {
  it("asks for every sample of a short time and an hour before it, of each counter", async () => {
    const telemetry = fakeTelemetry(requests(2 * hour), closed(2 * hour));
    const counted = await asked(telemetry, 15 * minute);
    expect(counted.map((one) => [one.counter, one.series.map(({ values }) => values.length)])).toEqual([
      ["requests", [75]],
      ["opened", []],
      ["closed", [75]],
    ]);
    expect(telemetry.questions.map(({ at, range }) => [at, range])).toEqual(Array(3).fill([to, 75 * minute]));
  });

  it("asks for what was blocked alone", async () => {
    const telemetry = fakeTelemetry({ ...requests(hour), labels: http("a.example.com") });
    expect((await asked(telemetry, 15 * minute)).flatMap((one) => one.series)).toEqual([]);
    for (const { promql } of telemetry.questions)
      expect(promql).toContain('destination_service_name="BlackHoleCluster"}');
  });

  it("asks for the value at the end of each bucket where the time is long, a day at a time, as one series", async () => {
    const telemetry = fakeTelemetry(requests(4 * day));
    const [counted] = await asked(telemetry, 3 * day);
    const values = counted?.series[0]?.values ?? [];
    expect(counted?.series).toHaveLength(1);
    expect(values.map(([time]) => time)).toEqual(
      Array.from({ length: 3 * 288 + 13 }, (_, n) => to - 3 * day - hour + n * 5 * minute),
    );
    expect(values.at(-1)).toEqual([to, 4 * 24 * 60]);
    expect(telemetry.questions).toHaveLength(3 * 4);
  });

  it("joins the days of a series whatever order its labels come in", async () => {
    const telemetry = fakeTelemetry(requests(4 * day));
    const range = telemetry.range;
    let turn = 0;
    telemetry.range = async (...question) => {
      turn += 1;
      const all = await range(...question);
      const turned = (labels: Stored["labels"]) => Object.fromEntries(Object.entries(labels).reverse());
      return turn % 2 === 0 ? all : all.map(({ labels, values }) => ({ labels: turned(labels), values }));
    };
    expect((await asked(telemetry, 3 * day))[0]?.series).toHaveLength(1);
  });
});
