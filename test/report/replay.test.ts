import { describe, expect, it } from "vitest";
import { replayDocument, replaySchema, replayText } from "../../lib/report/replay.ts";
import { finding } from "../notify/sample.ts";
import { to } from "./make.ts";

const day = 86_400_000;
const hour = 3_600_000;
const platform = finding({ owner: { team: "platform", from: "default", channels: [] }, state: "resolved" });
const found = [
  { at: to, finding: finding(), told: [{ channel: "slack", reason: "first" as const, at: to }] },
  { at: to, finding: finding({ id: "f-2" }), told: [] },
  { at: to + day, finding: platform, told: [{ channel: "sns", reason: "resolved" as const, at: to + day + hour }] },
];
const one = finding({ summary: "one summary" });
const messages = [
  { at: to, team: "payments", channel: "slack", reason: "first" as const, findings: [one] },
  { at: to, team: "payments", channel: null, reason: "first" as const, findings: [finding({ id: "f-2" })] },
  ...["slack", "sns"].map((channel) => ({
    ...{ at: to + day, team: "payments", channel, reason: "repeat" as const },
    findings: [one, finding({ id: "f-2", summary: "another" })],
  })),
  { at: to + day + hour, team: "platform", channel: "sns", reason: "resolved" as const, findings: [platform] },
];
const told = { runs: 12, found, messages, warnings: ["store 3 is away"] };

describe("report/replay", () => {
  it("tells every finding with the end of the run that would have found it, and who would have been told", () => {
    const document = replayDocument(told);
    expect(document).toMatchObject({ schema: "egress-scout/replay@1", runs: 12, warnings: ["store 3 is away"] });
    expect(document.findings.map((one) => [one.at, one.id, one.notified])).toEqual([
      ["2026-11-22T10:15:00.000Z", "f-4be1c09a77d2", [{ channel: "slack", reason: "first", ok: true }]],
      ["2026-11-22T10:15:00.000Z", "f-2", []],
      ["2026-11-23T10:15:00.000Z", "f-4be1c09a77d2", [{ channel: "sns", reason: "resolved", ok: true }]],
    ]);
    expect(document.messages).toHaveLength(5);
    expect(document.messages[3]).toEqual({
      ...{ at: "2026-11-23T10:15:00.000Z", owner: "payments", channel: "sns", reason: "repeat" },
      findings: ["f-4be1c09a77d2", "f-2"],
    });
    expect(replaySchema.strict().parse(JSON.parse(JSON.stringify(document)))).toEqual(document);
  });

  it("adds up days and owners: a message for each owner, run and reason, and says what is said again", () => {
    const text = replayText("prod-eu", told, { colour: false });
    expect(text).toContain(`prod-eu: 12 runs would have found 3 findings.

warning: store 3 is away

DAY         OWNER     MESSAGES  REPEATS  FINDINGS
2026-11-22  payments         1        0         2
2026-11-23  payments         1        1         0
2026-11-23  platform         1        0         1

2026-11-22T10:15:00.000Z  warning   new-destination  to payments (slack)
  payments/checkout reached api.stripe.com:443 for the first time.

2026-11-22T10:15:00.000Z  warning   new-destination  to payments (nobody)`);
    expect(text).toContain(
      "2026-11-23T10:15:00.000Z  resolved  new-destination  to platform (sns at 2026-11-23T11:15:00.000Z)\n",
    );
    expect(text).toContain(
      "\n\n2026-11-23T10:15:00.000Z  repeat    to payments (slack, sns)\n  one summary\n  another\n",
    );
  });

  it("says in one line that nothing would have been found", () => {
    const nothing = replayText("prod-eu", { runs: 12, found: [], messages: [], warnings: [] }, { colour: false });
    expect(nothing).toBe("prod-eu: 12 runs would have found 0 findings.\n");
  });
});
