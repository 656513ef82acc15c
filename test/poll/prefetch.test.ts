import { describe, expect, it } from "vitest";
import { ScoutError } from "../../lib/errors.ts";
import { prefetched } from "../../lib/poll/prefetch.ts";
import { aliveQuery } from "../../lib/poll/queries.ts";
import { http, names, tcp } from "../observe/make.ts";
import { fakeTelemetry } from "./fake-telemetry.ts";

const minute = 60_000;
const step = 5 * minute;
const from = Date.UTC(2026, 10, 22, 12);
const settings = { labels: names, matchers: "" };
const promql = aliveQuery("requests", settings, step);
const values = Array.from({ length: 200 }, (_, n): [number, number] => [from + (n + 1) * minute, n + 1]);
const stored = [
  { metric: "istio_requests_total", labels: http("a.example.com"), values },
  { metric: "istio_requests_total", labels: http("b.example.com"), values: values.slice(30, 40) },
  { metric: "istio_tcp_connections_opened_total", labels: tcp("203.0.113.7:25"), values },
];
const times = (steps: number) => Array.from({ length: steps }, (_, n) => from + (n + 1) * step);

describe("poll/prefetch", () => {
  it("answers every step as an instant query would", async () => {
    const plain = fakeTelemetry(...stored);
    const ahead = prefetched(fakeTelemetry(...stored), { until: from + 40 * step, step });
    for (const query of [promql, aliveQuery("opened", settings, step)]) {
      for (const at of times(40)) expect(await ahead.vector(query, at)).toEqual(await plain.vector(query, at));
    }
  });

  it("asks once for many steps", async () => {
    const telemetry = fakeTelemetry(...stored);
    const ahead = prefetched(telemetry, { until: from + 100 * step, step });
    for (const at of times(100)) await ahead.vector(promql, at);
    expect(telemetry.questions).toHaveLength(2);
    expect(ahead.asked().queries).toBe(2);
  });

  it("asks nothing beyond the end", async () => {
    const telemetry = fakeTelemetry(...stored);
    const ahead = prefetched(telemetry, { until: from + 3 * step, step });
    for (const at of times(3)) await ahead.vector(promql, at);
    expect(Math.max(...telemetry.questions.map(({ at }) => at))).toBe(from + 3 * step);
  });

  it("asks for fewer steps where many are too expensive, and for one as a last resort", async () => {
    const telemetry = fakeTelemetry(...stored);
    const { range } = telemetry;
    const steps: number[] = [];
    telemetry.range = async (query, begin, end, each) => {
      steps.push((end - begin) / each + 1);
      if (end - begin > 9 * each) throw new ScoutError("prometheus/too-expensive", "too many samples");
      return await range(query, begin, end, each);
    };
    const plain = fakeTelemetry(...stored);
    const ahead = prefetched(telemetry, { until: from + 40 * step, step });
    for (const at of times(20)) expect(await ahead.vector(promql, at)).toEqual(await plain.vector(promql, at));
    expect(steps).toEqual([40, 36, 18, 9, 9, 9]);
  });

  it("fails as an instant query would", async () => {
    const telemetry = fakeTelemetry();
    telemetry.refuse = () => {
      throw new ScoutError("prometheus/unavailable", "away");
    };
    const ahead = prefetched(telemetry, { until: from + 40 * step, step });
    await expect(ahead.vector(promql, from + step)).rejects.toMatchObject({ code: "prometheus/unavailable" });
  });
});
