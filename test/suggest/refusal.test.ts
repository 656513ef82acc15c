import { describe, expect, it, vi } from "vitest";
import type { Destination, Finding } from "../../lib/model.ts";
import { suggest } from "../../lib/suggest/suggest.ts";
import { Memory } from "../../lib/words/memory.ts";
import { finding, http, literal, name, reason, sighting, source, spec, suggestAll, tcp, tls } from "./make.ts";

const host = "api.stripe.com";
const claimed: Partial<Destination> = { host: null, sni: null, claim: "<!here>" };

describe("no suggestion, and the reason", () => {
  it.each<[string, Finding]>([
    ["port is not known", finding(tls(host, null))],
    ["port is not known", finding(tcp("203.0.113.7", null))],
    ["port is not known", finding(tcp("203.0.113.7", 0))],
    ["port is not known", finding(tcp("203.0.113.7", 70_000))],
    [
      "Neither a name nor an address is known: the metrics lack the address label, which the manifest of `egress-scout telemetry` adds.",
      finding(tcp(null, null)),
    ],
    ["sent as Host is no host name", finding(http(host, 80, claimed))],
    ["sent as Host is no host name", finding(http(host, 80, { ...claimed, address: "203.0.113.7" }))],
    ["sent as SNI is no host name", finding(tls(host, 443, claimed))],
    ["sent as SNI is no host name", finding(tcp("203.0.113.7", 443, { protocol: "tls" }))],
    ["is refused as a name", finding(http(host), { names: [name(host, "host", "refused")] })],
    [
      "does not resolve to the address that was dialled",
      finding(http(host), { names: [name(host, "host", "contradicted")] }),
    ],
    ["is an infrastructure name", finding(tls(host), { names: [name(host, "sni", "generic")] })],
    ["a Kubernetes service name", finding(http("db.prod.svc.cluster.local"))],
    [
      ".internal is not a name for the outside",
      finding(http("metadata.google.internal"), { names: [name("metadata.google.internal", "host", "confirmed")] }),
    ],
    ["no name for the outside: it is no host name", finding(tls("*.example.com"))],
    ["one of Istio's own addresses", finding(tcp("240.240.3.4"))],
    ["one of Istio's own addresses", finding(tcp("2001:2::3"))],
    ["one of Istio's own addresses", finding(http(host, 80, { address: "240.240.3.4" }))],
    ["special address", finding(tcp("127.0.0.1"))],
    ["special address", finding(tcp("169.254.169.254", 80))],
    ["special address", finding(literal("169.254.169.254", 80))],
    ["special address", finding(tcp("64:ff9b::a9fe:a9fe", 80))],
    ["special address", finding(tcp("224.0.0.1"))],
    ["special address", finding(http("rebind.example.com", 80, { address: "169.254.169.254" }))],
    ["no IP address", finding(tcp("203.0.113.007"))],
    ["namespace is not known", finding(tls(host), { source: source({ namespace: "unknown" }) })],
    ["namespace is not known", finding(tls(host), { source: source({ namespace: "" }) })],
    [
      '"a\\nb" is no namespace'.replace("\\n", "\\u000a"),
      finding(tls(host), { source: source({ namespace: "a\nb" }) }),
    ],
    ["is no namespace", finding(tls(host), { source: source({ namespace: "a".repeat(64) }) })],
    ["telemetry that is missing", finding(tls(host), { kind: "blind" })],
    ["may be a scan", finding(tls(host), { kind: "fan-out" })],
    ["is not to be trusted", finding(tls(host), { kind: "name-mismatch" })],
    ["would undo the policy", finding(tls(host), { kind: "policy-violation" })],
    ["It is over", finding(tls(host), { kind: "blocked-spike", state: "resolved" })],
  ])("%s", (part, one) => {
    expect(reason(one)).toContain(part);
    expect(suggestAll([one])[0]!.suggestions).toEqual([]);
  });

  it("lets a good name stand when one of its addresses is real", () => {
    expect(
      reason(finding(http(host, 80, { address: "240.240.3.4" }), { addresses: ["240.240.3.4", "3.18.12.63"] })),
    ).toBeNull();
  });

  it("silences every finding about a sighting that a policy or a mismatch speaks against", () => {
    const found = [finding(tls(host)), finding(tls(host), { kind: "policy-violation" }), finding(tls(host, 8443))];
    const [same, , other] = suggestAll(
      found,
      found.map((one) => sighting(one.destination, { key: one.key })),
    );
    expect(same!.noSuggestion).toContain("would undo the policy");
    expect(spec(other!.suggestions[0]!.manifest).ports).toEqual([{ number: 8443, name: "tls-8443", protocol: "TLS" }]);
  });

  it("replaces what was there before, and changes nothing else", () => {
    const [again] = suggestAll(suggestAll([finding(tls(host))]));
    expect(again!.suggestions).toHaveLength(1);
    const [gone] = suggestAll([{ ...again!, kind: "blind" }]);
    expect(gone).toMatchObject({ suggestions: [], noSuggestion: expect.any(String) });
    expect({ ...again!, suggestions: [], noSuggestion: null }).toEqual(finding(tls(host)));
  });

  it("does not ask what is remembered when there is nothing to suggest", () => {
    const memory = new Memory([sighting(tls(host))]);
    const asked = vi.spyOn(memory, "get");
    suggest([finding(tcp(null))], { memory, settings: {} });
    expect(asked).not.toHaveBeenCalled();
    suggest([finding(tls(host))], { memory, settings: {} });
    expect(asked).toHaveBeenCalled();
    expect(suggestAll([])).toEqual([]);
  });
});
