import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Destination, Finding, Sighting, Suggestion } from "../../lib/model.ts";
import type { SuggestSettings } from "../../lib/suggest/suggest.ts";
import { suggest } from "../../lib/suggest/suggest.ts";
import { Memory } from "../../lib/words/memory.ts";
import { admit } from "../admission/admit.ts";
import { finding, grpc, http, name, ports, sighting, source, spec, suggestAll, tcp, tls } from "./make.ts";

const hosts = ["a.example.com", "b.example.com", "c.eu.example.com"];
const three = (make: (host: string) => Destination, change: Partial<Finding> = {}): Finding[] =>
  hosts.map((host) => finding(make(host), change));
const owned = (team: string): Partial<Finding> => ({ owner: { team, from: "config", channels: [] } });

/** The second suggestion of each finding; null where there is none. */
const wildcards = (
  findings: readonly Finding[],
  sightings: readonly Sighting[] = [],
  settings: SuggestSettings = {},
): (Suggestion | null)[] => suggestAll(findings, sightings, settings).map((one) => one.suggestions[1] ?? null);
const none = (count: number) => Array.from({ length: count }, () => null);
const hostsOf = (made: readonly (Suggestion | null)[]) => made.map((one) => one && spec(one.manifest).hosts);

describe("three hosts of one domain, called alike", () => {
  it("have a wildcard beside their own entries, which stay first and as they were", () => {
    const alone = hosts.map((host) => suggestAll([finding(tls(host))])[0]?.suggestions);
    const together = suggestAll(three(tls));
    expect(together.map(({ suggestions }) => suggestions.slice(0, 1))).toEqual(alone);
    expect(together.map(({ suggestions }) => suggestions.length)).toEqual([2, 2, 2]);
    const [wildcard] = together.map(({ suggestions }) => suggestions[1]);
    for (const { suggestions } of together) expect(suggestions[1]).toEqual(wildcard);
    expect(wildcard?.manifest).toEqual({
      apiVersion: "networking.istio.io/v1",
      kind: "ServiceEntry",
      metadata: {
        name: expect.stringMatching(/^any-example-com-[0-9a-f]{8}$/),
        namespace: "payments",
        labels: { "app.kubernetes.io/created-by": "egress-scout" },
        annotations: {
          "egress-scout/first-seen": "2026-11-22",
          "egress-scout/review-by": "2027-02-20",
          "egress-scout/seen-from": "checkout",
        },
      },
      spec: {
        hosts: ["*.example.com"],
        ports: [{ number: 443, name: "tls-443", protocol: "TLS" }],
        location: "MESH_EXTERNAL",
        resolution: "NONE",
        exportTo: ["."],
      },
    });
    expect(admit(wildcard?.manifest)).toEqual([]);
    expect(parse(wildcard?.yaml ?? "", { version: "1.1" })).toEqual(wildcard?.manifest);
    expect(wildcard?.yaml).toContain('  hosts:\n    - "*.example.com"\n');
  });

  it("are named in its reasons, and what else it opens in its warnings", () => {
    const [wildcard] = wildcards(three(tls));
    expect(wildcard?.confidence).toBe("low");
    expect(wildcard?.why).toEqual([
      "It would cover a.example.com, b.example.com, c.eu.example.com, seen from payments on port 443 (TLS).",
      "Resolution NONE, since there is no one name that Envoy could look up: connections go where they were dialled.",
      "Covers 3 of 3 flows seen, conflicts: none.",
    ]);
    expect(wildcard?.warnings).toEqual([
      "It opens more than was seen: every name under example.com, present and future. The exact entry opens one.",
      "With resolution NONE Envoy goes where the workload dialled: any address on port 443 is open to a workload that forges a Host header or SNI under example.com.",
      "example.com itself is not covered.",
    ]);
    const [blocked] = wildcards(three((host) => tls(host, 443, { verdict: "blocked" })));
    expect(blocked?.warnings[0]).toBe(
      "a.example.com, b.example.com, c.eu.example.com are blocked today: applying this opens it.",
    );
  });

  it("shows twenty of many", () => {
    const many = Array.from({ length: 25 }, (_, index) => finding(tls(`h${index + 10}.example.com`)));
    expect(wildcards(many)[0]?.why[0]).toMatch(
      /^It would cover h10\.example\.com, .*h29\.example\.com and 5 more, seen/,
    );
  });

  it("may be known from memory, of any workload of theirs", () => {
    const [, b, c] = hosts.map((host) => sighting(tls(host)));
    expect(hostsOf(wildcards([finding(tls("a.example.com"))], [b!, c!]))).toEqual([["*.example.com"]]);
    const elsewhere = { source: source({ workload: "refunds" }) };
    const others = [sighting(tls("b.example.com"), elsewhere), sighting(tls("c.example.com"), elsewhere)];
    expect(hostsOf(wildcards([finding(tls("a.example.com"))], others))).toEqual([["*.example.com"]]);
  });

  it("may be HTTP or gRPC, on several ports", () => {
    expect(wildcards(three(http)).map((one) => one && ports(one.manifest))).toEqual([
      ["80 http-80 HTTP"],
      ["80 http-80 HTTP"],
      ["80 http-80 HTTP"],
    ]);
    const both = wildcards([...three(tls), ...three(grpc), finding(tls("a.example.com", 8443))]);
    expect(both.map((one) => one && ports(one.manifest))).toEqual([
      ...Array.from({ length: 6 }, () => ["443 tls-443 TLS", "50051 grpc-50051 GRPC"]),
      null,
    ]);
    for (const one of both) if (one !== null) expect(admit(one.manifest)).toEqual([]);
  });
});

describe("there is none", () => {
  it("for fewer than three hosts, however often they were seen", () => {
    const two = [finding(tls("a.example.com")), finding(tls("b.example.com"))];
    const again = [sighting(tls("a.example.com"), { source: source({ workload: "refunds" }) })];
    expect(wildcards(two, [...two.map(({ key, destination }) => sighting(destination, { key })), ...again])).toEqual(
      none(2),
    );
  });

  it("for hosts that differ in port, protocol, domain, namespace, cluster or owner", () => {
    const [a, b] = [finding(tls("a.example.com")), finding(tls("b.example.com"))];
    const others: Finding[] = [
      finding(tls("c.example.com", 8443)),
      finding(http("c.example.com", 443)),
      finding(tls("c.example.org")),
      finding(tls("c.example.com"), { source: source({ namespace: "web" }) }),
      finding(tls("c.example.com"), { source: source({ cluster: "test" }) }),
      finding(tls("c.example.com"), { source: source({ workload: "refunds" }), ...owned("refunds") }),
      finding(tls("example.com")),
    ];
    for (const other of others) expect(wildcards([a, b, other])).toEqual(none(3));
  });

  it("for raw TCP, be it to an address that has a name", () => {
    const named = ["a", "b", "c"].map((label, index) =>
      finding(tcp(`203.0.113.${index}`), { names: [name(`${label}.example.com`, "ptr", "confirmed")] }),
    );
    expect(suggestAll(named).map((one) => spec(one.suggestions[0]!.manifest).hosts[0])).toEqual(
      ["a", "b", "c"].map((label) => `${label}.example.com`),
    );
    expect(wildcards(named)).toEqual(none(3));
    // Nor for the TCP beside hosts that have one: it sends no name that would match.
    const beside = finding(tcp("203.0.113.9", 443), { names: [name("a.example.com", "ptr", "confirmed")] });
    expect(hostsOf(wildcards([...three(tls), beside]))).toEqual([
      ["*.example.com"],
      ["*.example.com"],
      ["*.example.com"],
      null,
    ]);
  });

  it.each([
    "zendesk.com",
    "s3.eu-west-1.amazonaws.com",
    "blob.core.windows.net",
    "core.windows.net",
    "github.io",
    "co.uk",
    "nip.io",
    "nosuchtld",
    "your-server.de",
  ])("on %s: it would be everybody's", (suffix) => {
    const made = suggestAll(["a", "b", "c"].map((label) => finding(tls(`${label}x.${suffix}`))));
    expect(made.map(({ suggestions }) => suggestions.length)).toEqual([1, 1, 1]);
  });

  it("for machines of many that have their address in the name", () => {
    const machines = ["203-0-113-7", "203-0-113-8", "203-0-113-9"].map((label) => finding(tls(`${label}.example.com`)));
    expect(wildcards(machines)).toEqual(none(3));
  });

  it.each(["contradicted", "refused", "generic"] as const)("where a name of the domain is %s", (trust) => {
    const bad = finding(tls("d.example.com"), { names: [name("d.example.com", "sni", trust)] });
    const made = suggestAll([...three(tls), bad]);
    expect(made.map(({ suggestions }) => suggestions.length)).toEqual([1, 1, 1, 0]);
    const remembered = sighting(tls("d.example.com"), { name: name("d.example.com", "sni", trust) });
    expect(wildcards(three(tls), [remembered])).toEqual(none(3));
    // In another namespace it does no harm here.
    const far = sighting(tls("d.example.com"), { ...remembered, source: source({ namespace: "web" }), key: "far" });
    expect(hostsOf(wildcards(three(tls), [far]))).toEqual(hosts.map(() => ["*.example.com"]));
  });

  it.each(["policy-violation", "name-mismatch"] as const)("where a %s forbids a name of the domain", (kind) => {
    const denied = finding(tls("d.example.com"), { kind });
    expect(wildcards([...three(tls), denied])).toEqual(none(4));
  });

  it("for a port that two protocols share among the hosts", () => {
    expect(wildcards([...three((host) => tls(host, 8443)), finding(http("d.example.com", 8443))])).toEqual(none(4));
  });

  it("where its protocol is not the one of the host's own entry", () => {
    const plain = hosts.map((host, index) => sighting(http(host, 443), { firstSeen: 2, key: `h${index}` }));
    // Only the own entry counts this one, and hence has TLS: a wildcard does not rest on what led nowhere outside.
    const older = sighting(tls(hosts[0]!, 443, { address: "127.0.0.1" }), { firstSeen: 1, key: "older" });
    const [made] = suggestAll([finding(tls(hosts[0]!))], [...plain, older]);
    expect(made?.suggestions.map(({ manifest }) => ports(manifest))).toEqual([["443 tls-443 TLS"]]);
  });

  it("out of sightings that lead nowhere outside, or that no manifest may rest on", () => {
    const two = [finding(tls("a.example.com")), finding(tls("b.example.com"))];
    expect(wildcards(two, [sighting(tls("c.example.com", 443, { address: "127.0.0.1" }))])).toEqual(none(2));
    expect(wildcards(two, [sighting(tls("c.example.com", null))])).toEqual(none(2));
    const spread = finding(tls("c.example.com"), { kind: "fan-out" });
    expect(wildcards([...two, spread], [sighting(spread.destination, { key: spread.key })])).toEqual(none(3));
  });
});

describe("owners", () => {
  const mine = { source: source({ workload: "a" }), ...owned("mine") };
  const yours = { source: source({ workload: "b" }), ...owned("yours") };

  it("are told apart in one namespace, which has one wildcard all the same", () => {
    const one = [...three(tls, mine), finding(tls("z.example.com"), yours)];
    expect(hostsOf(wildcards(one))).toEqual([...hosts.map(() => ["*.example.com"]), null]);
    expect(wildcards(one)[0]?.why[0]).not.toContain("z.example.com");
    const two = wildcards([...three(tls, mine), ...three((host) => tls(`y${host}`, 8443), yours)]);
    expect(new Set(two.map((each) => each?.yaml)).size).toBe(1);
    expect(ports(two[0]!.manifest)).toEqual(["443 tls-443 TLS", "8443 tls-8443 TLS"]);
  });

  it("of sightings are those of their workload, or else of the namespace where it has but one, or as the caller knows", () => {
    const known = [sighting(tls("b.example.com")), sighting(tls("c.example.com"))].map((one, index) => ({
      ...one,
      key: `s${index}`,
      source: source({ workload: "other" }),
    }));
    const a = finding(tls("a.example.com"), mine);
    expect(hostsOf(wildcards([a], known))).toEqual([["*.example.com"]]);
    expect(wildcards([a, finding(tls("x.example.org"), yours)], known)).toEqual(none(2));
    const asked = (team: string) =>
      suggest([a], { memory: new Memory(known), settings: {}, teamOf: () => team })[0]?.suggestions.length;
    expect([asked("mine"), asked("yours")]).toEqual([2, 1]);
  });
});

describe("the resolution", () => {
  it.each([
    [undefined, "NONE"],
    ["1.27", "NONE"],
    ["1.29", "NONE"],
    ["1.3", "NONE"],
    ["1.30", "DYNAMIC_DNS"],
    ["1.30.4", "DYNAMIC_DNS"],
    ["1.31", "DYNAMIC_DNS"],
    ["2.0", "DYNAMIC_DNS"],
    ["latest", "NONE"],
  ])("in Istio %s is %s, and the manifest is admitted", (istio, resolution) => {
    for (const make of [tls, http, grpc]) {
      const [made] = wildcards(three(make), [], istio === undefined ? {} : { istio });
      expect(spec(made!.manifest).resolution).toBe(resolution);
      expect(admit(made!.manifest)).toEqual([]);
      expect(made!.warnings.join().includes("With resolution NONE")).toBe(resolution === "NONE");
      expect(made!.warnings.join().includes("Istio 1.30 or later")).toBe(resolution === "DYNAMIC_DNS");
      expect(made!.warnings.join()).toContain("every name under example.com, present and future");
    }
  });

  it("leaves the exact entries as they are", () => {
    const exact = (settings: SuggestSettings) =>
      suggestAll(three(tls), [], settings).map(({ suggestions }) => suggestions[0]);
    expect(exact({ istio: "1.31" })).toEqual(exact({}));
  });
});
