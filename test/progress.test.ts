import { describe, expect, it } from "vitest";
import type { Resolver } from "../lib/enrich/resolver.ts";
import type { Channel } from "../lib/notify/channel.ts";
import { callsCourse } from "../lib/poll/calls.ts";
import type { Telemetry } from "../lib/poll/telemetry.ts";
import { progressing } from "../lib/progress.ts";
import { memory } from "../lib/remember/memory.ts";
import { nothingNew, type Store } from "../lib/remember/store.ts";
import { message } from "./notify/sample.ts";

interface Asked {
  telemetry: Telemetry;
  resolver: Resolver;
  store: Store;
  channels: ReadonlyMap<string, Channel>;
  other: number;
}

const telemetry = (change: Partial<Telemetry> = {}): Telemetry => ({
  vector: async () => [],
  samples: async () => [],
  range: async () => [],
  asked: () => ({ queries: 3, warnings: ["slow"] }),
  ...change,
});

describe("progressing", () => {
  it("tells what the parts are asked, and changes nothing of what they answer", async () => {
    const said: string[] = [];
    const none = { status: "none" as const, ttl: 0 };
    const parts = progressing<Asked>(
      {
        telemetry: telemetry({ vector: async (promql) => [{ labels: { promql }, value: 1 }] }),
        resolver: { reverse: async () => none, forward: async () => none, again: async () => none, servers: ["::1"] },
        store: memory(),
        channels: new Map([["slack", { name: "slack", send: async () => {} }]]),
        other: 7,
      },
      (text) => said.push(text),
    );
    expect(await parts.telemetry.vector("up", 0)).toEqual([{ labels: { promql: "up" }, value: 1 }]);
    expect(await Promise.all([parts.resolver.reverse("::1"), parts.resolver.forward("a.example", 4)])).toEqual([
      none,
      none,
    ]);
    await parts.store.remember("prod", nothingNew({ end: 7, learningSince: null, judgedUntil: null }));
    expect(await parts.store.progress("prod")).toMatchObject({ end: 7 });
    await parts.channels.get("slack")?.send(message([]));
    expect([parts.other, parts.telemetry.asked().queries, parts.resolver.servers]).toEqual([7, 3, ["::1"]]);
    expect(said).toEqual([
      "asking Prometheus: 0 of 1 questions answered",
      "asking Prometheus: 1 of 1 questions answered",
      "naming: 0 of 1 look-ups answered",
      "naming: 0 of 2 look-ups answered",
      "naming: 1 of 2 look-ups answered",
      "naming: 2 of 2 look-ups answered",
      "remembering",
      "telling slack",
    ]);
  });

  it("counts a question that failed as answered, and lets the failure through", async () => {
    const said: string[] = [];
    const failing = telemetry({ range: () => Promise.reject(new Error("away")) });
    const none = { status: "none" as const, ttl: 0 };
    const resolver = { reverse: async () => none, forward: async () => none, again: async () => none, servers: [] };
    const parts = progressing({ telemetry: failing, resolver, store: memory(), channels: new Map() }, (text) =>
      said.push(text),
    );
    await expect(parts.telemetry.range("up", 0, 1, 1)).rejects.toThrow("away");
    expect(said.at(-1)).toBe("asking Prometheus: 1 of 1 questions answered");
  });
});

describe("poll/calls", () => {
  it("adds up what was let through and what was blocked, each step by itself", async () => {
    const asked: string[] = [];
    const minute = 60_000;
    const answers = [
      {
        labels: { destination_service_name: "PassthroughCluster" },
        values: [[4 * minute, 2.5] as const, [10 * minute, 1] as const],
      },
      {
        labels: { destination_service_name: "BlackHoleCluster" },
        values: [[10 * minute, Number.NaN] as const, [8 * minute, 4] as const],
      },
    ];
    const range: Telemetry["range"] = async (promql) => {
      asked.push(promql);
      return promql.includes("istio_requests_total") && promql.includes("BlackHole") && promql.startsWith("sum by")
        ? answers
        : [];
    };
    const settings = { labels: { address: [], port: [], sni: [] }, matchers: 'env="prod"' };
    const course = await callsCourse(telemetry({ range }), settings, { from: 0, to: 10 * minute }, 2 * minute);
    expect(course).toEqual({ allowed: [0, 2.5, 0, 0, 1], blocked: [0, 0, 0, 4, 0] });
    expect(asked).toHaveLength(3);
    for (const promql of asked) expect(promql).toMatch(/increase\(istio_.*env="prod"\}\[2m\]\)/);
  });
});
