/** What a policy forbids: one finding while it is called, and one more when it is over. */
import { describe, expect, it } from "vitest";
import { fanOut } from "../../lib/detect/fan-out.ts";
import { detect } from "../../lib/detect/index.ts";
import { policyViolation } from "../../lib/detect/policy-violation.ts";
import type { Destination, Finding, Violation } from "../../lib/model.ts";
import { Memory } from "../../lib/words/memory.ts";
import { bare, blocked, byId, evidence, noon, observation, sighting } from "./make.ts";

const minute = 60_000;
const quarter = 15 * minute;
const why = 'The policy p denies api.example.com: its rule is "deny api.example.com".';

function violation(change: Partial<Violation> = {}, to: Partial<Destination> = {}, at = noon, count = 3): Violation {
  const seen = { count, firstSeen: at - 9 * minute, lastSeen: at - 2 * minute };
  return { observation: observation(to, seen), isDenied: true, why, ...change };
}
const burst = Array.from({ length: 30 }, (_, n) => observation(bare(`203.0.113.${n}`)));
const run = (violations: Violation[], open: Finding[] = [], to = noon) =>
  policyViolation.detect(evidence({ violations, open: byId(open), window: { from: to - quarter, to } }));

describe("a violation", () => {
  it("is a finding with its count and what decided, kept open", () => {
    const { findings, opened, closed } = run([violation()]);
    expect(findings).toMatchObject([
      { kind: "policy-violation", state: "open", severity: "critical", count: 3, summary: why },
    ]);
    expect([opened, closed]).toEqual([findings, []]);
  });

  it.each<[string, Partial<Violation>, Partial<Destination>]>([
    ["critical", { isDenied: true }, {}],
    ["warning", { isDenied: false }, {}],
    ["info", { isDenied: true }, blocked],
    ["info", { isDenied: false }, blocked],
  ])("is %s for %j %j", (severity, change, to) => {
    expect(run([violation(change, to)]).findings?.map((one) => one.severity)).toEqual([severity]);
  });

  it("is told once while it lasts, adds up, and resolves after an hour without a call", () => {
    const first = run([violation()]).opened ?? [];
    const second = run(
      [violation({}, {}, noon + quarter, 2), violation({}, {}, noon + quarter, 1)],
      first,
      noon + quarter,
    );
    expect([second.findings, second.closed]).toEqual([[], []]);
    expect(second.opened).toMatchObject([{ id: first[0]?.id, count: 6, firstSeen: noon - 9 * minute }]);
    const still = run([], second.opened, noon + quarter + 58 * minute - 1);
    expect(still).toMatchObject({ findings: [], opened: [], closed: [] });
    const over = run([], second.opened, noon + quarter + 58 * minute);
    expect(over.findings).toMatchObject([{ state: "resolved", count: 6 }]);
    expect(over.closed).toEqual([first[0]?.id]);
  });

  it("is told during a fan-out of its source, where the destination was known before that", () => {
    const one = violation({ isDenied: false });
    const many =
      fanOut.detect(evidence({ observations: burst, window: { from: noon - quarter, to: noon } })).opened ?? [];
    expect(many).toMatchObject([{ kind: "fan-out" }]);
    const [{ firstSeen = 0 } = {}] = many;
    const kinds = (since: number | null) => {
      const memory = new Memory(since === null ? [] : [sighting(one.observation, { firstSeen: since })]);
      const all = { violations: [one], open: byId(many), memory, window: { from: noon - quarter, to: noon } };
      return policyViolation.detect(evidence(all)).findings?.map(({ kind }) => kind);
    };
    expect(kinds(firstSeen - 1)).toEqual(["policy-violation"]);
    expect([kinds(firstSeen), kinds(null)]).toEqual([[], []]);
  });

  it("says the rule that decides now, where that has changed", () => {
    const open = run([violation()]).opened;
    expect(run([violation({ why: "another" })], open).opened).toMatchObject([{ summary: "another" }]);
  });

  it("has an id of its source and destination alone", () => {
    const [one] = run([violation()]).findings ?? [];
    const [other] = run([violation({ isDenied: false, why: "else" }, {}, noon + quarter, 9)]).findings ?? [];
    expect(one?.id).toMatch(/^[0-9a-f]{32}$/);
    expect(other?.id).toBe(one?.id);
    expect(run([violation({}, { port: 8080 })]).findings?.[0]?.id).not.toBe(one?.id);
  });
});

describe("among the other detectors", () => {
  const kinds = (findings: readonly Finding[]) => findings.map((one) => one.kind);

  it.each([{}, blocked])("it is one message, not two: the new destination goes untold (%j)", (to) => {
    const one = violation({}, to);
    const { findings } = detect(evidence({ observations: [one.observation], violations: [one] }));
    expect(kinds(findings)).toEqual(["policy-violation"]);
  });

  it("a known destination is found as well", () => {
    const one = violation();
    const memory = new Memory([sighting(one.observation)]);
    expect(kinds(detect(evidence({ violations: [one], memory })).findings)).toEqual(["policy-violation"]);
  });

  it("a burst of what no list allows is one finding; what is denied by name is told beside it", () => {
    const hosts = Array.from({ length: 30 }, (_, index) => `h${index}.example.com`);
    const violations = hosts.map((host, index) => violation({ isDenied: index === 7 }, { host }));
    const observations = violations.map((one) => one.observation);
    const { findings } = detect(evidence({ observations, violations }));
    expect(findings.map(({ kind, destination }) => [kind, destination.host])).toEqual([
      ["fan-out", null],
      ["policy-violation", "h7.example.com"],
    ]);
    // In the next run they are known, and still called.
    const open = byId(findings.filter((one) => one.kind === "fan-out"));
    const next = detect(evidence({ violations, open, memory: new Memory(observations.map((one) => sighting(one))) }));
    expect(next.findings.map(({ destination }) => destination.host)).toEqual(["h7.example.com"]);
    const told = byId([...open.values(), ...(run(violations.slice(0, 2)).opened ?? [])]);
    const lasting = policyViolation.detect(evidence({ violations, open: told }));
    expect(lasting.opened?.map(({ destination }) => destination.host)).toEqual([
      "h0.example.com",
      "h1.example.com",
      "h7.example.com",
    ]);
  });
});
