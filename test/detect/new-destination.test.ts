import { describe, expect, it } from "vitest";
import { newBlocked } from "../../lib/detect/new-blocked.ts";
import { newDestination } from "../../lib/detect/new-destination.ts";
import type { Observation } from "../../lib/model.ts";
import { Memory } from "../../lib/words/memory.ts";
import { bare, blocked, evidence, noon, observation, sighting } from "./make.ts";

const day = 86_400_000;
const found = (...observations: Observation[]) => newDestination.detect(evidence({ observations })).findings ?? [];

describe("detect/new-destination", () => {
  it("finds a destination of which nothing is remembered, as it was observed", () => {
    const one = observation({ address: "203.0.113.7" }, { addresses: ["203.0.113.7"] });
    const { key, source, destination, addresses, firstSeen, lastSeen } = one;
    expect(found(one)).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        kind: "new-destination",
        state: "open",
        severity: "info",
        count: 3,
        destinations: null,
        expected: null,
        ...{ key, source, destination, addresses, firstSeen, lastSeen },
        ...{ names: [], owner: { team: "", from: "", channels: [] }, summary: "", noSuggestion: null, suggestions: [] },
      },
    ]);
  });

  it("weighs more what nobody named", () => {
    expect(found(observation(bare("203.0.113.7")))[0]?.severity).toBe("warning");
    expect(found(observation({ host: null, claim: "a b" }))[0]?.severity).toBe("warning");
  });

  it("finds nothing that is remembered, that was not counted or that was blocked", () => {
    const one = observation();
    expect(
      newDestination.detect(evidence({ observations: [one], memory: new Memory([sighting(one)]) })).findings,
    ).toEqual([]);
    expect(found(observation({}, { count: null }), observation({}, { count: 0 }), observation(blocked))).toEqual([]);
  });

  it("finds again what was quiet for months, and says for how long", () => {
    const one = observation({}, { quietSince: noon - 97.5 * day });
    const memory = new Memory([sighting(one)]);
    const [again] = newDestination.detect(evidence({ observations: [one], memory })).findings ?? [];
    expect(again?.summary).toBe("again after 97 quiet days");
  });

  it("gives the same cause the same id, and another cause another", () => {
    const [one] = found(observation());
    expect(found(observation({}, { count: 9, firstSeen: noon, lastSeen: noon }))[0]?.id).toBe(one?.id);
    expect(found(observation({ port: 81 }))[0]?.id).not.toBe(one?.id);
  });
});

describe("detect/new-blocked", () => {
  it("finds what was blocked and is not remembered, always as a warning", () => {
    const observations = [observation(blocked), observation({ ...bare("203.0.113.7"), ...blocked }), observation()];
    const findings = newBlocked.detect(evidence({ observations })).findings ?? [];
    expect(findings.map((one) => [one.kind, one.severity, one.destination.host])).toEqual([
      ["new-blocked", "warning", "api.example.com"],
      ["new-blocked", "warning", null],
    ]);
  });

  it("finds a destination that was allowed before and is blocked now: it is another one", () => {
    const memory = new Memory([sighting(observation())]);
    expect(newBlocked.detect(evidence({ observations: [observation(blocked)], memory })).findings).toHaveLength(1);
  });

  it("has other ids than what is let through", () => {
    const one = observation(blocked);
    const asAllowed = { ...one, destination: observation().destination };
    const [blockedFinding] = newBlocked.detect(evidence({ observations: [one] })).findings ?? [];
    expect(found(asAllowed)[0]?.id).not.toBe(blockedFinding?.id);
  });
});
