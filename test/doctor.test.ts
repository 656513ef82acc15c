import { describe, expect, it } from "vitest";
import type { Cluster, DoctorOrder, Patient } from "../lib/doctor/patient.ts";
import { examine } from "../lib/doctor.ts";
import { ConfigError, ScoutError } from "../lib/errors.ts";
import { memory } from "../lib/remember/memory.ts";
import { checkNames } from "../lib/report/doctor.ts";
import { fakeTelemetry } from "./poll/fake-telemetry.ts";

const order: DoctorOrder = { now: () => 1_795_000_000_000, learn: 7 * 86_400_000, send: false, patience: 5000 };
const facts = { kind: "Prometheus", version: "2.53.0", retention: null, skew: { time: 0, date: 0, within: 5 } };
const never = () => new Promise<never>(() => {});
const settings = { labels: { address: ["a"], port: ["p"], sni: ["s"] }, matchers: "" };

function cluster(change: Partial<Cluster> = {}, vector: () => Promise<[]> = async () => []): Cluster {
  const telemetry = { ...fakeTelemetry(), vector, about: async () => facts };
  return {
    name: "prod",
    place: "http://p",
    metrics: () => telemetry,
    settings,
    replicaLabels: [],
    logs: null,
    groups: [],
    ...change,
  };
}

const patient = (change: Partial<Patient> = {}): Patient => ({
  clusters: [cluster()],
  servers: () => [],
  trusted: [],
  store: { place: "memory:", isNew: false, open: async () => memory(), tidy: () => {} },
  channels: [],
  routed: new Set(),
  ownerLabels: [],
  cut: (text) => text,
  ...change,
});

const found = async (change: Partial<Patient>, more: Partial<DoctorOrder> = {}) => {
  const checks = await examine(patient(change), { ...order, ...more });
  return { checks, by: Object.fromEntries(checks.map((one) => [one.name, one])) };
};

describe("doctor", () => {
  it("has every check once, in the contract's order", async () => {
    expect((await found({})).checks.map(({ name }) => name)).toEqual([...checkNames]);
  });

  it("one that throws, whatever it throws, costs itself alone", async () => {
    for (const thrown of [new Error("boom"), "text", null, new ScoutError("usage", "odd", { mend: "use it well" })]) {
      const servers = () => {
        throw thrown;
      };
      const { checks, by } = await found({ servers });
      expect(by.dns).toMatchObject({ status: "fail", found: expect.stringMatching(/^(internal|usage): /) });
      expect(checks).toHaveLength(checkNames.length);
      expect(by.store?.status).toBe("warn");
    }
  });

  it("all the mistakes of a config are told", async () => {
    const metrics = () => {
      throw new ConfigError("config", ["one: missing", "two: missing"]);
    };
    const { by } = await found({ clusters: [cluster({ metrics })] });
    expect(by.prometheus).toMatchObject({ status: "fail", found: "config/invalid: one: missing; two: missing" });
    expect(by.clock).toMatchObject({ status: "skip" });
  });

  it("what hangs fails when its time is over, and what asks it is skipped", async () => {
    const metrics = () => ({ ...fakeTelemetry(), about: never });
    const { by } = await found({ clusters: [cluster({ metrics })] }, { patience: 20 });
    expect(by.prometheus).toMatchObject({ status: "fail", found: "no result within 0.02 s" });
    expect(by.retention).toMatchObject({ status: "skip" });
    const slow = await found({ clusters: [cluster({}, never)] }, { patience: 20 });
    expect(slow.by.prometheus).toMatchObject({ status: "ok" });
    expect(slow.by["istio-metrics"]).toMatchObject({ status: "fail", found: "no result within 0.02 s" });
  });

  it("secrets are cut from whatever was found", async () => {
    const broken = async () => {
      throw new ScoutError("prometheus/unauthorized", "no: hunter2", { mend: "not hunter2" });
    };
    const cut = (text: string) => text.replaceAll("hunter2", "(secret)");
    const { checks } = await found({ clusters: [cluster({}, broken)], cut });
    expect(JSON.stringify(checks)).toContain("no: (secret)");
    expect(JSON.stringify(checks)).not.toContain("hunter2");
  });
});
