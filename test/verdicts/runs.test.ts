/** Whole runs with verdicts: what they silence, what they make an alarm of, and what is said when they end. */
import { describe, expect, it } from "vitest";
import type { Finding, Ruling, Verdict } from "../../lib/model.ts";
import { policiesOf } from "../../lib/policy/index.ts";
import type { Scan } from "../../lib/scout.ts";
import { blocked, day, hour, minute, noon, requested, world } from "../scout-make.ts";

const quarter = 15 * minute;
const verdict = (id: string, ruling: Ruling, over: Partial<Verdict> = {}): Verdict => ({
  ...{ id, verdict: ruling, until: null, reason: null, by: "ada", at: noon },
  ...over,
});
const host = "new.example.com";

/** Learned until noon; then one new destination, called at these minutes after noon, and found by a run a quarter past. */
async function foundOnce(...calls: number[]) {
  const one = world(requested("known.example.com", [noon - hour, noon + quarter]));
  await one.run(noon);
  one.telemetry.stored.push(
    requested(
      host,
      [5, ...calls].map((after) => noon + after * minute),
    ),
  );
  const scan = await one.run(noon + quarter);
  const [first] = scan.findings;
  if (first === undefined) throw new Error("nothing found");
  return { ...one, first, scan };
}
const reasons = ({ deliveries }: Scan) =>
  deliveries.map(({ letter: { channel, message } }) => `${channel} ${message.reason} x${message.findings.length}`);
const brief = ({ findings }: Scan) =>
  findings.map((one) => `${one.state} ${one.severity} ${one.kind} ${one.destination.host} x${one.count}`);
/** What a run that looks at one policy finds. */
const wikipedia = { policies: policiesOf([{ name: "no wiki", deny: ["en.wikipedia.org"] }]) };

describe("a denied destination", () => {
  it("that is called again is critical, told as changed, once as long as it is called, and over an hour later", async () => {
    const one = await foundOnce(20, 21, 40, 200);
    await one.store.rule(verdict(one.first.id, "denied", { reason: "not <us>" }));
    const again = await one.run(noon + 2 * quarter);
    expect(brief(again)).toEqual([`open critical new-destination ${host} x2`]);
    expect(again.findings[0]).toMatchObject({ id: one.first.id, verdict: { verdict: "denied" }, suggestions: [] });
    expect(again.findings[0]?.summary).toBe(
      `shop/web reached ${host}:80 (HTTP) again, though it was denied by ada ("not \\u003cus\\u003e"): 2 requests, let through.`,
    );
    expect(again.findings[0]?.noSuggestion).toContain("It was denied by ada");
    expect(reasons(again)).toEqual(["slack changed x1"]);
    expect(brief(await one.run(noon + 3 * quarter))).toEqual([]);
    const over = await one.run(noon + 101 * minute);
    expect(brief(over)).toEqual([`resolved critical new-destination ${host} x3`]);
    expect(reasons(over)).toEqual(["slack resolved x1"]);
    expect(brief(await one.run(noon + 180 * minute))).toEqual([]);
    expect(brief(await one.run(noon + 201 * minute))).toEqual([`open critical new-destination ${host} x1`]);
  });

  it("that is not called again is no alarm; nor is another workload's call of it", async () => {
    const one = await foundOnce();
    await one.store.rule(verdict(one.first.id, "denied"));
    one.telemetry.stored.push(requested(host, [noon + 20 * minute], { source_workload: "cart" }));
    const scan = await one.run(noon + 2 * quarter);
    expect(scan.findings.map(({ source, severity }) => [source.workload, severity])).toEqual([["cart", "info"]]);
    expect(scan.findings[0]?.noSuggestion).toMatch(/whole namespace, and shop\/web may not call it\. It was denied/);
  });

  it("that the mesh blocks is critical, too", async () => {
    const one = world(requested("known.example.com", [noon - hour, noon + quarter]));
    await one.run(noon);
    one.telemetry.stored.push(requested(host, [noon + 5 * minute, noon + 20 * minute], blocked));
    const [first] = (await one.run(noon + quarter)).findings;
    await one.store.rule(verdict(first?.id ?? "", "denied"));
    expect(brief(await one.run(noon + 2 * quarter))).toEqual([`open critical new-blocked ${host} x1`]);
  });

  it("whose denial is taken back or becomes another verdict is no alarm any more", async () => {
    const one = await foundOnce(20, 40, 50);
    await one.store.rule(verdict(one.first.id, "denied"));
    await one.run(noon + 2 * quarter);
    await one.store.unrule(one.first.id);
    expect(await one.run(noon + 3 * quarter)).toMatchObject({ findings: [], deliveries: [] });
    expect((await one.store.open("prod")).size).toBe(0);
    await one.store.rule(verdict(one.first.id, "expected"));
    expect(await one.run(noon + 4 * quarter)).toMatchObject({ findings: [], deliveries: [] });
  });

  it("is an alarm when it is denied before it was ever seen, and once", async () => {
    const { first } = await foundOnce();
    const one = world(requested("known.example.com", [noon - hour, noon + quarter]));
    await one.run(noon);
    await one.store.rule(verdict(first.id, "denied"));
    one.telemetry.stored.push(
      requested(
        host,
        [5, 20].map((after) => noon + after * minute),
      ),
    );
    const scan = await one.run(noon + quarter);
    expect([brief(scan), reasons(scan)]).toEqual([[`open critical new-destination ${host} x1`], ["slack changed x1"]]);
    expect(brief(await one.run(noon + 2 * quarter))).toEqual([]);
  });

  it("that a policy does not allow either stays one finding, which is told once more when it is denied", async () => {
    const only = { policies: policiesOf([{ name: "wiki", allow: ["*.wikipedia.org"] }]) };
    const one = world(requested("de.wikipedia.org", [noon - hour, noon + quarter]));
    await one.run(noon - minute, only);
    one.telemetry.stored.push(
      requested(
        host,
        Array.from({ length: 40 }, (_, n) => noon + n * minute),
      ),
    );
    const [found] = (await one.run(noon + 5 * minute, only)).findings;
    expect(found).toMatchObject({ kind: "policy-violation", severity: "warning" });
    await one.store.rule(verdict(found?.id ?? "", "denied"));
    const scan = await one.run(noon + 10 * minute, only);
    expect([brief(scan), reasons(scan)]).toEqual([
      [`open critical policy-violation ${host} x11`],
      ["slack changed x1"],
    ]);
    expect(scan.findings[0]?.summary).toMatch(/, which a policy forbids: .* It was denied by ada\.$/);
    expect(brief(await one.run(noon + 15 * minute, only))).toEqual([]);
    // Without the policy it is the denial that finds it.
    expect(brief(await one.run(noon + 20 * minute))).toEqual([`open critical new-destination ${host} x5`]);
  });

  it("is found by the file as well, whose verdict wins", async () => {
    const one = await foundOnce(20);
    await one.store.rule(verdict(one.first.id, "expected"));
    one.parts.reviewed = [verdict(one.first.id, "denied")];
    expect(brief(await one.run(noon + 2 * quarter))).toEqual([`open critical new-destination ${host} x1`]);
  });
});

describe("what is expected, approved or snoozed", () => {
  it.each(["expected", "approved", "snoozed"] as const)(
    "%s: is found, told to nobody, and says why",
    async (ruling) => {
      const { first } = await foundOnce();
      const one = world(requested("known.example.com", [noon - hour, noon + quarter]));
      await one.run(noon);
      await one.store.rule(verdict(first.id, ruling, { until: noon + day }));
      one.telemetry.stored.push(requested(host, [noon + 5 * minute]));
      const scan = await one.run(noon + quarter);
      expect(brief(scan)).toEqual([`open info new-destination ${host} x1`]);
      expect(scan).toMatchObject({ deliveries: [], findings: [{ id: first.id, verdict: { verdict: ruling } }] });
      expect((await one.store.findings("prod")).size).toBe(0);
    },
  );

  it("stays silent as long as a policy is violated, its end too, and a verdict on the destination says nothing of the policy", async () => {
    const wiki = requested(
      "en.wikipedia.org",
      Array.from({ length: 30 }, (_, n) => noon + n * minute),
    );
    const one = world(requested("known.example.com", [noon - hour, noon + quarter]));
    await one.run(noon - minute, wikipedia);
    one.telemetry.stored.push(wiki);
    const scan = await one.run(noon + 5 * minute, wikipedia);
    const violation = scan.findings.find(({ kind }) => kind === "policy-violation") as Finding;
    expect(reasons(scan)).toEqual(["slack first x1"]);
    await one.store.rule(verdict(violation.id, "expected"));
    expect(await one.run(noon + 10 * minute, wikipedia)).toMatchObject({ findings: [], deliveries: [] });
    await one.run(noon + 30 * minute, wikipedia);
    const over = await one.run(noon + 95 * minute, wikipedia);
    expect(brief(over)).toEqual(["resolved critical policy-violation en.wikipedia.org x30"]);
    expect(over.deliveries).toEqual([]);
    // Taken back as it is over: nobody heard that it began.
    const third = world(requested("known.example.com", [noon - hour, noon + quarter]));
    await third.run(noon - minute, wikipedia);
    third.telemetry.stored.push(wiki);
    await third.store.rule(verdict(violation.id, "expected"));
    expect((await third.run(noon + 30 * minute, wikipedia)).deliveries).toEqual([]);
    await third.store.unrule(violation.id);
    expect(await third.run(noon + 95 * minute, wikipedia)).toMatchObject({
      findings: [{ state: "resolved" }],
      deliveries: [],
    });
    // One that holds for another question.
    const other = world(requested("known.example.com", [noon - hour, noon + quarter]));
    await other.run(noon - minute, wikipedia);
    const { findingId } = await import("../../lib/detect/finding-id.ts");
    await other.store.rule(verdict(findingId("new-destination", violation.key), "approved"));
    other.telemetry.stored.push(wiki);
    expect(reasons(await other.run(noon + 5 * minute, wikipedia))).toEqual(["slack first x1"]);
  });

  it("what lasts when the silence ends, or is taken back, is told again", async () => {
    for (const isCleared of [false, true]) {
      const one = world(requested("known.example.com", [noon - hour, noon + quarter]));
      await one.run(noon - minute, wikipedia);
      one.telemetry.stored.push(
        requested(
          "en.wikipedia.org",
          Array.from({ length: 60 }, (_, n) => noon + n * minute),
        ),
      );
      const [found] = (await one.run(noon + 5 * minute, wikipedia)).findings;
      const until = noon + 20 * minute;
      await one.store.rule(verdict(found?.id ?? "", "snoozed", { until: isCleared ? null : until, reason: "later" }));
      expect((await one.run(noon + 10 * minute, wikipedia)).findings).toEqual([]);
      if (isCleared) await one.store.unrule(found?.id ?? "");
      const scan = await one.run(noon + 20 * minute, wikipedia);
      expect(reasons(scan)).toEqual(["slack changed x1"]);
      expect(scan.findings[0]?.verdict).toBeUndefined();
      const end = isCleared ? "was taken back" : "ended at 2026-11-22 12:20 UTC";
      expect(scan.findings[0]?.summary).toMatch(
        new RegExp(`^The verdict "snoozed" by ada \\("later"\\) ${end}, and it lasts: shop/web reached`),
      );
      expect((await one.run(noon + 25 * minute, wikipedia)).findings).toEqual([]);
    }
  });
});

describe("the end of a verdict", () => {
  it("is told once, with who decided what and why, and how often it was called since", async () => {
    const one = await foundOnce(20, 21);
    const until = noon + 25 * minute;
    await one.store.rule(verdict(one.first.id, "approved", { until, reason: "for the move" }));
    expect((await one.run(noon + 22 * minute)).findings).toEqual([]);
    const scan = await one.run(noon + 2 * quarter);
    expect(reasons(scan)).toEqual(["slack changed x1"]);
    expect(scan.findings).toMatchObject([{ id: one.first.id, kind: "new-destination", severity: "info", count: 0 }]);
    expect(scan.findings[0]?.summary).toBe(
      `The verdict "approved" by ada ("for the move") on new-destination of shop/web to ${host}:80 ended at 2026-11-22 12:25 UTC: what is found of it is told again; not called since the last run. Decide anew, or let it be.`,
    );
    expect(await one.run(noon + 3 * quarter)).toMatchObject({ findings: [], deliveries: [] });
  });

  it("of a denial ends the alarm", async () => {
    const one = await foundOnce(20, 28, 50);
    await one.store.rule(verdict(one.first.id, "denied", { until: noon + 25 * minute }));
    expect((await one.run(noon + 22 * minute)).findings).toHaveLength(1);
    const scan = await one.run(noon + 2 * quarter);
    expect(brief(scan)).toEqual([`open info new-destination ${host} x1`]);
    expect(scan.findings[0]?.summary).toContain("further calls are no alarm; 1 call since the last run");
    expect((await one.store.open("prod")).size).toBe(0);
    expect((await one.run(noon + 60 * minute)).findings).toEqual([]);
  });

  it("is said in the run where nothing is known of its finding", async () => {
    const one = await foundOnce();
    await one.store.rule(verdict("gone", "snoozed", { until: noon + 20 * minute, by: "a b", reason: null }));
    const scan = await one.run(noon + 2 * quarter);
    expect(scan).toMatchObject({ findings: [], deliveries: [] });
    expect(scan.warnings).toEqual([
      'the verdict "snoozed" by "a b" on the finding gone, of which nothing is known ended at 2026-11-22 12:20 UTC',
    ]);
    expect((await one.run(noon + 3 * quarter)).warnings).toEqual([]);
  });

  it("comes after an outage, too: the window reaches back to it", async () => {
    const one = await foundOnce();
    await one.store.rule(verdict(one.first.id, "expected", { until: noon + hour }));
    expect((await one.run(noon + 2 * day)).findings.map(({ id }) => id)).toContain(one.first.id);
  });
});

describe("a dry run", () => {
  it("tells what it would tell, and changes no verdict", async () => {
    const one = await foundOnce(20);
    await one.store.rule(verdict(one.first.id, "denied"));
    const dry = await one.run(noon + 2 * quarter, { dryRun: true });
    expect(dry.wouldSend?.map(({ message }) => message.reason)).toEqual(["changed"]);
    expect(brief(await one.run(noon + 2 * quarter))).toEqual(brief(dry));
  });
});
