/** Decisions: a table, and the same by a reference that knows nothing but the words of docs/policies.md. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Destination } from "../../lib/model.ts";
import { type Caller, type Policy, policiesOf, spoken } from "../../lib/policy/index.ts";
import { destination } from "../detect/make.ts";
import { hostileText } from "../fuzz/texts.ts";
import { caller, judged, said, wikipedia } from "./make.ts";

describe("all of Wikipedia but the English one", () => {
  it.each([
    ["de.wikipedia.org", "allowed | wikipedia | allow *.wikipedia.org"],
    ["en.wikipedia.org", "denied | wikipedia | deny en.wikipedia.org"],
    ["EN.WIKIPEDIA.ORG", "denied | wikipedia | deny en.wikipedia.org"],
    ["en.wikipedia.org.", "denied | wikipedia | deny en.wikipedia.org"],
    ["en.wikipedia.org:443", "denied | wikipedia | deny en.wikipedia.org"],
    ["en.wikipedia.org.:8443", "denied | wikipedia | deny en.wikipedia.org"],
    ["en.m.wikipedia.org", "allowed | wikipedia | allow *.wikipedia.org"],
    ["wikipedia.org", "denied | wikipedia | allow *.wikipedia.org"],
    ["example.com", "denied | wikipedia | allow *.wikipedia.org"],
    ["my_bucket.wikipedia.org", "allowed | wikipedia | allow *.wikipedia.org"],
    ["x\u0000.wikipedia.org", "denied | wikipedia | allow *.wikipedia.org"],
    ["a b.wikipedia.org", "denied | wikipedia | allow *.wikipedia.org"],
    ["203.0.113.7", "allowed"],
    ["", "allowed"],
  ])("%j: %s", (name, expected) => expect(judged([wikipedia], name)).toBe(expected));
});

describe("several policies", () => {
  const deny: Policy = { name: "d", deny: ["bad.example"] };
  const first: Policy = { name: "first", allow: ["*.one.example"] };
  const second: Policy = { name: "second", allow: ["*.two.example", "bad.example"] };

  it("deny beats allow, whatever their order", () => {
    expect(judged([second, deny], "bad.example")).toBe("denied | d | deny bad.example");
    expect(judged([deny, second], "bad.example")).toBe("denied | d | deny bad.example");
  });

  it("allow lists add up; what none has is denied by the first", () => {
    expect(judged([first, second], "a.one.example")).toBe("allowed | first | allow *.one.example");
    expect(judged([first, second], "a.two.example")).toBe("allowed | second | allow *.two.example");
    expect(judged([first, second], "c.example")).toBe("denied | first | allow *.one.example");
  });

  it("an empty allow list allows nothing", () => {
    expect(judged([{ name: "none", allow: [] }], "c.example")).toBe("denied | none | allow nothing");
  });

  it("a deny list alone allows all else, by no policy", () => {
    expect(judged([deny], "good.example")).toBe("allowed");
    expect(judged([], "good.example")).toBe("allowed");
  });
});

describe("whom a policy is for", () => {
  const of = (from: Policy["from"]): Policy[] => [{ name: "p", from, allow: [] }];
  const denied = "denied | p | allow nothing";
  it.each<[string, Policy["from"], Caller, string]>([
    ["nobody said: all", undefined, caller, denied],
    ["a namespace", { namespace: "shop" }, caller, denied],
    ["a glob of namespaces", { namespace: "sh?p*" }, caller, denied],
    ["another namespace", { namespace: "payments-*" }, caller, "allowed"],
    ["a workload", { namespace: "shop", workload: "w*" }, caller, denied],
    ["another workload", { workload: "job" }, caller, "allowed"],
    ["a label, not known", { label: { tier: "ci" } }, caller, "allowed"],
    ["a label that is there", { label: { tier: "c?" } }, { ...caller, labels: { tier: "ci", app: "x" } }, denied],
    ["a label with another value", { label: { tier: "ci" } }, { ...caller, labels: { tier: "prod" } }, "allowed"],
    ["a label that is not there", { label: { tier: "*" } }, { ...caller, labels: { app: "x" } }, "allowed"],
    [
      "one label of two",
      { label: { tier: "ci", app: "y" } },
      { ...caller, labels: { tier: "ci", app: "x" } },
      "allowed",
    ],
    [
      "a label called like a part of every object",
      { label: { constructor: "*" } },
      { ...caller, labels: {} },
      "allowed",
    ],
    ["no labels asked for", { label: {} }, caller, denied],
  ])("%s", (_, from, who, expected) => expect(said(policiesOf(of(from)), "x.example", who)).toBe(expected));

  it("names the policies that labels decide, which metrics do not tell", () => {
    expect(policiesOf([wikipedia, ...of({ label: { tier: "ci" } })]).byLabel).toEqual(["p"]);
  });
});

describe("destinations", () => {
  const policies = policiesOf([wikipedia]);
  const forbids = (change: Partial<Destination>, confirmed: string[] = []) =>
    policies.forbids(caller, destination({ protocol: "tcp", host: null, ...change }), confirmed)?.rule ?? null;

  it("by Host or SNI, and by what is no host name as far as it is one", () => {
    expect(forbids({ host: "en.wikipedia.org" })).toBe("deny en.wikipedia.org");
    expect(forbids({ host: "de.wikipedia.org" })).toBeNull();
    expect(forbids({ claim: "a_b.example" })).toBe("allow *.wikipedia.org");
    expect(forbids({ claim: "a_b.wikipedia.org:443" })).toBeNull();
    expect(forbids({ claim: "\\u0000.wikipedia.org" })).toBe("allow *.wikipedia.org");
    expect(forbids({ claim: "1.2.3.4" })).toBe("allow *.wikipedia.org");
  });

  it("a bare address by its confirmed names: nothing is decided without one, and several must all be forbidden", () => {
    const address = "203.0.113.7";
    expect(forbids({ address })).toBeNull();
    expect(forbids({ address }, ["en.wikipedia.org"])).toBe("deny en.wikipedia.org");
    expect(forbids({ address }, ["en.wikipedia.org", "de.wikipedia.org"])).toBeNull();
    expect(forbids({ address }, ["en.wikipedia.org", "x.example"])).toBe("deny en.wikipedia.org");
  });

  it("the name that the caller gave counts, and no other", () => {
    expect(forbids({ host: "de.wikipedia.org", address: "203.0.113.7" }, ["en.wikipedia.org"])).toBeNull();
  });
});

describe("wildcards that might open what is forbidden", () => {
  const against = (policy: Omit<Policy, "name">, domain = "wikipedia.org") =>
    policiesOf([{ name: "p", ...policy }]).againstWildcard("shop", domain);
  it.each<[Omit<Policy, "name">, string | null]>([
    [{ deny: ["en.wikipedia.org"] }, "p"],
    [{ deny: ["*.m.wikipedia.org"] }, "p"],
    [{ deny: ["*.org"] }, "p"],
    [{ deny: ["en.*"] }, "p"],
    [{ deny: ["wikipedia.org", "*.example.com", "notwikipedia.org"] }, null],
    [{ allow: ["*.wikipedia.org"] }, null],
    [{ allow: ["*.org"] }, null],
    [{ allow: ["de.wikipedia.org", "d*"] }, "p"],
    [{ from: { namespace: "other" }, deny: ["*"] }, null],
    [{ from: { workload: "other" }, deny: ["*"] }, "p"],
  ])("%j: %s", (policy, expected) => expect(against(policy)).toBe(expected));
});

/** The rules once more, word by word and slow. */
function reference(policies: readonly Policy[], from: Caller, name: string): boolean {
  const like = (glob: string, text: string): boolean => {
    if (glob === "") return text === "";
    if (glob.startsWith("*")) return like(glob.slice(1), text) || (text !== "" && like(glob, text.slice(1)));
    return text !== "" && (glob[0] === "?" || glob[0] === text[0]) && like(glob.slice(1), text.slice(1));
  };
  const has = (list: readonly string[]) =>
    list.some((raw) => {
      const one = raw.toLowerCase();
      if (one === "*") return name !== "";
      if (one.startsWith("*")) return name.length >= one.length && name.endsWith(one.slice(1));
      return one.endsWith("*") ? name.startsWith(one.slice(0, -1)) : one === name;
    });
  const mine = policies.filter(
    (one) => like(one.from?.namespace ?? "*", from.namespace) && like(one.from?.workload ?? "*", from.workload),
  );
  if (mine.some((one) => has(one.deny ?? []))) return false;
  const lists = mine.flatMap((one) => (one.allow === undefined ? [] : [one.allow]));
  return lists.length === 0 || lists.some(has);
}

const word = fc.constantFrom("a", "b", "ab", "A");
const name = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join("."));
const pattern = fc.oneof(
  name,
  name.map((one) => `*.${one}`),
  name.map((one) => `${one}*`),
  name.map((one) => `${one}.*`),
  fc.constant("*"),
);
const list = fc.option(fc.array(pattern, { maxLength: 4 }), { nil: undefined });
const glob = fc.option(fc.constantFrom("*", "a*", "?b", "ab", "b"), { nil: undefined });
const from = fc.option(fc.record({ namespace: glob, workload: glob }), { nil: undefined });
const policies = fc.array(fc.record({ name: fc.string(), from, allow: list, deny: list }), { maxLength: 5 });

describe("any policies", () => {
  it("decide as the rules say, asked once or again", () => {
    const place = fc.constantFrom("a", "ab", "b", "bb");
    fc.assert(
      fc.property(policies, fc.array(fc.tuple(place, place, name), { maxLength: 8 }), (all, calls) => {
        const compiled = policiesOf(all);
        for (const [namespace, workload, called] of [...calls, ...calls]) {
          const expected = reference(all, { namespace, workload }, called.toLowerCase());
          const decision = compiled.decide({ namespace, workload }, spoken(called));
          expect(decision.allowed).toBe(expected);
          expect(decision.policy === null).toBe(decision.rule === null);
          if (!decision.allowed) expect(decision.policy).not.toBeNull();
        }
      }),
      { numRuns: 3000 },
    );
  });

  const corpus: { value: string }[] = JSON.parse(
    readFileSync(new URL("../data/hostile-names.json", import.meta.url), "utf8"),
  );
  const strict = policiesOf([wikipedia]);
  const harmless = (text: string) => {
    const decision = strict.decide(caller, spoken(text));
    expect(decision.why).toMatch(/^[\x20-\x7e]+$/);
    expect(decision.why).not.toMatch(/[<>&`]/);
    if (decision.allowed && decision.policy !== null)
      expect(text.toLowerCase()).toMatch(/^[a-z0-9._-]+\.wikipedia\.org\.?(:\d+)?$/);
  };

  it("meet the hostile corpus with a printable sentence, and allow none of it", () => {
    for (const { value } of corpus) harmless(value);
  });

  it("meet any text so, with a good end too", () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        harmless(text);
        harmless(`${text}.wikipedia.org`);
      }),
      { numRuns: 3000 },
    );
  });
});
