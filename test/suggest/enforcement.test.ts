/** What enforces a policy at the egress gateway, and when nothing can. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Finding, Manifest, Suggestion } from "../../lib/model.ts";
import { type Policy, policiesOf } from "../../lib/policy/index.ts";
import { suggest } from "../../lib/suggest/suggest.ts";
import { Memory } from "../../lib/words/memory.ts";
import { wikipedia } from "../policy/make.ts";
import { admitAll } from "./admit-all.ts";
import { finding, grpc, http, name, source, tcp, tls } from "./make.ts";

const gateway = { namespace: "istio-system", selector: { istio: "egressgateway" } };
const violation = (host: string, change: Partial<Finding> = {}) =>
  finding(tls(host), { kind: "policy-violation", ...change });
const settings = { egressGateway: gateway };

function answered(one: Finding, list: readonly Policy[], context: Partial<Parameters<typeof suggest>[1]> = {}) {
  const [made] = suggest([one], { memory: new Memory(), settings, policies: policiesOf(list), ...context });
  return made!;
}
const made = (...args: Parameters<typeof answered>): Suggestion & { manifest: Manifest } => {
  const { suggestions, noSuggestion } = answered(...args);
  const [only] = suggestions;
  if (only === undefined || "items" in only.manifest) throw new Error(noSuggestion ?? "");
  return { ...only, manifest: only.manifest };
};
const rule = (...args: Parameters<typeof answered>) => (made(...args).manifest.spec.rules as unknown[])[0];
const reason = (...args: Parameters<typeof answered>) => answered(...args).noSuggestion;

describe("all of Wikipedia but the English one", () => {
  it("denies the SNI at the gateway, for all: nothing has to know who calls", () => {
    const { manifest, yaml, confidence } = made(violation("en.wikipedia.org"), [wikipedia]);
    expect(manifest).toMatchObject({
      apiVersion: "security.istio.io/v1",
      kind: "AuthorizationPolicy",
      metadata: { name: expect.stringMatching(/^egress-wikipedia-deny-[0-9a-f]{8}$/), namespace: "istio-system" },
      spec: {
        selector: { matchLabels: { istio: "egressgateway" } },
        action: "DENY",
        rules: [{ when: [{ key: "connection.sni", values: ["en.wikipedia.org"] }] }],
      },
    });
    expect(parse(yaml, { version: "1.1" })).toEqual(manifest);
    expect(confidence).toBe("medium");
    expect(admitAll(manifest)).toEqual([]);
  });

  it("denies what has an SNI that is not on the allow list, and spares what has none", () => {
    expect(rule(violation("example.com"), [wikipedia])).toEqual({
      when: [{ key: "connection.sni", values: ["*"], notValues: ["*.wikipedia.org"] }],
    });
  });

  it("is one and the same object for every violation of the rule, in every run", () => {
    const [a, b] = ["a.example.com", "b.example.com"].map((host) => made(violation(host), [wikipedia]).yaml);
    expect(a).toBe(b);
  });

  it("says what must be true for it to work", () => {
    const { warnings, why } = made(violation("en.wikipedia.org"), [wikipedia]);
    const said = warnings.join("\n");
    expect(said).toContain("goes out past the gateway today");
    expect(said).toMatch(/PASSTHROUGH, or the sidecar wraps the call in ISTIO_MUTUAL/);
    expect(said).not.toContain("source.namespaces");
    expect(why.join("\n")).toMatch(/lower case/);
    expect(why[0]).toContain('its rule is "deny en.wikipedia.org"');
    const through = made(violation("en.wikipedia.org"), [wikipedia], { throughGateway: () => true });
    expect(through.warnings.join()).not.toContain("past the gateway");
  });
});

describe("whom it is for", () => {
  const of = (from: Policy["from"], rest: Partial<Policy> = { deny: ["EN.Wikipedia.org"] }): Policy[] => [
    { name: "p", from, ...rest },
  ];
  const one = violation("en.wikipedia.org");

  it.each(["payments", "pay*", "*ments"])("namespaces as Istio spells them: %s", (namespace) => {
    expect(rule(one, of({ namespace, workload: "*" }))).toEqual({
      from: [{ source: { namespaces: [namespace] } }],
      when: [{ key: "connection.sni", values: ["en.wikipedia.org"] }],
    });
    const { warnings, manifest } = made(one, of({ namespace }));
    expect(warnings.join()).toContain("source.namespaces needs mTLS up to the gateway (ISTIO_MUTUAL)");
    expect(admitAll(manifest)).toEqual([]);
  });

  it.each(["pay*ts", "payment?", "*pay*"])("and not %s, for which Istio has no pattern", (namespace) => {
    expect(reason(one, of({ namespace }))).toContain("Istio has no pattern for the namespaces");
  });

  it("not one workload: the gateway knows service accounts", () => {
    expect(reason(one, of({ workload: "checkout" }))).toContain("by namespace and service account");
  });

  it("the caller's namespace alone where several allow lists add up, with all of them", () => {
    const list = [...of({ namespace: "p*" }, { allow: ["*.a.example"] }), { name: "q", allow: ["*.b.example"] }];
    expect(rule(violation("c.example"), list)).toEqual({
      from: [{ source: { namespaces: ["payments"] } }],
      when: [{ key: "connection.sni", values: ["*"], notValues: ["*.a.example", "*.b.example"] }],
    });
    const byWorkload = [...list, { name: "r", from: { workload: "x" }, allow: ["*.c.example"] }];
    expect(reason(violation("c.example"), byWorkload)).toContain("by namespace and service account");
  });

  it("everything with an SNI, where an allow list is empty", () => {
    expect(rule(one, of({ namespace: "payments" }, { allow: [] }))).toMatchObject({
      when: [{ key: "connection.sni", values: ["*"] }],
    });
  });
});

describe("nothing is suggested", () => {
  const list = [{ name: "p", deny: ["*.wikipedia.org"] }];
  const one = violation("en.wikipedia.org");
  it.each<[string, Finding, Partial<Parameters<typeof suggest>[1]>, string]>([
    ["without a gateway in the config", one, { settings: {} }, "`suggest.egressGateway` of the config names none"],
    [
      "where the mesh blocks it already",
      { ...one, destination: { ...one.destination, verdict: "blocked" } },
      {},
      "blocks it already",
    ],
    ["when it is over", { ...one, state: "resolved" }, {}, "It is over"],
    [
      "for raw TCP, which has no SNI",
      {
        ...finding(tcp("203.0.113.7"), { kind: "policy-violation" }),
        names: [name("en.wikipedia.org", "ptr", "confirmed")],
      },
      {},
      "raw TCP has none",
    ],
    ["where no policy forbids it any more", violation("de.example"), {}, "would undo the policy"],
  ])("%s", (_, found, context, text) => {
    const { suggestions, noSuggestion } = answered(found, list, context);
    expect(suggestions).toEqual([]);
    expect(noSuggestion).toContain(text);
  });

  it("but plain HTTP and gRPC have the policy too, with what they need", () => {
    for (const to of [http("en.wikipedia.org"), grpc("en.wikipedia.org")]) {
      const { warnings } = made(finding(to, { kind: "policy-violation" }), list);
      expect(warnings.join()).toContain("which has no SNI of its own");
    }
  });
});

describe("any policy's object", () => {
  it("is one that a cluster takes, whatever the policy is called", () => {
    const pattern = fc.constantFrom("a.example", "*.A.example", "api*", "api.*", "*");
    const policy = fc.record({
      name: fc.string({ unit: "binary", minLength: 1 }),
      from: fc.record({ namespace: fc.constantFrom("*", "payments", "pay*", "*s") }),
      deny: fc.array(pattern, { minLength: 1, maxLength: 4 }),
    });
    fc.assert(
      fc.property(policy, (one) => {
        const { suggestions } = answered(violation("api.a.example", { source: source() }), [
          { ...one, deny: [...one.deny, "*"] },
        ]);
        expect(suggestions).toHaveLength(1);
        for (const { manifest, yaml, why, warnings } of suggestions) {
          expect(admitAll(manifest)).toEqual([]);
          expect(yaml).toMatch(/^[\x20-\x7e\n]+$/);
          expect([...why, ...warnings].join("")).toMatch(/^[\x20-\x25\x27-\x3b=\x3f-\x5f\x61-\x7e]+$/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
