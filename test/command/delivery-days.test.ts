/** Runs over days, `--at` by `--at`: what stays open is told again, later and later, and in the digest; what waits for a day is reported. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ScanDocument } from "../../lib/report/scan-schema.ts";
import type { Receiver } from "../receivers/receiver.ts";
import { slackReceiver, slackUrl } from "../receivers/slack.ts";
import { hookSecret, hookUrl, posted, webhookReceiver } from "../receivers/webhook.ts";
import { type HeldPast, holdPast } from "./past.ts";
import { runScout } from "./run-scout.ts";

const minute = 60_000;
const hour = 60 * minute;
const noon = Date.UTC(2026, 10, 20, 12);

describe("delivery over days", () => {
  let held: HeldPast;
  let siem: Receiver;
  let slack: Receiver;
  let run = 0;

  beforeAll(async () => {
    held = await holdPast(
      (mesh, timetable) => {
        const checkout = mesh.pod({ namespace: "payments", workload: "checkout" });
        const denied = () => checkout.tls({ sni: "denied.example.com", to: "198.51.100.2:443" });
        timetable.at(noon - 30 * minute, () => checkout.tls({ sni: "known.example.com", to: "198.51.100.1:443" }));
        timetable.every({ from: noon + minute, to: noon + 50 * hour, everyMs: 30 * minute }, denied);
        timetable.every({ from: noon + 14 * hour, to: noon + 15 * hour - minute, everyMs: minute / 5 }, denied);
      },
      { from: noon - hour, to: noon + 53 * hour, everyMs: minute },
    );
  });
  beforeEach(async () => {
    [siem, slack] = await Promise.all([webhookReceiver(), slackReceiver()]);
    run += 1;
    return async () => void (await Promise.all([siem.close(), slack.close()]));
  });
  afterAll(() => held.stop());

  function write(more: string): void {
    writeFileSync(
      join(held.dir, "egress-scout.yaml"),
      `clusters: [{ name: prod-eu, prometheus: { url: "${held.prometheus.url}" } }]
owners:
  - { match: { namespace: payments }, team: payments, channels: [siem] }
  - { team: platform, channels: [slack] }
channels:
  siem: { webhook: { url: { env: HOOK }, secret: { env: HOOK_SECRET }, timeout: 1s } }
  slack: { slack: { webhook: { env: SLACK } } }
policies: [{ name: no, deny: [denied.example.com] }]
enrich: { dns: { servers: ["127.0.0.1:1"] } }
${more}
`,
    );
  }
  const scan = async (hours: number) => {
    const state = `sqlite:${join(held.dir, `${run}.db`)}`;
    const at = String((noon + hours * hour) / 1000);
    const args = ["--config", join(held.dir, "egress-scout.yaml"), "--state", state, "--at", at, "--format", "json"];
    return await runScout(["scan", ...args], {
      env: { HOOK: hookUrl(siem), HOOK_SECRET: hookSecret, SLACK: slackUrl(slack) },
    });
  };
  const reasons = () =>
    siem.taken.map((body) => {
      const { findings } = posted(body).data;
      return findings.flatMap(({ notified }) => notified.map(({ reason }) => reason)).join();
    });
  const warnings = (text: string): readonly string[] =>
    (JSON.parse(text) as ScanDocument).run.warnings.filter((one) => !one.startsWith("dns: "));

  it("a finding is repeated with back-off, told at once when it grows, then in the digest, then as over", async () => {
    write("notify: { repeat: 2h, backoff: 2, quietAfter: 2, digest: daily, at: '13:00', zone: UTC }");
    const told: Record<number, string> = {
      ...{ 1.5: "first", 3.5: "repeat", 7.5: "repeat", 15: "changed", 17: "repeat", 21: "repeat", 49: "digest" },
      53: "resolved",
    };
    const expected: string[] = [];
    for (const at of [0, 1.5, 2.5, 3.5, 6.5, 7.5, 13, 15, 16, 17, 20, 21, 26, 40, 48.9, 49, 52, 53]) {
      expect(await scan(at)).toMatchObject({ code: 0, stderr: "" });
      expected.push(...(told[at] === undefined ? [] : [told[at]]));
      expect([at, reasons()]).toEqual([at, expected]);
    }
    const ids = siem.taken.map((body) => posted(body).id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(siem.taken.flatMap((body) => posted(body).data.findings.map(({ id }) => id))).size).toBe(1);
    expect(siem.faults).toEqual([]);
  }, 90_000);

  it("what could not be delivered for a day is in the warnings, and told once to whoever else there is", async () => {
    write("notify: { repeat: 0s }");
    const down = { status: 503, body: "away" };
    await scan(0);
    siem.behave(...Array(99).fill(down));
    for (const at of [1.5, 12, 15, 25]) {
      const { code, stdout, stderr } = await scan(at);
      expect([code, warnings(stdout)]).toEqual([1, []]);
      expect(stderr).toContain("channel/unavailable: siem could not be told: ");
    }
    expect(slack.taken).toEqual([]);
    const note = "siem could not be told since 2026-11-20 13:30 UTC: 2 messages wait";
    for (const at of [25.5, 26.5]) {
      const { code, stdout } = await scan(at);
      expect(code).toBe(1);
      expect(warnings(stdout)).toEqual([expect.stringContaining(note)]);
      expect(slack.taken).toHaveLength(1);
    }
    expect(slack.taken[0]).toContain(`${note}.`);
    expect(slack.taken[0]).toContain("denied.example.com");
    siem.behave();
    const back = await scan(28);
    expect([back.code, back.stderr, warnings(back.stdout)]).toEqual([0, "", []]);
    // It stayed due all the same, in order and under the ids it was tried with.
    expect(reasons()).toEqual(["first", "changed"]);
    expect(siem.taken[0]).toBe(siem.got[0]?.body);
    expect(slack.taken).toHaveLength(1);
    expect([...siem.faults, ...slack.faults]).toEqual([]);
  }, 60_000);
});
