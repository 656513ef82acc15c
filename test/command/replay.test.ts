import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import type { replaySchema } from "../../lib/report/replay.ts";
import { type HeldPast, holdPast } from "./past.ts";
import { runScout, scanJson } from "./run-scout.ts";

const minute = 60_000;
const hour = 60 * minute;
const from = Date.UTC(2026, 10, 20, 0);
const end = from + 6 * hour;

describe("replay", () => {
  let held: HeldPast;
  let args: string[];

  beforeAll(async () => {
    held = await holdPast(
      (mesh, timetable) => {
        const web = mesh.pod({ namespace: "shop", workload: "web" });
        const checkout = mesh.pod({ namespace: "payments", workload: "checkout" });
        timetable.every({ from: from - 5 * hour, to: end, everyMs: 3 * minute }, () => {
          web.http({ host: "cdn.example.net", to: "198.51.100.1:80" });
          checkout.http({ host: "old.example.com", to: "198.51.100.2:80", blocked: true });
        });
        timetable.at(from + 2 * hour + minute, () =>
          checkout.tls({ sni: "api.stripe.com", to: "198.51.100.3:443", times: 3 }),
        );
        timetable.at(from + 2 * hour + 2 * minute, () => web.tcp({ to: "203.0.113.9:5432" }));
        timetable.at(from + 4 * hour + 7 * minute, () =>
          web.http({ host: "new.example.com", to: "198.51.100.4:80", times: 2 }),
        );
        timetable.every({ from: from + 3 * hour, to: from + 3 * hour + 25 * minute, everyMs: minute }, () => {
          checkout.http({ host: "old.example.com", to: "198.51.100.2:80", blocked: true, times: 8 });
        });
      },
      { from: from - 5 * hour, to: end, everyMs: 30_000 },
    );
    const config = join(held.dir, "egress-scout.yaml");
    writeFileSync(
      config,
      `clusters: [{ name: prod, prometheus: { url: "${held.prometheus.url}" } }]
owners: [{ match: { namespace: payments }, team: payments, channels: [security] }, { team: platform }]
channels: { security: { sns: { topicArn: "arn:aws:sns:eu-west-1:123456789012:egress" } } }
`,
    );
    args = ["--config", config, "--dns", "127.0.0.1:1", "--learn", "4h"];
  });
  afterAll(() => held.stop());

  const span = ["--from", new Date(from).toISOString(), "--to", new Date(end).toISOString()];

  it("finds what a scan every five minutes finds, when it does", async () => {
    const { code, stdout, stderr } = await runScout(["replay", ...args, ...span, "--format", "json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const replayed: z.infer<typeof replaySchema> = JSON.parse(stdout);
    expect(replayed.runs).toBe(72);

    const state = ["--state", `sqlite:${join(held.dir, "state.db")}`];
    const scan = (at: number) =>
      scanJson([
        ...args.filter((one) => one !== "--config").slice(1),
        "--prometheus",
        held.prometheus.url,
        "--cluster",
        "prod",
        ...state,
        "--at",
        String(at / 1000),
      ]);
    const scanned: unknown[] = [];
    for (let at = from; at <= end; at += 5 * minute) {
      const { findings, run } = await scan(at);
      scanned.push(...findings.map((one) => [run.to, one.kind, one.state, one.id, one.count, one.summary]));
    }
    expect(replayed.findings.map((one) => [one.at, one.kind, one.state, one.id, one.count, one.summary])).toEqual(
      scanned,
    );
    expect(replayed.findings.map((one) => one.kind)).toEqual(
      expect.arrayContaining(["new-destination", "blocked-spike"]),
    );
    const spike = replayed.findings.find((one) => one.kind === "blocked-spike" && one.state === "open");
    expect(spike?.summary).toMatch(/\d+ blocked in \d+ min; expected [\d.]+; last like this: /);
    expect(spike?.notified).toEqual([{ channel: "security", reason: "first", ok: true }]);
    expect(replayed.findings.filter((one) => one.kind === "blocked-spike").map((one) => one.state)).toEqual([
      "open",
      "resolved",
    ]);
  }, 90_000);

  it("prints what each owner would have got on each day", async () => {
    const { stdout } = await runScout(["replay", ...args, ...span]);
    expect(stdout).toMatch(/72 runs would have found \d+ findings/);
    expect(stdout).toMatch(/2026-11-20 {2}payments +\d+ +\d+ +\d+\n/);
  });

  it("remembers and sends nothing", async () => {
    const { code, stderr } = await runScout(["replay", ...args, ...span, "--step", "2h"], { cwd: held.dir });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("refuses a time that goes backwards", async () => {
    const { code, stderr } = await runScout([
      "replay",
      ...args,
      "--from",
      "2026-11-21T00:00:00Z",
      "--to",
      "2026-11-20T00:00:00Z",
    ]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: "egress-scout: usage: --from is not before --to\n" });
  });
});
