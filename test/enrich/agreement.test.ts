/** Whether a name answers to an address: every way in which the DNS can answer, and what it must not be taken for. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { type Agreement, agreement } from "../../lib/enrich/agreement.ts";
import { cdn } from "../../lib/enrich/networks.ts";
import type { Lookup } from "../../lib/enrich/resolver.ts";
import { addressKind } from "../../lib/words/address.ts";
import { type FakeAnswer, fakeResolver } from "./fake-resolver.ts";

const host = "api.example.com";
const address = "203.0.113.7";
const [other, third] = ["198.51.100.1", "198.51.100.2"];
const away = { failed: "ETIMEOUT from 192.0.2.53:53" };

interface Known {
  seen?: string[];
  marks?: Record<string, string[]>;
  dialled?: string;
}

async function asked(answers: Record<string, FakeAnswer>, { seen = [], marks = {}, dialled = address }: Known = {}) {
  const resolver = fakeResolver(answers);
  const marked: string[] = [];
  const result = await agreement(host, dialled, {
    forward: resolver.forward,
    again: (name, family) => resolver.again(name, family),
    seen: () => new Map(seen.map((one) => [one, 0])),
    async marks(one) {
      marked.push(one);
      return new Set(marks[one]);
    },
  });
  return { ...result, asked: resolver.asked, marked };
}

/** The answers in turn; null is a failure. Nobody knows of networks. */
function flaky(turns: (string[] | null)[]): Promise<Agreement> {
  const next = async (): Promise<Lookup> => {
    const values = turns.shift() ?? null;
    return values === null ? { status: "failed", why: "ESERVFAIL" } : { status: "found", values, ttl: 1 };
  };
  return agreement(host, address, {
    forward: next,
    again: next,
    seen: () => new Map(),
    marks: async () => new Set(),
  });
}

const said = ({ trust, apart }: Agreement) => (trust === "contradicted" ? `${trust} ${apart}` : trust);
const first = `4 ${host}`;
const again = `again 4 ${host}`;

describe("confirmed", () => {
  it.each<[string, Record<string, FakeAnswer>, Known, number]>([
    ["by the very address", { [first]: [address] }, {}, 1],
    ["by one of many", { [first]: [other, address, third] }, {}, 1],
    ["by an answer of the last week", { [first]: [other] }, { seen: [address] }, 1],
    ["by the second answer of a pool", { [first]: [other], [again]: [[third, address]] }, {}, 2],
    ["by the third", { [first]: [other], [again]: [[third], [address]] }, {}, 3],
  ])("%s", async (_, answers, known, questions) => {
    const result = await asked(answers, known);
    expect(result).toMatchObject({ trust: "confirmed", failure: null, marked: [] });
    expect(result.why).toMatch(/^, and it resolve[sd] to 203\.0\.113\.7/);
    expect(result.asked).toHaveLength(questions);
  });

  it("by the third, where the second failed", async () => {
    expect(said(await flaky([[other], null, [address]]))).toBe("confirmed");
  });

  it("says when the answer is of an earlier day", async () => {
    const { why } = await asked({ [first]: [other] }, { seen: [address] });
    expect(why).toBe(`, and it resolved to ${address} in the last week`);
  });

  it("of IPv6, whatever the spelling of the answer, and asks for no IPv4", async () => {
    const result = await asked({ [`6 ${host}`]: ["2001:DB8:0::1"], [first]: [address] }, { dialled: "2001:db8::1" });
    expect(said(result)).toBe("confirmed");
    expect(result.asked).toEqual([`6 ${host}`]);
  });

  it("of an IPv4 address carried by IPv6", async () => {
    expect(said(await asked({ [first]: [`::ffff:${address}`] }))).toBe("confirmed");
  });
});

describe("claimed", () => {
  it.each<[string, Record<string, FakeAnswer>, Known, RegExp]>([
    ["it does not exist", {}, {}, /does not resolve/],
    ["there is no address in the answer", { [first]: [] }, {}, /does not resolve/],
    ["the answer is junk", { [first]: ["junk", "10.0.0"] }, {}, /does not resolve/],
    [
      "the answers change, all three apart",
      { [first]: [[other]], [again]: [[third], ["198.51.100.3"]] },
      {},
      /change from one question to the next, and 203\.0\.113\.7 was not among 3 of them/,
    ],
    ["two of three are the same", { [first]: [other], [again]: [[other], [other, third]] }, {}, /among 2 of them/],
    ["it answered otherwise in the last week", { [first]: [other] }, { seen: [third] }, /among 2 of them/],
    ["it is gone a moment later", { [first]: [other], [again]: [[]] }, {}, /change/],
    ["both are of one provider", { [first]: [other] }, { marks: { [address]: ["AWS"], [other]: ["AWS"] } }, /of AWS$/],
    [
      "both are of one AS among others",
      { [first]: [other] },
      { marks: { [address]: ["Acme", "AS64500"], [other]: ["Other", "AS64500"] } },
      /resolves to 198\.51\.100\.1, not to 203\.0\.113\.7, but both are of AS64500$/,
    ],
    ["both are CDNs", { [first]: [other] }, { marks: { [address]: ["AWS", cdn], [other]: ["Akamai", cdn] } }, /a CDN$/],
    [
      "its second address is of the same network",
      { [first]: [other, third] },
      { marks: { [address]: ["AWS"], [other]: ["Akamai"], [third]: ["AWS"] } },
      /of AWS$/,
    ],
    ["Istio's own DNS proxy answered", { [first]: ["240.240.0.7"] }, {}, /Istio's DNS proxy/],
    ["it answered for the second question", { [first]: [other], [again]: ["240.240.0.7"] }, {}, /Istio's DNS proxy/],
    ["the answer is cut short", { [first]: Array.from({ length: 64 }, (_, n) => `198.51.100.${n}`) }, {}, /so many/],
    ["it also leads inside", { [first]: [address, "127.0.0.1"] }, {}, /127\.0\.0\.1, which is not outside: DNS reb/],
    ["it also leads inside by a later answer", { [first]: [other], [again]: [address, "10.0.0.1"] }, {}, /DNS reb/],
    [
      "it leads inside today, and led to the address in the last week",
      { [first]: ["10.0.0.1"] },
      { seen: [address] },
      /it resolved to 203\.0\.113\.7 in the last week, but now to a place that is not outside$/,
    ],
    [
      "it leads inside as well, and always did",
      { [first]: [address, "10.0.0.1"] },
      { seen: [address, "10.0.0.1"] },
      /DNS rebinding/,
    ],
    ["it leads inside every other time", { [first]: [[other]], [again]: [["10.0.0.1"], [other]] }, {}, /change/],
  ])("where %s", async (_, answers, known, why) => {
    const result = await asked(answers, known);
    expect(result).toMatchObject({ trust: "claimed", failure: null });
    expect(result.why).toMatch(why);
    expect(result.asked.length).toBeLessThanOrEqual(3);
  });

  it("where the DNS is away: the failure says why", async () => {
    const result = await asked({ [first]: away });
    expect(result).toMatchObject({ trust: "claimed", failure: away.failed, asked: [first], marked: [] });
    expect(result.why).toBe(`; whether it resolves to ${address} is not known: ${away.failed}`);
  });

  it("where it is away after the first answer: one alone cannot tell a pool", async () => {
    const result = await asked({ [first]: [other], [again]: away });
    expect(result).toMatchObject({ trust: "claimed", failure: away.failed, asked: [first, again, again] });
  });
});

describe("contradicted", () => {
  it.each<[string, Record<string, string[]>, "far" | "unknown"]>([
    ["both networks are known and differ", { [address]: ["AS64500"], [other]: ["AS64501"] }, "far"],
    ["so do providers", { [address]: ["Acme"], [other]: ["AWS", cdn] }, "far"],
    ["nobody knows either", {}, "unknown"],
    ["nobody knows the address", { [other]: ["AWS"] }, "unknown"],
    ["nobody knows where the name leads", { [address]: ["AWS"] }, "unknown"],
    ["the one is known by its AS, the other by its provider", { [address]: ["AS64500"], [other]: ["AWS"] }, "unknown"],
    ["only one of them is known to be a CDN", { [address]: ["Acme"], [other]: [cdn] }, "unknown"],
  ])("by one answer that stays: %s", async (_, marks, apart) => {
    const result = await asked({ [first]: [other] }, { marks });
    expect(result).toMatchObject({ trust: "contradicted", apart, failure: null, asked: [first, again, again] });
    expect(result.why).toBe(`, but it resolves to ${other}`);
  });

  it("far only where all that is asked of the name is far", async () => {
    const answers = { [first]: [other, third] };
    const one = { [address]: ["Acme"], [other]: ["AWS"] };
    expect(said(await asked(answers, { marks: one }))).toBe("contradicted unknown");
    expect(said(await asked(answers, { marks: { ...one, [third]: ["AWS"] } }))).toBe("contradicted far");
  });

  it("by a pool that is the same every time, in whatever order and however often it says so", async () => {
    const answers = {
      [first]: [[other, third]],
      [again]: [
        [third, other, third],
        [`::ffff:${other}`, third],
      ],
    };
    const result = await asked(answers);
    expect(said(result)).toBe("contradicted unknown");
    expect(result.why).toBe(`, but it resolves to ${other} and ${third}`);
  });

  it("shows two of many addresses and asks for the networks of no more", async () => {
    const result = await asked({ [first]: ["198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.100.4"] });
    expect(result.why).toBe(", but it resolves to 198.51.100.1 and 198.51.100.2 and 2 more");
    expect(result.marked).toEqual([address, other, third]);
  });

  it.each(["10.0.0.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "::ffff:192.168.0.1"])(
    "by %s alone, whose network nobody is asked for",
    async (inner) => {
      const result = await asked({ [first]: [inner] });
      expect(result).toMatchObject({ trust: "contradicted", apart: "unknown", marked: [], asked: [first] });
      expect(result.why).toContain("DNS rebinding");
    },
  );

  it("by two answers that agree, where the question between them failed", async () => {
    const result = await flaky([[other], null, [other]]);
    expect(said(result)).toBe("contradicted unknown");
  });
});

test("whatever the DNS answers: at most three questions, and nothing is said that it did not say", async () => {
  const one = fc.constantFrom(address, other, third, "203.0.113.8", "10.0.0.1", "240.240.0.1", "127.0.0.1", "junk");
  const answer = fc.oneof(
    { weight: 8, arbitrary: fc.array(one, { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.constant(null) },
  );
  const turns = fc.oneof(
    fc.tuple(answer, answer, answer),
    answer.map((values) => [values, values, values]),
  );
  const marks = fc.constantFrom<Record<string, string[]>>(
    {},
    { [address]: ["Acme"], [other]: ["AWS", cdn], [third]: ["AWS"], "203.0.113.8": ["AS1", "Other"] },
    { [address]: ["AWS", "AS1"], [third]: ["AWS"], "203.0.113.8": ["AS1"] },
  );
  const seen = fc.subarray([address, other, third, "10.0.0.1"]);
  const trusts = new Set<string>();
  await fc.assert(
    fc.asyncProperty(turns, seen, marks, async (given, before, known) => {
      const marked: string[] = [];
      const asking: (string[] | null)[] = [];
      const lookup = async () => {
        const values = given[asking.length] ?? null;
        asking.push(values);
        return values === null
          ? ({ status: "failed", why: "ESERVFAIL" } as const)
          : ({ status: "found", values, ttl: 1 } as const);
      };
      const result = await agreement(host, address, {
        forward: lookup,
        again: lookup,
        seen: () => new Map(before.map((text) => [text, 0])),
        async marks(text) {
          marked.push(text);
          return new Set(known[text]);
        },
      });
      trusts.add(said(result));
      const told = asking.map((values) => (values ?? []).filter((text) => text !== "junk"));
      expect(asking.length).toBeLessThanOrEqual(3);
      expect(result.why).toMatch(/^[\x20-\x7e]+$/);
      expect(marked.filter((text) => addressKind(text) !== "outside")).toEqual([]);
      if (result.failure !== null) expect(result.trust).toBe("claimed");
      if (result.trust === "confirmed") {
        const by = told.filter((values) => values.includes(address));
        expect(by.length > 0 ? by.every((values) => values.every(isOutside)) : before.includes(address)).toBe(true);
      }
      if (result.trust === "contradicted") {
        expect([...told.flat(), ...before]).not.toContain(address);
        const pools = told
          .filter((_, turn) => asking[turn] !== null)
          .map((values) => [...new Set(values)].sort().join());
        const leadsInside = told[0]?.some((text) => !isOutside(text)) ?? false;
        expect(leadsInside || (pools.length > 1 && new Set(pools).size === 1)).toBe(true);
        expect(result.apart).not.toBe("near");
      }
    }),
    { numRuns: 2000 },
  );
  expect([...trusts].sort()).toEqual(["claimed", "confirmed", "contradicted far", "contradicted unknown"]);
});

const isOutside = (text: string): boolean => addressKind(text) === "outside";
