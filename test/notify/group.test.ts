import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Finding, Name, Severity } from "../../lib/model.ts";
import { groups } from "../../lib/notify/group.ts";
import { plainText } from "../../lib/notify/plain-text.ts";
import { characters, slackPost } from "../../lib/notify/slack-blocks.ts";
import { postProblems, slackManifests } from "../receivers/slack.ts";
import { finding, hostileValues, message, yamlOf } from "./sample.ts";

interface Call {
  from: string;
  to: string;
  change?: Partial<Finding>;
}

/** `to` is a host, or an address with what it is called. */
function call({ from, to, change = {} }: Call): Finding {
  const isAddress = /^[\d.]+$/.test(to);
  const [suggestion] = finding().suggestions;
  return finding({
    id: `${from}-${to}`.replace(/[^\w]/g, "-"),
    source: { cluster: "prod-eu", namespace: "shop", workload: from },
    destination: { ...finding().destination, host: isAddress ? null : to, sni: isAddress ? null : to, address: to },
    addresses: [],
    names: isAddress ? [] : [{ name: to, from: "sni", trust: "claimed", why: "" }],
    summary: `shop/${from} reached ${to}:443 for the first time.`,
    suggestions: suggestion === undefined ? [] : [{ ...suggestion, yaml: yamlOf(to), warnings: [] }],
    ...change,
  });
}
const range = (name: string): Name => ({ name, from: "range", trust: "generic", why: "" });
const told = (findings: Finding[]) => groups(findings).map((one) => one.findings.map(({ id }) => id));

describe("findings of one cause are one entry", () => {
  it.each<[string, Call[], number]>([
    [
      "one domain",
      [
        { from: "a", to: "x.example.com" },
        { from: "b", to: "y.example.com" },
      ],
      1,
    ],
    [
      "other domains",
      [
        { from: "a", to: "a.example.com" },
        { from: "a", to: "a.example.org" },
      ],
      2,
    ],
    [
      "domains under a suffix that many share",
      [
        { from: "a", to: "a.github.io" },
        { from: "a", to: "b.github.io" },
      ],
      2,
    ],
    [
      "one network",
      [
        { from: "a", to: "203.0.113.1", change: { names: [range("AWS eu-west-1")] } },
        { from: "b", to: "203.0.113.9", change: { names: [range("AWS eu-west-1")] } },
      ],
      1,
    ],
    [
      "two addresses of nobody",
      [
        { from: "a", to: "203.0.113.1" },
        { from: "a", to: "203.0.113.2" },
      ],
      2,
    ],
    [
      "another severity",
      [
        { from: "a", to: "x.example.com" },
        { from: "b", to: "x.example.com", change: { severity: "critical" } },
      ],
      2,
    ],
    [
      "another kind",
      [
        { from: "a", to: "x.example.com" },
        { from: "b", to: "x.example.com", change: { kind: "blocked-spike" } },
      ],
      2,
    ],
    [
      "one over",
      [
        { from: "a", to: "x.example.com" },
        { from: "b", to: "x.example.com", change: { state: "resolved" } },
      ],
      2,
    ],
    [
      "bursts",
      [
        { from: "a", to: "x.example.com", change: { kind: "fan-out" } },
        { from: "b", to: "x.example.com", change: { kind: "fan-out" } },
      ],
      2,
    ],
    [
      "an address that DNS confirms as a name of the domain",
      [
        { from: "a", to: "x.example.com" },
        {
          from: "a",
          to: "203.0.113.1",
          change: { names: [{ name: "y.example.com", from: "ptr", trust: "confirmed", why: "" }] },
        },
      ],
      1,
    ],
    [
      "an address whose owner only claims so",
      [
        { from: "a", to: "x.example.com" },
        {
          from: "a",
          to: "203.0.113.1",
          change: { names: [{ name: "y.example.com", from: "ptr", trust: "claimed", why: "" }] },
        },
      ],
      2,
    ],
  ])("%s", (_, calls, count) => {
    expect(groups(calls.map(call))).toHaveLength(count);
  });

  it("a rollout of 300 pairs is one, also where not all have called all yet", () => {
    const pairs = [...Array(300).keys()]
      .map((n) => call({ from: `w${n % 10}`, to: `api.site${Math.floor(n / 10)}.com` }))
      .filter((_, n) => n % 7 !== 3);
    expect(told(pairs)).toHaveLength(1);
    const others = ["x", "y", "z"].map((from) => call({ from, to: "api.other.com" }));
    expect(told([...pairs, ...others]).map((one) => one.length)).toEqual([pairs.length, 3]);
    expect(told(pairs.filter(({ source }) => source.workload < "w2"))).toHaveLength(30);
  });

  it("bursts of three workloads or more over one way are one, with the words of the first", () => {
    const burst = (from: string, port: number) =>
      call({
        from,
        to: "",
        change: {
          ...{ kind: "fan-out", severity: "critical", destinations: 30, count: 40, names: [], suggestions: [] },
          destination: { ...finding().destination, host: null, address: null, sni: null, port },
          summary: `shop/${from} touched 30 new destinations: ports ${port} (30).`,
        },
      });
    const all = [burst("a", 443), burst("b", 25), burst("c", 443), burst("d", 443), burst("e", 25)];
    expect(told(all).map((one) => one.length)).toEqual([3, 1, 1]);
    const text = plainText(message(all));
    expect(text).toContain(`1. Bursts of new destinations (critical)
   3 workloads touched 90 new destinations within one run: 120 connections. The first: shop/a touched 30 new destinations: ports 443 (30).
   Who         shop/a, shop/c, shop/d in cluster prod-eu
   Where to    TLS, let through
   How often   120 connections in all
`);
    expect(text).toContain("2. Burst of new destinations (critical)\n   shop/b touched");
  });

  it("holds every finding once, of one severity and kind, in the order of the first of each", () => {
    const any = fc.record({
      from: fc.constantFrom("a", "b", "c", "d"),
      to: fc.constantFrom("x.one.com", "y.one.com", "two.com", "203.0.113.1", "three.org"),
      severity: fc.constantFrom<Severity>("critical", "warning"),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 40 }), (calls) => {
        const findings = calls.map(({ from, to, severity }, n) =>
          call({ from, to, change: { severity, id: `f${n}` } }),
        );
        const all = groups(findings);
        expect(
          all
            .flatMap((one) => one.findings)
            .map(({ id }) => id)
            .sort(),
        ).toEqual(findings.map(({ id }) => id).sort());
        const firsts = all.map((one) => findings.indexOf(one.findings[0]));
        expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
        for (const one of all) expect(new Set(one.findings.map(({ severity, kind }) => severity + kind)).size).toBe(1);
      }),
    );
  });
});

describe("what a person reads of it", () => {
  const pair = [
    call({ from: "web", to: "api.example.com", change: { count: 7 } }),
    call({
      from: "cart",
      to: "cdn.example.com",
      change: { suggestions: [], noSuggestion: "the name is contradicted" },
    }),
    call({ from: "search", to: "api.example.com" }),
    call({ from: "pay", to: "api.example.com", change: { names: [] } }),
  ];

  it("as text", () => {
    expect(plainText(message(pair))).toBe(`4 new destinations for payments in prod-eu

1. New destinations (warning)
   4 workloads reached 2 destinations of example.com for the first time: 43 connections, let through.
   Who         shop/web, shop/cart, shop/search and 1 more in cluster prod-eu
   Where to    api.example.com:443, cdn.example.com:443, TLS, let through
   How sure    2 claimed, nothing speaks for or against it
   How often   43 connections in all
   Since       2026-11-22 10:04 UTC, last 2026-11-22 10:12 UTC
   Findings    web-api-example-com, cart-cdn-example-com, search-api-example-com and 1 more

   Ready to apply (confidence high): save it as FILE, then kubectl apply -f FILE
   Why: the SNI is confirmed by DNS
----- begin manifest -----
${yamlOf("api.example.com")}----- end manifest -----
   No manifest for 1: the name is contradicted

egress-scout, 2026-11-22 10:15 UTC, msg-0011223344556677
`);
  });

  it("in Slack, a rollout in one line with its counts", () => {
    const pairs = [...Array(300).keys()].map((n) =>
      call({ from: `w${n % 10}`, to: `api.site${Math.floor(n / 10)}.com` }),
    );
    const { text, blocks } = slackPost(message(pairs));
    expect(text).toBe(
      "300 new destinations for `payments` in `prod-eu`\n- New destinations (warning): `10 workloads reached 30 destinations for the first time, within one run: 3,600 connections, let through.`",
    );
    expect(blocks).toMatchObject([
      { type: "header" },
      {
        text: { text: expect.stringMatching(/^New destinations \(warning\)\n10 workloads reached 30 destinations/) },
        fields: [
          { text: "*Who*\n`shop/w0`, `shop/w1`, `shop/w2` and 7 more in cluster `prod-eu`" },
          {
            text: "*Where to*\n`api.site0.com:443`, `api.site1.com:443`, `api.site2.com:443` and 27 more, TLS, let through",
          },
          { text: "*How sure*\n30 claimed, nothing speaks for or against it" },
          { text: "*How often*\n3,600 connections in all" },
          {},
          { text: expect.stringMatching(/^\*Findings\*\n.* and 297 more$/) },
        ],
      },
      ...Array.from({ length: 5 }, (_, n) => ({ text: { text: expect.stringContaining(`api.site${n}.com`) } })),
      {
        elements: [
          {
            text: expect.stringMatching(
              /^25 manifests are not shown here: they are in the scan's output .* and 22 more\.$/,
            ),
          },
          { text: expect.stringMatching(/^Too many findings for buttons: /) },
        ],
      },
      { type: "context" },
    ]);
  });

  it.each<[Partial<Finding>, string]>([
    [
      { kind: "new-blocked" },
      "2 workloads tried to reach x.example.com:443 for the first time: 24 connections, let through.",
    ],
    [
      { kind: "policy-violation" },
      "2 workloads called x.example.com:443, which a policy forbids: 24 connections, let through.",
    ],
    [
      { kind: "blocked-spike", expected: { mean: 0.5, p: 1e-9, basis: "14d" } },
      "24 connections in all, about 1 expected when they began\n",
    ],
    [
      { state: "resolved" },
      "Over: 2 workloads reached x.example.com:443 for the first time: 24 connections, let through.",
    ],
    [{ names: [] }, "How sure    1 without a name\n"],
  ])("in words, case %#", (change, words) => {
    const two = ["a", "b"].map((from) => call({ from, to: "x.example.com", change }));
    expect(plainText(message(two))).toContain(words);
  });

  it("its buttons name all of its findings, and are not there for too many or for what is over", () => {
    const rows = (findings: Finding[], reason: "first" | "resolved" = "first") =>
      slackPost(message(findings, { reason })).blocks.flatMap((one) => (one.type === "actions" ? one.elements : []));
    expect(new Set(rows(pair).map(({ value }) => value))).toEqual(new Set([pair.map(({ id }) => id).join(" ")]));
    expect(rows(pair).map(({ action_id }) => action_id)).toContain("show-manifest");
    const ids = (count: number) =>
      [...Array(count).keys()].map((n) =>
        call({ from: `w${n}`, to: "a.example.com", change: { id: String(n).padStart(32, "0") } }),
      );
    expect(rows(ids(10))).toHaveLength(5);
    expect(rows(ids(11))).toEqual([]);
    const said = (findings: Finding[], reason: "first" | "resolved" = "first") =>
      JSON.stringify(slackPost(message(findings, { reason })).blocks).includes("egress-scout verdict set");
    expect([said(ids(11)), said(ids(10)), said(ids(11), "resolved")]).toEqual([true, false, false]);
    expect(rows(pair, "resolved")).toEqual([]);
    expect(rows([finding({ id: "<b>" })])).toEqual([]);
    expect(rows([finding({ suggestions: [] })]).map(({ action_id }) => action_id)).not.toContain("show-manifest");
  });
});

describe("how a spike went", () => {
  const expected = { mean: 0.5, p: 1e-9, basis: "14d" };
  const spike = (from: string, recent?: number[]) =>
    call({
      from,
      to: "x.example.com",
      change: { kind: "blocked-spike", expected, ...(recent === undefined ? {} : { recent }) },
    });
  const often = (findings: Finding[]) => {
    const block = slackPost(message(findings)).blocks[1];
    const slack =
      block?.type === "section" ? block.fields?.find(({ text }) => text.startsWith("*How often*"))?.text : "";
    return { slack, text: /How often {3}(.*\n(?: {15}.*\n)*)/.exec(plainText(message(findings)))?.[1] };
  };

  it("is a line of bars in Slack, and of numbers in a mail", () => {
    const { slack, text } = often([spike("a", [0, 0, 1, 0, 12, 1300])]);
    expect(slack).toBe(
      "*How often*\n12 connections, about 0.5 expected when it began (history: `14d`)\nEach five minutes: ▁▁▂▁▂▇",
    );
    expect(text).toBe(
      "12 connections, about 0.5 expected when it began (history: 14d)\n               Each five minutes: 0 0 1 0 12 1,300\n",
    );
  });

  it("is two hours at most", () => {
    const { text = "" } = often([spike("a", [...Array(300).keys()])]);
    expect(text.split("five minutes: ")[1]?.split(" ")).toHaveLength(24);
  });

  it("of several is their sum, by the time that they end at", () => {
    const { slack, text } = often([spike("a", [4, 0, 5]), spike("b", [3, 15])]);
    expect(slack).toBe("*How often*\n24 connections in all, about 1 expected when they began\nEach five minutes: ▂▂▇");
    expect(text).toContain("Each five minutes: 4 3 20\n");
  });

  it.each([[[spike("a")]], [[spike("a", [7])]], [[spike("a", [1, Number.NaN])]], [[spike("a", [1, 2]), spike("b")]]])(
    "is not shown where it is not known, case %#",
    (findings) => {
      expect(often(findings).text).not.toContain("five minutes");
    },
  );
});

describe("whatever the findings are", () => {
  const text = fc.oneof(fc.constantFrom(...hostileValues), fc.string({ unit: "binary", maxLength: 300 }));
  const any = fc
    .record({
      from: fc.constantFrom("a", "b", "c", "d", "<!here>"),
      host: fc.oneof(fc.constantFrom("x.one.com", "y.one.com", "z.two.org", null), text),
      address: fc.oneof(fc.constantFrom("203.0.113.1", "2001:db8::1", null), text),
      claim: fc.oneof(fc.constant(null), text),
      name: text,
      kind: fc.constantFrom<Finding["kind"]>(
        "new-destination",
        "new-blocked",
        "blocked-spike",
        "name-mismatch",
        "policy-violation",
        "entry-bypassed",
        "fan-out",
        "blind",
      ),
      state: fc.constantFrom<Finding["state"]>("open", "resolved"),
      severity: fc.constantFrom<Severity>("critical", "warning", "info"),
      time: fc.oneof(fc.nat(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY)),
      lines: fc.nat(120),
      recent: fc.array(fc.oneof(fc.nat(), fc.double()), { maxLength: 300 }),
      summary: text,
    })
    .map(({ from, host, address, claim, name, kind, state, severity, time, lines, recent, summary }): Finding => {
      const [suggestion] = finding().suggestions;
      return finding({
        ...{
          id: `${lines}${from}`,
          kind,
          state,
          severity,
          summary,
          firstSeen: time,
          recent,
          expected: lines % 5 ? null : { mean: 1, p: 0, basis: name },
          noSuggestion: lines % 2 ? summary : null,
        },
        source: { cluster: name.slice(0, 3), namespace: from, workload: lines % 2 ? from : name },
        destination: { ...finding().destination, host, address, claim, sni: host },
        addresses: [],
        names: [{ name, from: lines % 3 ? "range" : "sni", trust: "generic", why: name }],
        suggestions:
          suggestion === undefined || lines % 2
            ? []
            : [{ ...suggestion, yaml: yamlOf("a.example.com", lines), warnings: [name] }],
      });
    });

  it("Slack takes the message, and manifests stand in it whole", () => {
    fc.assert(
      fc.property(fc.array(any, { maxLength: 60 }), (findings) => {
        const post = slackPost(message(findings));
        expect(postProblems(post)).toEqual([]);
        expect(characters(post.blocks)).toBeLessThanOrEqual(10_000);
        const whole = new Set(findings.flatMap(({ suggestions }) => suggestions.map(({ yaml }) => yaml)));
        for (const yaml of slackManifests(JSON.stringify(post))) expect(whole).toContain(yaml);
      }),
      { numRuns: 150 },
    );
  });

  it("a mail keeps its size, is ASCII, and its manifests are whole", () => {
    const mail = fc.tuple(fc.array(any, { maxLength: 40 }), fc.integer({ min: 2_000, max: 60_000 }));
    fc.assert(
      fc.property(mail, ([findings, most]) => {
        const text = plainText(message(findings), most);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(most);
        expect(text).toMatch(/^[\x20-\x7e\n]*$/);
        const whole = new Set(findings.flatMap(({ suggestions }) => suggestions.map(({ yaml }) => yaml)));
        for (const [, yaml = ""] of text.matchAll(
          /^----- begin manifest -----\n([\s\S]*?)^----- end manifest -----$/gm,
        )) {
          expect(whole).toContain(yaml);
        }
      }),
      { numRuns: 150 },
    );
  });
});
