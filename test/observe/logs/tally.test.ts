import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LogLine } from "../../../lib/model.ts";
import { mostFlows, tally } from "../../../lib/observe/logs/tally.ts";
import { hostileText } from "../../fuzz/texts.ts";
import * as line from "./make.ts";

const start = Date.UTC(2026, 10, 22, 12);
const minute = 60_000;
const iso = (time: number) => new Date(time).toISOString();
const window = { from: start, to: start + 15 * minute };
const settings = { cluster: "prod", internal: [], window, since: start - 5 * minute };
const labels = { namespace: "shop", pod: "web-0" };
const given = (text: string, time: number | null = null): LogLine => ({ text, time, labels });

function counted(...lines: LogLine[]) {
  const sums = tally(settings);
  for (const one of lines) sums.add(one);
  return sums.result();
}

describe("the tally", () => {
  it("counts what was logged in (from, to], and keeps apart what was shortly before", () => {
    const times = [start - 6 * minute, start - minute, start, start + 1, window.to, window.to + 1];
    const [flow] = counted(...times.map((time) => given(line.tls({ start: iso(time), duration: "0" })))).flows;
    expect(flow?.now).toEqual({ count: 2, firstSeen: start + 1, lastSeen: window.to });
    expect(flow?.before).toEqual({ count: 2, firstSeen: start - minute, lastSeen: start });
    expect([...(flow?.addresses ?? [])]).toEqual([["203.0.113.251", 4]]);
  });

  it("takes the time of whoever kept the line, else when the call ended, and no end that has not come", () => {
    const hourAgo = iso(start - 60 * minute);
    const kept = given(line.tls({ start: hourAgo }), start + minute);
    const ended = given(line.tls({ start: hourAgo, duration: String(62 * minute) }));
    const lied = given(line.http({ start: iso(start + minute), duration: "99999999999999" }));
    const { flows } = counted(kept, ended, lied);
    expect(flows.map(({ now }) => now)).toEqual([
      { count: 2, firstSeen: start + minute, lastSeen: start + 2 * minute },
      { count: 1, firstSeen: start + minute, lastSeen: start + minute },
    ]);
  });

  it("counts lines that nothing dates, and says how many", () => {
    const undated = line.tlsJson({}, { start_time: undefined });
    expect(counted(given(undated), given(undated))).toMatchObject({ undated: 2, flows: [{ now: { count: 2 } }] });
  });

  it("passes over and counts what is no log, shows one, and takes a proxy's other lines for what they are", () => {
    const { odd, lines } = counted(
      ...["garbage", "\u0000\u0001\u001b[2J<b>", '{"upstream_cluster":"PassthroughCluster"', "", "   "].map((text) =>
        given(text),
      ),
      given("[2023-11-24 13:21:55.197][15][warning][config] gRPC config stream closed"),
      given("2024-05-04T09:59:05.028709Z\tinfo\tEnvoy proxy is ready"),
      { ...given("x".repeat(200)), cut: true },
      given(line.tls({ local: "nowhere", sni: "-", start: iso(start + 1) })),
    );
    expect({ odd, lines }).toEqual({ odd: { lines: 5, example: '"garbage"' }, lines: 9 });
    expect(counted(given("\u001b]0;\u0007<script>")).odd.example).toMatch(/^"[\x20-\x7e]+"$/);
  });

  it("keeps so many flows and no more, counts those exactly, and says how much is beyond", () => {
    const sums = tally(settings);
    const from = iso(start + 1);
    for (let n = 0; n < mostFlows + 10; n += 1) {
      sums.add(given(line.tls({ start: from, duration: "0", sni: `n${n}.example.com` })));
    }
    for (let n = 0; n < 5; n += 1) sums.add(given(line.tls({ start: from, duration: "0", sni: "n0.example.com" })));
    const { flows, beyond } = sums.result();
    expect({ flows: flows.length, first: flows[0]?.now.count, beyond }).toEqual({
      flows: mostFlows,
      first: 6,
      beyond: 10,
    });
  });

  it("never throws, whatever a line holds, and loses no good line for a bad one", () => {
    const json = fc.json().map((text) => text);
    const broken = fc
      .tuple(
        fc.constantFrom(line.tls(), line.tlsJson(), line.ztunnelJson(), line.ztunnelText(), line.http()),
        fc.nat(),
        hostileText,
      )
      .map(([text, place, put]) => text.slice(0, place % text.length) + put + text.slice(place % text.length));
    const field = fc
      .tuple(
        fc.constantFrom(
          "requested_server_name",
          "authority",
          "downstream_local_address",
          "start_time",
          "upstream_cluster",
        ),
        fc.jsonValue(),
      )
      .map(([name, value]) => line.tlsJson({}, { [name]: value }));
    const good = line.tls({ start: iso(start + 1), duration: "0", sni: "good.example.com" });
    fc.assert(
      fc.property(fc.array(fc.oneof(hostileText, json, broken, field), { maxLength: 20 }), (texts) => {
        const { flows, odd } = counted(...texts.map((text) => given(text)), given(good));
        expect(flows.find((flow) => flow.destination.host === "good.example.com")?.now.count).toBeGreaterThanOrEqual(1);
        for (const { destination } of flows) {
          expect(JSON.stringify(destination)).toMatch(/^[\x20-\x7e]*$/);
          expect(destination.host ?? "a.b").toMatch(/^[a-z0-9.-]+$/);
        }
        expect(odd.example ?? '""').toMatch(/^"[\x20-\x7e]*"$/);
      }),
      { numRuns: 1500 },
    );
  });

  it("reads whatever hosts and SNIs a workload writes as one destination each", () => {
    fc.assert(
      fc.property(hostileText, (name) => {
        const text = line.tlsJson({ start: iso(start + 1), duration: "0" }, { requested_server_name: name });
        expect(counted(given(text)).flows.length).toBe(1);
      }),
      { numRuns: 1500 },
    );
  });
});
