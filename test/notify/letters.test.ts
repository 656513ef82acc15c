import { describe, expect, it } from "vitest";
import type { Finding, Letter, Reason } from "../../lib/model.ts";
import type { QuietHours } from "../../lib/notify/calendar.ts";
import { awake, type Said, write } from "../../lib/notify/letters.ts";
import { finding } from "./sample.ts";

const hour = 60 * 60_000;
const noon = Date.UTC(2026, 10, 22, 12);
const midnight = noon + 12 * hour;
const night: QuietHours = { from: "22:00", to: "07:00", zone: "UTC", except: "critical" };
const quiet = { payments: night };

const one = (id: string, severity: Finding["severity"] = "warning", team = "payments") =>
  finding({ id, severity, owner: { team, from: "config", channels: [`slack-${team}`] } });
const said = (found: Finding, reason: Reason = "first", occasion = 0): Said => ({ finding: found, reason, occasion });
const routes = [{ match: { severity: "warning" }, channels: ["security"] }];
const letters = (all: readonly Said[], now: number) => write(all, { cluster: "prod", routes, quiet, now });
const seen = (all: readonly Letter[]) =>
  all.map(({ channel, message }) => `${channel} ${message.reason} ${message.findings.map(({ id }) => id)}`);

describe("notify/letters", () => {
  it("writes a letter for each reason, owner and channel", () => {
    const all = [said(one("a")), said(one("b"), "repeat", 2), said(one("c", "critical", "shop")), said(one("d"))];
    expect(seen(letters(all, noon))).toEqual([
      "security first a,d",
      "slack-payments first a,d",
      "slack-shop first c",
      "security repeat b",
      "slack-payments repeat b",
    ]);
  });

  it("gives each telling an id of its own, and the same telling the same one", () => {
    const id = (...args: Parameters<typeof said>) => letters([said(...args)], noon).map((letter) => letter.id)[0];
    const a = one("a");
    const all = [
      id(a),
      id(a, "repeat", 2),
      id(a, "repeat", 3),
      id(a, "changed", 2),
      id(a, "resolved"),
      id(a, "digest", noon),
      id(a, "digest", midnight),
      // It was over, and began again: another story.
      id({ ...a, firstSeen: a.firstSeen + 1 }),
    ];
    expect(new Set(all).size).toBe(8);
    expect(id({ ...a, count: 99, lastSeen: midnight }, "repeat", 2)).toBe(all[1]);
    const both = (...list: Said[]) => letters(list, noon).map((letter) => letter.id);
    expect(both(said(a, "repeat", 2), said(one("b"), "repeat", 3))).not.toEqual(
      both(said(a, "repeat", 3), said(one("b"), "repeat", 2)),
    );
  });

  it("in quiet hours what may not wait has a letter of its own", () => {
    const all = [said(one("a")), said(one("b", "critical")), said(one("c", "warning", "shop"))];
    const written = letters(all, midnight);
    expect(seen(written)).toEqual([
      "slack-payments first b",
      "security first c",
      "slack-shop first c",
      "security first a",
      "slack-payments first a",
    ]);
    expect(seen(awake(written, { quiet, now: midnight }))).toEqual([
      "slack-payments first b",
      "security first c",
      "slack-shop first c",
      "security first a",
    ]);
    expect(awake(written, { quiet, now: noon })).toEqual(written);
    expect(awake(written, { quiet: {}, now: midnight })).toEqual(written);
  });

  it("a letter from before the quiet hours waits as well", () => {
    const written = letters([said(one("a"))], noon);
    expect(seen(awake(written, { quiet, now: midnight }))).toEqual(["security first a"]);
  });

  it("a letter that holds something urgent does not wait, nor what came before it about the same", () => {
    const early = letters([said(one("a")), said(one("b"))], midnight);
    const late = letters([said(one("a", "critical"), "changed", 2)], midnight + hour);
    const now = midnight + hour;
    expect(seen(awake([...early, ...late], { quiet, now })).filter((text) => text.startsWith("slack"))).toEqual([
      "slack-payments first a,b",
      "slack-payments changed a",
    ]);
    const other = letters([said(one("c", "critical"))], now);
    expect(seen(awake([...early, ...other], { quiet, now })).filter((text) => text.startsWith("slack"))).toEqual([
      "slack-payments first c",
    ]);
    const mixed = letters([said(one("a")), said(one("b", "critical"))], noon);
    expect(awake(mixed, { quiet, now: midnight })).toEqual(mixed);
  });

  it("takes a team's name for nothing but a name", () => {
    const odd = letters([said(one("a", "info", "constructor"))], midnight);
    expect(awake(odd, { quiet, now: midnight })).toEqual(odd);
  });
});
