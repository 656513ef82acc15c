/** Nothing that a policy forbids is ever opened: not by its own entry, not by one for others. */
import { describe, expect, it } from "vitest";
import type { Finding, Sighting } from "../../lib/model.ts";
import { type Policy, policiesOf } from "../../lib/policy/index.ts";
import { suggest } from "../../lib/suggest/suggest.ts";
import { Memory } from "../../lib/words/memory.ts";
import { finding, http, name, objects, sighting, source, tcp, tls } from "./make.ts";

const host = "api.stripe.com";
const egressGateway = { namespace: "istio-system", selector: { istio: "egressgateway" } };
const run = (findings: Finding[], policies: Policy[], sightings: Sighting[] = []) =>
  suggest(findings, {
    memory: new Memory(sightings),
    settings: { egressGateway, istio: "1.30" },
    policies: policiesOf(policies),
  });
const deny = (from: Policy["from"], ...names: string[]): Policy => ({ name: "p", from, deny: names });
const at = (namespace: string, workload = "w") => ({ source: source({ namespace, workload }) });
const opened = (findings: readonly Finding[]): string[] =>
  findings.flatMap(({ suggestions }) =>
    suggestions.flatMap(({ manifest }) =>
      objects(manifest).flatMap((one) => (one.kind === "ServiceEntry" ? (one.spec.hosts as string[]) : [])),
    ),
  );

describe("a forbidden destination", () => {
  it.each([
    ["a new destination", finding(tls(host))],
    ["a spike", finding(tls(host), { kind: "blocked-spike" })],
    ["a blocked one", finding(tls(host, 443, { verdict: "blocked" }))],
    ["plain HTTP", finding(http(host))],
    ["an address that DNS confirms", finding(tcp("203.0.113.7"), { names: [name(host, "ptr", "confirmed")] })],
  ])("has no ServiceEntry: %s", (_, one) => {
    expect(opened(run([one], []))).not.toEqual([]);
    const [made] = run([one], [deny({}, host)]);
    expect(made?.suggestions).toEqual([]);
    expect(made?.noSuggestion).toContain("A manifest would undo the policy");
  });

  it("has none where no list allows it either", () => {
    expect(opened(run([finding(tls(host))], [{ name: "p", allow: ["*.example.com"] }]))).toEqual([]);
  });

  it("has none for another workload of the namespace, found now or remembered: an entry is for all of it", () => {
    const policy = deny({ workload: "bad" }, host);
    const good = finding(tls(host), at("shop", "good"));
    const [alone] = run([good], [policy]);
    expect(opened([alone!])).toContain(host);
    const both = run([good, finding(tls(host), at("shop", "bad"))], [policy]);
    expect(opened(both)).toEqual([]);
    expect(both[0]?.noSuggestion).toContain("shop/bad may not call it");
    expect(opened(run([good], [policy], [sighting(tls(host), at("shop", "bad"))]))).toEqual([]);
  });

  it("is in no entry for several namespaces, nor led through the gateway with them", () => {
    const policy = deny({ namespace: "bad" }, host);
    const good = ["a", "b"].map((namespace) => finding(tls(host), at(namespace)));
    const bad = finding(tls(host), at("bad"));
    const remembered = [sighting(tls(host), at("bad"))];
    for (const made of [run([...good, bad], [policy]), run(good, [policy], remembered)]) {
      const text = JSON.stringify(made.flatMap((one) => one.suggestions));
      expect(opened(made)).toContain(host);
      expect(text).not.toContain('"bad"');
      expect(text).toContain('"exportTo":[".","b"]');
    }
  });

  it("nor where the forbidden caller is but one workload of such a namespace", () => {
    const good = [finding(tls(host), at("a")), finding(tls(host), at("b", "good"))];
    const policy = deny({ workload: "bad" }, host);
    const text = (sightings: Sighting[]) => JSON.stringify(run(good, [policy], sightings)[0]?.suggestions);
    expect(text([])).toContain('"exportTo":[".","b"]');
    expect(text([sighting(tls(host), at("b", "bad"))])).not.toContain('"b"');
  });

  it("is under no wildcard, though nobody called it", () => {
    const hosts = ["a", "b", "c"].map((one) => finding(tls(`${one}.stripe.com`)));
    expect(opened(run(hosts, []))).toContain("*.stripe.com");
    expect(opened(run(hosts, [deny({}, "x.stripe.com")]))).not.toContain("*.stripe.com");
    expect(opened(run(hosts, [{ name: "p", allow: ["a.stripe.com", "b.*", "c.*"] }]))).not.toContain("*.stripe.com");
    expect(opened(run(hosts, [{ name: "p", allow: ["*.stripe.com"] }]))).toContain("*.stripe.com");
  });

  it("takes nothing from the others", () => {
    const one = finding(tls("other.example.com"));
    expect(run([one], [deny({}, host)])).toEqual(run([one], []));
  });
});

describe("what goes through the egress gateway", () => {
  it("has no entry at the caller", () => {
    const [made] = suggest([finding(tls(host))], { memory: new Memory(), settings: {}, throughGateway: () => true });
    expect(made?.suggestions).toEqual([]);
    expect(made?.noSuggestion).toContain("goes through the egress gateway");
    const blocked = finding(tls(host, null, { verdict: "blocked" }));
    const [none] = suggest([blocked], { memory: new Memory(), settings: {}, throughGateway: () => true });
    expect(none?.noSuggestion).toContain("no way on");
  });
});
