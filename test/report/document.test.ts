import { describe, expect, it } from "vitest";
import type { Sighting } from "../../lib/model.ts";
import { rfc3339, scanDocument } from "../../lib/report/document.ts";
import { scanSchema } from "../../lib/report/scan-schema.ts";
import { finding, hostile, hostileValues, many } from "../notify/sample.ts";
import { letter, to, told } from "./make.ts";

const sighting = (workload: string, host: string, port = 443): Sighting => ({
  key: `${workload} ${host} ${port}`,
  source: { cluster: "prod-eu", namespace: "shop", workload },
  destination: { verdict: "allowed", protocol: "tls", host, address: null, port, sni: host, claim: null },
  firstSeen: 0,
  lastSeen: 0,
  count: 1,
  total: 1,
  name: null,
  namedAt: null,
});

describe("report/document", () => {
  it("tells a run by the contract's names, times in RFC 3339", () => {
    const document = scanDocument(told({ blind: ["no SNI"], warnings: ["store 3 is away"] }));
    expect(document).toEqual({
      schema: "egress-scout/scan@1",
      run: {
        id: expect.stringMatching(/^[0-9a-f]{16}$/),
        cluster: "prod-eu",
        mode: "watch",
        from: "2026-11-22T10:00:00.000Z",
        to: "2026-11-22T10:15:00.000Z",
        queries: 6,
        series: 2347,
        observations: 2346,
        known: 2340,
        blind: ["no SNI"],
        warnings: ["store 3 is away"],
      },
      findings: [],
    });
  });

  it("tells a finding without what is ours alone: its key, claim and channels", () => {
    const one = finding({ destination: { ...finding().destination, host: null, sni: null, claim: "a b" } });
    const [document] = scanDocument(told({ findings: [one] })).findings;
    expect(document).toEqual({
      id: one.id,
      kind: "new-destination",
      state: "open",
      severity: "warning",
      source: { cluster: "prod-eu", namespace: "payments", workload: "checkout" },
      destination: { verdict: "allowed", protocol: "tls", host: null, address: "3.18.12.63", port: 443, sni: null },
      count: 12,
      expected: null,
      firstSeen: "2026-11-22T10:04:00.000Z",
      lastSeen: "2026-11-22T10:12:00.000Z",
      names: one.names,
      owner: { team: "payments", from: "config" },
      summary: one.summary,
      noSuggestion: null,
      suggestions: one.suggestions,
      notified: [],
    });
  });

  it("tells how many destinations a fan-out has, and of nothing else", () => {
    const documents = scanDocument(
      told({ findings: [finding({ kind: "fan-out", destinations: 30 }), finding()] }),
    ).findings;
    expect(documents.map((one) => one.destinations)).toEqual([30, undefined]);
  });

  it("tells who was notified of a finding, why, and whether they took it", () => {
    const [a, b] = [finding({ id: "a" }), finding({ id: "b" })];
    const deliveries = [
      { letter: letter("slack", [a, b]), ok: true },
      { letter: letter("sns", [b], { reason: "resolved" }), ok: false },
    ];
    const documents = scanDocument(told({ findings: [a, b], deliveries })).findings;
    expect(documents.map((one) => one.notified)).toEqual([
      [{ channel: "slack", reason: "first", ok: true }],
      [
        { channel: "slack", reason: "first", ok: true },
        { channel: "sns", reason: "resolved", ok: false },
      ],
    ]);
  });

  it("tells what a dry run would have sent", () => {
    const wouldSend = [letter("slack", [finding(), finding()]), letter("sns", [finding()])];
    expect(scanDocument(told({ wouldSend })).wouldSend).toEqual([
      { channel: "slack", findings: 2 },
      { channel: "sns", findings: 1 },
    ]);
    expect(scanDocument(told({ wouldSend: [] })).wouldSend).toEqual([]);
  });

  it("counts a destination once however many workloads call it, and a workload once however much it calls", () => {
    const learned = [sighting("web", "a"), sighting("api", "a"), sighting("web", "b"), sighting("web", "b", 8443)];
    expect(scanDocument(told({ mode: "learn", learned })).learned).toEqual({ destinations: 3, workloads: 2 });
    expect(scanDocument(told({ mode: "learn", learned: [] })).learned).toEqual({ destinations: 0, workloads: 0 });
  });

  it("gives a run the same id wherever it is told, and another run another", () => {
    const id = (...change: Parameters<typeof told>) => scanDocument(told(...change)).run.id;
    expect(id({ queries: 9, findings: [finding()] })).toBe(id());
    expect(new Set([id(), id({ cluster: "b" }), id({ window: { from: 0, to } })]).size).toBe(3);
  });

  it("is what `schema scan` says, whatever was found", () => {
    const findings = [...many(20), ...hostileValues.map(hostile), finding({ kind: "fan-out", destinations: 3 })];
    const deliveries = [{ letter: letter("slack", findings), ok: true }];
    for (const learned of [null, [sighting("web", "a")]]) {
      const document = scanDocument(told({ findings, deliveries, learned, wouldSend: [letter("sns", findings)] }));
      expect(scanSchema.strict().parse(JSON.parse(JSON.stringify(document)))).toEqual(document);
    }
  });

  it("does not share what it tells with who told it", () => {
    const one = finding();
    const document = scanDocument(told({ findings: [one] }));
    document.findings[0]!.source.workload = "changed";
    document.findings[0]!.names[0]!.name = "changed";
    expect(one).toEqual(finding());
  });

  it("writes times to the millisecond", () => {
    expect([0, to + 7].map(rfc3339)).toEqual(["1970-01-01T00:00:00.000Z", "2026-11-22T10:15:00.007Z"]);
  });
});
