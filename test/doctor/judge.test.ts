import { describe, expect, it } from "vitest";
import { listed, percent, some } from "../../lib/doctor/check.ts";
import { judgeClock } from "../../lib/doctor/clock.ts";
import { judgeAddress, judgeSni } from "../../lib/doctor/labels.ts";
import { judgePrometheus } from "../../lib/doctor/prometheus.ts";
import { checkStore } from "../../lib/doctor/store.ts";
import { ScoutError } from "../../lib/errors.ts";
import { memory } from "../../lib/remember/memory.ts";

const facts = { kind: "Prometheus", version: "2.53.0", retention: null, skew: { time: 0, date: 0, within: 5 } };
const names = { address: ["destination_address"], port: ["destination_port"], sni: ["requested_server_name"] };

describe("words", () => {
  it("lists, counts and shares", () => {
    expect([listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])]).toEqual([
      "",
      "a",
      "a and b",
      "a, b and c",
    ]);
    expect(listed(["a", "b", "c", "d"], 2)).toBe("a, b and 2 more");
    expect([some(1, "pod"), some(1200, "pod")]).toEqual(["1 pod", "1,200 pods"]);
    expect([percent(999, 1000), percent(1, 1), percent(0, 0)]).toEqual([99, 100, 0]);
  });
});

describe("clock", () => {
  const judged = (time: number | null, date: number | null, within = 0) =>
    judgeClock({ ...facts, skew: { time, date, within } });
  it.each([
    [14_000, 0, "ok"],
    [-15_000, 0, "warn"],
    [119_000, 119_000, "warn"],
    [120_000, 120_000, "fail"],
    [0, 15_400, "ok"],
    [0, -15_600, "warn"],
    [null, 200_000, "fail"],
    [null, null, "skip"],
  ])("queries %s ms away, Date %s ms away: %s", (time, date, status) => {
    expect(judged(time, date).status).toBe(status);
  });

  it("a slow answer is no proof of a wrong clock", () => {
    expect(judged(20_000, 20_000, 10_000).status).toBe("ok");
  });
});

describe("Prometheus", () => {
  it.each([
    ["2.28.9", "fail"],
    ["2.29.0", "ok"],
    ["3.0.0", "ok"],
  ])("%s: %s", (version, status) => {
    expect(judgePrometheus("http://p", { ...facts, version }).status).toBe(status);
  });

  it("slow: warn", () => {
    expect(judgePrometheus("http://p", { ...facts, skew: { ...facts.skew, within: 1500 } })).toMatchObject({
      status: "warn",
      found: "Prometheus 2.53.0 at http://p, answers in 3s",
    });
  });
});

describe("labels", () => {
  const range = 86_400_000;
  it("nearly all addresses is not all", () => {
    const covered = { range, total: 100_000, addressed: 99_999, ports: [] };
    expect(judgeAddress(covered, names)).toMatchObject({
      status: "warn",
      found: "99% of 100,000 TCP connections of the last day have an address label (destination_address)",
    });
    expect(judgeAddress({ ...covered, addressed: 100_000 }, names).status).toBe("ok");
  });

  it("SNI is judged on the ports that are TLS's; where it is seen elsewhere, that is said", () => {
    const ports = [
      { port: 5432, total: 90, named: 0 },
      { port: 443, total: 10, named: 9 },
      { port: 8080, total: 2, named: 1 },
    ];
    expect(judgeSni({ range, total: 102, addressed: 102, ports }, names)).toMatchObject({
      status: "ok",
      found: expect.stringMatching(/: 443 90% and 8080 50%$/),
    });
    expect(judgeSni({ range, total: 90, addressed: 90, ports: ports.slice(0, 1) }, names).status).toBe("skip");
    expect(judgeSni(null, names).status).toBe("skip");
  });
});

describe("store", () => {
  const part = { place: "sqlite:x.db", isNew: false, tidied: 0, tidy: () => void part.tidied++ };
  const throwing = (code: "store/busy" | "store/corrupt") => async () => {
    throw new ScoutError(code, "another run is using the state file");
  };

  it("somebody else writes: warn; what was made to try is taken away whatever happens", async () => {
    const busy = { ...part, open: async () => ({ ...memory(), rehearse: throwing("store/busy") }) };
    expect(await checkStore(busy, ["a"])).toMatchObject({
      status: "warn",
      found: expect.stringContaining("another run"),
    });
    await expect(checkStore({ ...part, open: throwing("store/corrupt") }, ["a"])).rejects.toMatchObject({
      code: "store/corrupt",
    });
    expect(part.tidied).toBe(2);
  });

  it("tells what waits to be sent", async () => {
    const store = memory();
    const message = { id: "m", cluster: "a", team: "t", reason: "first", at: 0, findings: [] } as const;
    const letters = [{ id: "l", channel: "c", message: { ...message, findings: [] } }];
    const progress = { end: 0, learningSince: null, judgedUntil: null };
    await store.remember("a", {
      sightings: [],
      letters,
      opened: [],
      closed: [],
      tellings: [],
      habits: [],
      answers: [],
      findings: [],
      progress,
    });
    expect(await checkStore({ ...part, open: async () => store }, ["a", "b"])).toMatchObject({
      status: "ok",
      found:
        "sqlite:x.db can be read and written; the last run ended at 1970-01-01T00:00:00.000Z; 1 message to be sent by the next run",
    });
  });
});
