/** What persons wrote (teams, reasons) keeps its letters wherever text is printed; nothing in it is obeyed, or ends its quotes. */
import { describe, expect, it } from "vitest";
import { pullRequestText } from "../../lib/report/pull-requests.ts";
import { scanText } from "../../lib/report/text.ts";
import { verdictsText } from "../../lib/report/verdicts.ts";
import { quoted } from "../../lib/words/printable.ts";
import { finding } from "../notify/sample.ts";
import { told as run } from "./make.ts";

const at = Date.UTC(2026, 10, 22, 10);
const verdict = { id: "0".repeat(32), verdict: "expected" as const, until: null, by: "Ада", at };
const reason = 'отчёт | "מאושר" \u202e\u001b[2J';
const shown = '"отчёт | \\"מאושר\\" \\u202e\\u001b[2J"';

describe("what persons wrote", () => {
  it("in quotes it ends nothing", () => {
    expect(quoted(reason)).toBe(shown);
    expect(quoted('\\"')).toBe('"\\\\\\""');
  });

  it("a verdict's reason and who decided, in the list and in a scan", () => {
    const list = verdictsText([{ verdict: { ...verdict, reason }, subject: null, from: "state" }], at, {
      colour: false,
    });
    expect(list).toContain(`Ада  not known here  ${shown}`);
    const one = finding({ verdict: { ...verdict, reason } });
    expect(scanText(run({ findings: [one] }), { colour: false })).toContain(`expected by "Ада": ${shown}`);
  });

  it("a verdict's reason is told whole at any width", () => {
    const list = [
      { verdict: { ...verdict, reason: "because it is so ".repeat(9) }, subject: null, from: "state" as const },
    ];
    for (const width of [40, 80, 120])
      expect(verdictsText(list, at, { colour: false, width }).replaceAll(/\s+/g, " ")).toContain(
        "because it is so ".repeat(9).trim(),
      );
  });

  it("a team's name in what became of pull requests", () => {
    const told = {
      state: "opened",
      branch: "b",
      number: 1,
      url: "https://x.example/1",
      files: [],
      why: null,
      warnings: [],
      error: null,
    };
    expect(pullRequestText([{ team: "店舗\u202e", ...told }], false)).toContain(
      "  店舗\\u202e: opened https://x.example/1",
    );
  });
});
