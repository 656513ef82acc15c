/** PTR answers, Host headers, SNIs and workloads' own names: nothing of them comes out as more than text. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { wildcardDomain } from "../../lib/words/domain.ts";
import { insideReason, parseHost } from "../../lib/words/host.ts";
import { spec } from "../suggest/make.ts";
import { expectHarmless, expectPlain } from "./expect.ts";
import names from "./hostile-names.json" with { type: "json" };
import { type Hostile, type Printed, print, printCareless, printForbidden, ptr } from "./print.ts";
import { hostileText } from "./texts.ts";

const corpus = names as Hostile[];

describe.each(corpus)("$id", ({ value, host, ptr: trust, wildcard }) => {
  it(`is ${host}, and as a PTR answer ${trust}`, async () => {
    const parsed = parseHost(value);
    const kind = parsed.kind !== "host" ? parsed.kind : insideReason(parsed.host) === null ? "outside" : "inside";
    expect(kind).toBe(host);
    expect(parsed.kind === "host" ? wildcardDomain(parsed.host) : null).toBe(wildcard);
    expect((await ptr(value)).trust).toBe(trust);
  });

  it("is printed as text", async () => {
    const printed = await print(value);
    expectHarmless(printed);
    const hosts = printed.findings.flatMap((one) => one.suggestions.flatMap(({ manifest }) => spec(manifest).hosts));
    const parsed = parseHost(value);
    expect(parsed.kind === "host" && hosts.includes(parsed.host)).toBe(host === "outside");
    // With two neighbours of the name there are three of the domain, unless the name is the domain itself.
    const isOne = wildcard !== null && parsed.kind === "host" && parsed.host !== wildcard;
    expect([...new Set(hosts.filter((one) => one.includes("*")))]).toEqual(isOne ? [`*.${wildcard}`] : []);
  });
});

describe("whatever comes in", () => {
  test("a PTR answer is a name, or refused as text", async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, fc.constantFrom("confirmed", "claimed", "contradicted"), async (text, said) => {
        const { name, trust, why } = await ptr(text, said);
        expect(`${name}${why}`).toMatch(/^[\x20-\x7e]+$/);
        expect(`${name}${why}`).not.toMatch(/[<>&`]/);
        const parsed = parseHost(text);
        const isName = parsed.kind === "host" && parsed.port === null && !text.includes("\\");
        if (isName) expect(name).toBe(parsed.host);
        else expect(trust).toBe("refused");
      }),
      { numRuns: 1500 },
    );
  });

  test("comes out of Slack's blocks, the text report and YAML as text", async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, async (text) => expectHarmless(await print(text))),
      { numRuns: 150 },
    );
  });
});

describe("what a policy forbids", () => {
  test("comes out as text as well, and no ServiceEntry with it", async () => {
    const harmless = async (text: string) => {
      const printed = await printForbidden(text);
      expect(printed.findings.length).toBeGreaterThan(0);
      expectHarmless(printed);
      expect(printed.yaml).not.toContain("ServiceEntry");
      for (const { noSuggestion } of printed.findings) expect(noSuggestion ?? "").toMatch(/^[\x20-\x7e]*$/);
    };
    for (const { value } of corpus) await harmless(value);
    await fc.assert(fc.asyncProperty(hostileText, harmless), { numRuns: 150 });
  });
});

describe("a channel", () => {
  test.each(corpus)("relies on nobody before it: $id", ({ value }) => expectPlain(printCareless(value)));

  test("nor with any other text", () => {
    fc.assert(
      fc.property(hostileText, (text) => expectPlain(printCareless(text))),
      { numRuns: 300 },
    );
  });
});

/** The checks above are only as good as what they refuse. */
describe("what came out as more than text", async () => {
  const good = await print("api.stripe.com");
  const withText = (text: string): Printed => ({ ...good, slack: { ...good.slack, text } });
  const withYaml = (change: (yaml: string) => string): Printed => ({
    ...good,
    findings: good.findings.map((one) => ({
      ...one,
      suggestions: one.suggestions.map((each) => ({ ...each, yaml: change(each.yaml) })),
    })),
  });

  test.each([
    ["nothing", good, true],
    ["a mention", withText("`<!here>`"), false],
    ["a link", withText("<https://evil.example|x>"), false],
    ["an ampersand", withText("a & b"), false],
    ["an open code span", withText("`rm"), false],
    ["a control character", withText("a\u001b[2J"), false],
    ["a right-to-left override", withText("\u202ea"), false],
    ["a terminal's sequence", { ...good, texts: ["\u001b[2J"] }, false],
    ["a second document", withYaml((yaml) => `${yaml}---\nkind: Secret\n`), false],
    ["another host", withYaml((yaml) => yaml.replace("api.stripe.com", "evil.example")), false],
    ["a word that YAML 1.1 takes for a boolean", withYaml((yaml) => yaml.replace('"api.stripe.com"', "no")), false],
    ["a document lost", { ...good, yaml: "" }, false],
  ])("is found: %s", (_, printed, isFine) => {
    if (isFine) expectHarmless(printed);
    else expect(() => expectHarmless(printed)).toThrow();
  });
});
