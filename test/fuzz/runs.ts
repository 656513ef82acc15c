/** Whole runs over series that hold anything: found, counted, told and kept, and the same however the rows are ordered. */
import fc from "fast-check";
import { expect } from "vitest";
import type { Labels } from "../../lib/model.ts";
import { plainText } from "../../lib/notify/plain-text.ts";
import { slackPost } from "../../lib/notify/slack-blocks.ts";
import { scanDocument } from "../../lib/report/document.ts";
import { scanSchema } from "../../lib/report/scan-schema.ts";
import { scanText, scanYaml } from "../../lib/report/text.ts";
import type { Scan } from "../../lib/scout.ts";
import { http, tcp } from "../observe/make.ts";
import type { Stored } from "../poll/fake-telemetry.ts";
import { postProblems } from "../receivers/slack.ts";
import { hour, minute, noon, requested, world } from "../scout-make.ts";
import { expectPlain } from "./expect.ts";
import { answered, expectPrintable, property } from "./property.ts";
import { hostileText } from "./texts.ts";

const later = noon + 15 * minute;
const text = fc.oneof(
  fc.constantFrom(
    "api.example.com",
    "203.0.113.9:443",
    "unknown",
    "",
    "PassthroughCluster",
    "[2001:db8::1]:443",
    "10.0.0.7:5432",
  ),
  hostileText,
);
const value = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 1000 }) },
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 0.5, 1e300, 2 ** 60),
);

/** A series with a label or more that a workload, or a broken set-up, wrote. */
const series: fc.Arbitrary<Stored> = fc
  .record({
    how: fc.constantFrom("http", "tcp"),
    place: text,
    change: fc.dictionary(
      fc.constantFrom(
        "source_workload",
        "source_workload_namespace",
        "source_cluster",
        "requested_server_name",
        "destination_service_name",
        "destination_service_namespace",
        "destination_workload",
        "request_protocol",
        "destination_address",
        "pod",
        "reporter",
        "response_flags",
      ),
      fc.oneof(text, fc.constantFrom("BlackHoleCluster", "PassthroughCluster", "source", "grpc")),
      { maxKeys: 4 },
    ),
    values: fc.array(value, { minLength: 1, maxLength: 6 }),
    metric: fc.constantFrom(
      "istio_requests_total",
      "istio_tcp_connections_opened_total",
      "istio_tcp_connections_closed_total",
    ),
  })
  .map(({ how, place, change, values, metric }) => {
    const labels: Labels = how === "http" ? http(place, change) : tcp(place, change);
    const name = how === "http" ? "istio_requests_total" : metric;
    const times = values.map((one, index): [number, number] => [noon + (2 + index) * minute, one]);
    return { metric: name, labels, values: times };
  });

/** As Prometheus has them: a label without a value is none, and no two series have the same labels. */
const distinct = (all: readonly Stored[]): Stored[] => {
  const plain = all.map((one) => ({
    ...one,
    labels: Object.fromEntries(Object.entries(one.labels).filter(([, text]) => text !== "")),
  }));
  const nameOf = ({ metric, labels }: Stored) => JSON.stringify([metric, Object.entries(labels).sort()]);
  return [...new Map(plain.map((one) => [nameOf(one), one])).values()];
};

async function scanned(stored: readonly Stored[]): Promise<Scan> {
  const one = world();
  // An hour of scrapes is enough, and the month that a world has takes its time.
  const [up] = one.telemetry.stored;
  if (up !== undefined) up.values = up.values.filter(([time]) => time > noon - hour && time <= later + hour);
  await one.run(noon, { learn: hour });
  one.telemetry.stored.push(...stored);
  return await one.run(later);
}

async function holds(stored: readonly Stored[]): Promise<void> {
  const scan = await answered(() => scanned(stored));
  if (scan === null) return;
  const document = scanSchema.parse(scanDocument(scan));
  expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  for (const { count, id, summary, destination } of document.findings) {
    expect(count).toSatisfy(Number.isSafeInteger);
    expect(count).toBeGreaterThan(0);
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expectPrintable(summary);
    expect(destination.host ?? "a").toMatch(/^[a-z0-9.-]{1,253}$/);
  }
  for (const one of [...document.run.blind, ...document.run.warnings]) expectPrintable(one);
  expectPrintable(scanText(scan, { colour: false }), true);
  expect(scanYaml(scan)).toMatch(/^[\x20-\x7e\n]*$/);
  for (const { letter } of scan.deliveries) {
    const slack = slackPost(letter.message);
    expect(postProblems(slack)).toEqual([]);
    expectPlain({ slack, texts: [plainText(letter.message)] });
  }
  const again = await scanned(stored.toReversed());
  const ids = ({ findings }: Scan) => findings.map(({ id, count }) => `${id} ${count}`).sort();
  expect(ids(again)).toEqual(ids(scan));
}

/** A host as clients spell it: it is one destination, however. */
const spelt = fc.record({
  host: fc.constantFrom("api.example.com", "www.example.org", "cdn.example.net"),
  upper: fc.boolean(),
  dot: fc.boolean(),
  port: fc.boolean(),
  calls: fc.array(fc.integer({ min: 1, max: 13 }), { minLength: 1, maxLength: 5 }),
  pod: fc.nat({ max: 3 }),
});

const spelling = ({ host, upper, dot, port }: { host: string; upper: boolean; dot: boolean; port: boolean }) =>
  `${upper ? host.toUpperCase() : host}${dot ? "." : ""}${port ? ":80" : ""}`;

export const properties = [
  property(
    "runs: whatever the series hold, what is found is counted, fit to print and the same in any order",
    5,
    fc.array(series, { maxLength: 12 }).map(distinct),
    holds,
  ),
  property(
    "runs: a host is one destination however it is spelt, and its calls add up",
    5,
    fc.array(spelt, { minLength: 1, maxLength: 10 }),
    async (all) => {
      // One series for one spelling in one pod, as Prometheus would have it.
      const distinct = [...new Map(all.map((one) => [`${spelling(one)} ${one.pod}`, one])).values()];
      const scan = await scanned(
        distinct.map((one) =>
          requested(
            spelling(one),
            one.calls.map((at) => noon + at * minute),
            { pod: `web-${one.pod}` },
          ),
        ),
      );
      const truth = new Map<string, number>();
      for (const { host, calls } of distinct) truth.set(host, (truth.get(host) ?? 0) + calls.length);
      expect(new Map(scan.findings.map(({ destination, count }) => [destination.host ?? "", count]))).toEqual(truth);
    },
  ),
];
