import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import type { Finding } from "../../lib/model.ts";
import { scanText, scanYaml } from "../../lib/report/text.ts";
import { finding, many } from "../notify/sample.ts";
import { letter, told } from "./make.ts";

const text = (...change: Parameters<typeof told>) => scanText(told(...change), { colour: false });
/** The table's line of a finding. */
const line = (one: Finding) =>
  text({ findings: [one] })
    .split("\n")[4]
    ?.trim()
    ?.replace(/ +/g, " ");
const to = (change: Partial<Finding["destination"]>) =>
  finding({ destination: { ...finding().destination, ...change } });

describe("report/text", () => {
  it("reads so", () => {
    const one = finding({ suggestions: finding().suggestions.map((each) => ({ ...each, yaml: "kind: x\n" })) });
    const other = finding({
      id: "f-2",
      severity: "info",
      suggestions: [],
      noSuggestion: "the name is generic",
      names: [],
    });
    expect(text({ findings: [other, one], warnings: ["dns: 192.0.2.53 is silent"], blind: ["no SNI label"] })).toBe(
      `prod-eu: 2 new, 2340 of 2346 known (2026-11-22T10:00:00Z to 2026-11-22T10:15:00Z).

not visible: no SNI label
warning: dns: 192.0.2.53 is silent

  SEVERITY  FINDING          WORKLOAD           DESTINATION             COUNT  AGE  NAME
payments: 1 warning, 1 info
  warning   new-destination  payments/checkout  api.stripe.com:443 tls     12  11m  api.stripe.com (confirmed)
  info      new-destination  payments/checkout  api.stripe.com:443 tls     12  11m  -

- payments/checkout reached api.stripe.com:443 for the first time. [f-4be1c09a77d2]
  warning: new-destination, first seen 2026-11-22 10:04 UTC (11 minutes ago), last 2026-11-22 10:12 UTC (3 minutes ago)
  names: api.stripe.com (confirmed)
  manifest (confidence high):
    # the SNI is confirmed by DNS
    # Mind: covers port 443 only
    kind: x

- payments/checkout reached api.stripe.com:443 for the first time. [f-2]
  info: new-destination, first seen 2026-11-22 10:04 UTC (11 minutes ago), last 2026-11-22 10:12 UTC (3 minutes ago)
  no manifest: the name is generic

Next:
  egress-scout verdict set f-4be1c09a77d2 expected   # or approved, denied, snoozed
  kubectl apply -f FILE   # with a manifest from above
`,
    );
  });

  it("counts what changed and what is over beside what is new", () => {
    const findings = ["a", "b", "c"].map((id) => finding({ id, state: id === "c" ? "resolved" : "open" }));
    const head = (all: Finding[]) => text({ findings: all, changed: new Set(["b", "c"]) }).split(" known")[0];
    expect(head(findings)).toBe("prod-eu: 1 new, 1 changed, 1 over, 2340 of 2346");
    expect(head(findings.slice(1, 2))).toBe("prod-eu: nothing new, 1 changed, 2340 of 2346");
  });

  it("says in one line that there is nothing new", () => {
    expect(text()).toBe("prod-eu: nothing new, 2340 of 2346 known (2026-11-22T10:00:00Z to 2026-11-22T10:15:00Z).\n");
  });

  it("says what a first run learned, and what is next", () => {
    expect(text({ mode: "learn", learned: [] })).toMatch(
      /^prod-eu: first run, learned 0 destinations of 0 workloads \(.*\)\. From the next run on, what is new is reported\.\n$/,
    );
  });

  it("does not call new what is over", () => {
    const over = finding({ kind: "blocked-spike", state: "resolved", suggestions: [] });
    expect(text({ findings: [over] })).toMatch(/^prod-eu: nothing new, 1 over, 2340 of/);
    expect(text({ findings: [finding(), over, over] })).toMatch(/^prod-eu: 1 new, 2 over, /);
    expect(line(over)).toMatch(/^resolved blocked-spike /);
  });

  it.each([
    [to({ host: null, sni: null }), "3.18.12.63:443 tls"],
    [to({ host: null, address: "2001:db8::7", protocol: "tcp" }), "[2001:db8::7]:443 tcp"],
    [to({ host: null, address: "203.0.113.7", claim: "a:b" }), '"a:b":443 tls'],
    [to({ host: null, address: null, port: null }), "unknown:? tls"],
    [finding({ kind: "fan-out", destinations: 30 }), "30 destinations"],
  ])("shows where to: case %#", (one, shown) => {
    expect(line(one)).toContain(` payments/checkout ${shown} 12 11m `);
  });

  it("shows no workload and no destination of a blindness, which has none", () => {
    const source = { cluster: "prod-eu", namespace: "", workload: "" };
    expect(line(finding({ kind: "blind", source, count: 0 }))).toMatch(/^warning blind - - 0 /);
  });

  it("says who was told, who was not, and who would have been", () => {
    const deliveries = [
      { letter: letter("slack", [finding()]), ok: true },
      { letter: letter("sns", [finding()]), ok: false },
    ];
    expect(text({ deliveries })).toContain(
      "\n\ntold slack (payments): 1 finding\nNOT told sns (payments): 1 finding\n",
    );
    expect(text({ wouldSend: [letter("slack", many(3))] })).toContain("\n\nwould tell slack (payments): 3 findings\n");
  });

  it("prints each manifest once, however many findings share it, all as one stream of YAML", () => {
    const findings = [...many(12), ...many(12)];
    expect(parseAllDocuments(scanYaml(told({ findings })))).toHaveLength(12);
    expect(text({ findings }).match(/^ {2}manifest \(/gm)).toHaveLength(12);
    expect(text({ findings }).match(/^ {2}manifest: that of \[f-\d+\]$/gm)).toHaveLength(12);
    expect(scanYaml(told({ findings: [finding({ suggestions: [] })] }))).toBe("");
  });

  it("is coloured only where that is wanted, and says the same", () => {
    const findings = [finding({ severity: "critical" }), finding({ state: "resolved" })];
    const coloured = scanText(told({ findings, warnings: ["a"] }), { colour: true });
    expect(coloured.split("\u001b[").length).toBeGreaterThan(10);
    expect(stripVTControlCharacters(coloured)).toBe(text({ findings, warnings: ["a"] }));
  });
});
