/** Access logs: every line is counted or told as passed over, in time, whatever a workload wrote. */
import fc from "fast-check";
import { expect } from "vitest";
import { logLine } from "../../bin/stderr-log.ts";
import type { LogLine } from "../../lib/model.ts";
import { type Tallied, tally } from "../../lib/observe/logs/tally.ts";
import { type Line, lines } from "../../lib/poll/logs/lines.ts";
import { http, httpJson, tls, tlsJson, ztunnelJson, ztunnelText } from "../observe/logs/make.ts";
import { deepJson, mutated, repeated } from "./mutate.ts";
import { expectPrintable, property } from "./property.ts";
import { hostileText } from "./texts.ts";

const from = Date.UTC(2026, 10, 22, 10);
const minute = 60_000;
const window = { from, to: from + 15 * minute };
const settings = { cluster: "prod", internal: [], window, since: from - 5 * minute, gateway: null };

/** A call as each of the formats tells it. */
interface Call {
  format: number;
  host: string;
  address: string;
  port: number;
  /** Milliseconds after the window's begin. */
  after: number;
}
const call: fc.Arbitrary<Call> = fc.record({
  format: fc.nat({ max: 5 }),
  host: fc.constantFrom("api.example.com", "www.example.org", "cdn-7.example.net", "a.b.c.example.com"),
  address: fc.nat({ max: 255 }).map((last) => `203.0.113.${last}`),
  // What is logged of 15006 is Istio's virtual inbound, and no egress.
  port: fc.integer({ min: 1, max: 65535 }).filter((one) => one !== 15006),
  after: fc.integer({ min: 1, max: 14 * minute }),
});

function lineOf({ format, host, address, port, after }: Call): string {
  const start = new Date(from + after).toISOString();
  const place = { start, local: `${address}:${port}`, upstream: `${address}:${port}`, duration: "0" };
  const flow = { "dst.addr": `${address}:${port}` };
  const all = [
    () => tls({ ...place, sni: host }),
    () => http({ ...place, authority: `${host}:${port}` }),
    () => tlsJson({ ...place, sni: host }),
    () => httpJson({ ...place, authority: host }),
    () => ztunnelJson({ ...flow, time: start }),
    () => ztunnelText(flow).replace(/^\S+/, start),
  ];
  return all[format % all.length]?.() ?? "";
}

/** What collectors put around a line. */
const wrapped = fc.constantFrom<(text: string) => string>(
  (text) => text,
  (text) => `2026-11-22T10:05:00.123456789Z stdout F ${text}`,
  (text) => `2026-11-22T10:05:00.123456789Z stdout P ${text}`,
  (text) => JSON.stringify({ log: `${text}\n`, stream: "stdout", time: "2026-11-22T10:05:00.123456789Z" }),
  (text) => `[pod/egress-7d/istio-proxy] ${text}`,
);

const pieces = fc.oneof(
  fc.constantFrom(
    '"',
    '\\"',
    " ",
    "-",
    "[",
    "]",
    "{",
    "}",
    ":",
    "=",
    ",",
    "|",
    '" "',
    ' HTTP/1.1" 200 ',
    '"- - -" 0 ',
    "dst.addr=",
    "\t",
    "\\u0000",
  ),
  fc.constantFrom(
    "PassthroughCluster",
    "BlackHoleCluster",
    "allow_any",
    "block_all",
    "outbound",
    "unknown",
    "[::1]:443",
    "::",
    "999.1.1.1:99999",
  ),
  hostileText,
);
const valid = fc.tuple(wrapped, call).map(([wrap, one]) => wrap(lineOf(one)));
const hostileLine = fc.oneof(
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom('"scope":"access","direction":"outbound"', '"upstream_cluster":"PassthroughCluster"'),
        deepJson,
      )
      .map(([mark, deep]) => `{${mark},"x":${deep},"authority":${deep}}`),
  },
  { weight: 6, arbitrary: mutated(valid, pieces) },
  { weight: 1, arbitrary: repeated(pieces) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          '[2026-11-22T10:05:00.000Z] "',
          "{",
          '{"scope":"access",',
          "2026-11-22T10:05:00Z\tinfo\taccess\tx\t",
        ),
        repeated(pieces),
        valid,
      )
      .map((all) => all.join("")),
  },
);

const line = (text: string): LogLine => ({
  text,
  time: null,
  labels: { namespace: "shop", pod: "web-5577c64d7c-57gzk" },
});

function tallied(all: readonly string[]): Tallied {
  const counter = tally(settings);
  for (const text of all) counter.add(line(text));
  return counter.result();
}

const calls = ({ flows }: Tallied): number => flows.reduce((sum, { now, before }) => sum + now.count + before.count, 0);
/** Behind a host, the address is one of those seen. */
const told = ({ flows }: Tallied) =>
  flows
    .map(({ source, destination, now, before }) => {
      const address = destination.host === null ? destination.address : null;
      return JSON.stringify([source, { ...destination, address }, now, before]);
    })
    .sort();

function expectSane(result: Tallied, given: number): void {
  expect(result.lines).toBe(given);
  expect(calls(result) + result.odd.lines + result.beyond).toBeLessThanOrEqual(given);
  if (result.odd.example !== null) expectPrintable(result.odd.example);
  expect(result.odd.example === null).toBe(result.odd.lines === 0);
  for (const { source, destination, principal, app, addresses, now, before } of result.flows) {
    expect(destination.host ?? "a").toMatch(/^[a-z0-9.-]{1,253}$/);
    expect(destination.address ?? "1").toMatch(/^[0-9a-f.:]{1,45}$/);
    for (const text of [
      destination.claim,
      destination.sni,
      source.cluster,
      source.namespace,
      source.workload,
      logLine("debug", "new in access logs", { principal: principal ?? "", app: app ?? "" }),
    ]) {
      expectPrintable(text ?? "");
    }
    for (const one of [now.count, before.count, ...addresses.values()]) expect(one).toSatisfy(Number.isSafeInteger);
  }
}

/** What there is in bytes, in pieces as they came. */
async function* chunked(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length] ?? bytes.length;
    yield bytes.slice(at, at + size);
    at += size;
  }
}

async function linesOf(bytes: Uint8Array, sizes: readonly number[]): Promise<Line[]> {
  const all: Line[] = [];
  for await (const batch of lines(chunked(bytes, sizes))) all.push(...batch);
  return all;
}

export const properties = [
  property(
    "log lines: each good call is counted once, each damaged line told",
    20,
    fc.tuple(fc.array(call, { maxLength: 60 }), fc.nat({ max: 5 })),
    ([all, damaged]) => {
      const texts = [...all.map(lineOf), ...Array.from({ length: damaged }, (_, index) => `${index} is no log line`)];
      const result = tallied(texts);
      expectSane(result, texts.length);
      expect(calls(result)).toBe(all.length);
      expect([result.odd.lines, result.undated, result.beyond]).toEqual([damaged, 0, 0]);
      expect(told(tallied(texts.toReversed()))).toEqual(told(result));
    },
  ),
  property(
    "log lines: any text is a call, another line or told as passed over",
    100,
    fc.array(hostileLine, { minLength: 1, maxLength: 4 }),
    (texts) => {
      const result = tallied(texts);
      expectSane(result, texts.length);
      expect(told(tallied(texts))).toEqual(told(result));
    },
  ),
  property(
    "log bytes: the same lines however they come in pieces, and none is lost",
    20,
    fc.tuple(
      fc.array(fc.oneof(hostileLine, hostileText, fc.constant("x".repeat(300_000))), { maxLength: 5 }),
      fc
        .array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 4 })
        .filter((all) => Math.max(...all) > 100),
    ),
    async ([texts, sizes]) => {
      const bytes = Buffer.from(texts.join("\n"), "utf8");
      const whole = await linesOf(bytes, [bytes.length + 1]);
      expect(await linesOf(bytes, sizes)).toEqual(whole);
      const plain = bytes.toString("latin1").split("\n");
      if (plain.at(-1) === "") plain.pop();
      expect(whole.map(({ text, cut }) => (cut ? "cut" : text))).toEqual(
        plain.map((text) => (text.length > 256 * 1024 ? "cut" : Buffer.from(text, "latin1").toString("utf8"))),
      );
    },
  ),
];
