import { describe, expect, it } from "vitest";
import { admit } from "../admission/admit.ts";
import {
  finding,
  grpc,
  http,
  name,
  onlyOne,
  ports,
  sighting,
  source,
  spec,
  suggestAll,
  suggestOne,
  tcp,
  tls,
} from "./make.ts";

const stripe = "api.stripe.com";

describe("a host named by Host or SNI", () => {
  it("becomes a ServiceEntry in the caller's namespace, ready to apply", () => {
    const { manifest, yaml, confidence, why } = suggestOne(
      finding(http(stripe, 80, { address: "3.18.12.63" }), { names: [name(stripe, "host", "confirmed")] }),
    );
    expect(manifest).toEqual({
      apiVersion: "networking.istio.io/v1",
      kind: "ServiceEntry",
      metadata: {
        name: expect.stringMatching(/^api-stripe-com-[0-9a-f]{8}$/),
        namespace: "payments",
        labels: { "app.kubernetes.io/created-by": "egress-scout" },
        annotations: {
          "egress-scout/first-seen": "2026-11-22",
          "egress-scout/review-by": "2027-02-20",
          "egress-scout/seen-from": "checkout",
        },
      },
      spec: {
        hosts: [stripe],
        ports: [{ number: 80, name: "http-80", protocol: "HTTP" }],
        location: "MESH_EXTERNAL",
        resolution: "DNS",
        exportTo: ["."],
      },
    });
    expect(admit(manifest)).toEqual([]);
    expect(confidence).toBe("high");
    expect(why[0]).toBe("Host header api.stripe.com seen 12 times from payments/checkout, port 80.");
    expect(yaml).toContain('    - "api.stripe.com"\n');
  });

  it("is HTTP, GRPC or TLS as the traffic was", () => {
    const made = [finding(http("a.example.com", 8080)), finding(grpc("b.example.com")), finding(tls("c.example.com"))];
    expect(suggestAll(made).map((one) => ports(onlyOne(one).manifest))).toEqual([
      ["8080 http-8080 HTTP"],
      ["50051 grpc-50051 GRPC"],
      ["443 tls-443 TLS"],
    ]);
  });

  it("is believed as far as its trust goes", () => {
    expect(suggestOne(finding(http(stripe))).confidence).toBe("medium");
    expect(suggestOne(finding(http(stripe), { names: [name(stripe, "host", "claimed")] })).warnings.join()).toContain(
      "nothing confirms",
    );
    expect(suggestOne(finding(tls(stripe))).confidence).toBe("high");
    expect(suggestOne(finding(tls(stripe), { names: [name(stripe, "sni", "confirmed")] })).warnings).toEqual([]);
    // One of its addresses confirms the name; the Host, judged by all of them, stays a claim.
    const partly = { names: [name(stripe, "host", "claimed"), name(stripe, "ptr", "confirmed")] };
    expect(suggestOne(finding(http(stripe), partly)).confidence).toBe("medium");
    const privately = finding(http(stripe, 80, { address: "10.1.2.3" }), {
      names: [name(stripe, "host", "confirmed")],
    });
    expect(suggestOne(privately).confidence).toBe("low");
    expect(suggestOne(privately).warnings.join()).toContain("10.1.2.3 is private");
  });

  it("is not disbelieved because its PTR is a provider's own", () => {
    const host = "ec2-203-0-113-7.compute-1.amazonaws.com";
    const names = [name(host, "host", "claimed"), name(host, "ptr", "generic")];
    expect(spec(suggestOne(finding(http(host), { names })).manifest).hosts).toEqual([host]);
  });

  it("is exported as the settings say", () => {
    const exported = (exportTo: string[]) => spec(suggestOne(finding(tls(stripe)), [], { exportTo }).manifest).exportTo;
    expect(exported([".", "istio-system"])).toEqual([".", "istio-system"]);
    expect(exported([".", "payments"])).toEqual(["."]);
    expect(exported(["*", "."])).toEqual(["*"]);
    expect(exported([])).toBeUndefined();
  });

  it("warns of what is blocked today, of plain HTTP on 443 and of punycode", () => {
    expect(suggestOne(finding(http(stripe, 443, { verdict: "blocked" }))).warnings).toEqual(
      expect.arrayContaining([
        expect.stringContaining("blocked today"),
        expect.stringContaining("Plain HTTP on port 443"),
      ]),
    );
    expect(suggestOne(finding(tls("xn--80ak6aa92e.com"))).warnings.join()).toContain("xn--");
    expect(suggestOne(finding(tls(stripe), { count: 1 })).why[0]).toBe(
      "SNI api.stripe.com seen once from payments/checkout, port 443.",
    );
  });
});

describe("all ports of a host in one manifest", () => {
  it("takes the other findings' and the remembered ports of the namespace, and no others", () => {
    const other = { source: source({ workload: "refunds" }) };
    const findings = [finding(http(stripe, 80)), finding(tls(stripe, 443), other)];
    const remembered = [
      sighting(tls(stripe, 8443), { source: source({ workload: "old" }) }),
      sighting(tls(stripe, 9443), { source: source({ namespace: "web" }) }),
      sighting(tls(stripe, 9444), { source: source({ cluster: "test" }) }),
      sighting(tls("files.stripe.com", 9445)),
      sighting(http(stripe, null)),
    ];
    const [first, second] = suggestAll(findings, remembered).map(onlyOne);
    expect(ports(first!.manifest)).toEqual(["80 http-80 HTTP", "443 tls-443 TLS", "8443 tls-8443 TLS"]);
    expect(second!.manifest).toEqual(first!.manifest);
    expect(second!.yaml).toBe(first!.yaml);
    expect(first!.why).toContain("Port 8443 (TLS) is also known from payments/old.");
    expect(second!.why[0]).toContain("payments/refunds");
  });

  it("keeps its name when ports join, and the order of the input leaves no trace", () => {
    const findings = [finding(http(stripe)), finding(tls(stripe)), finding(grpc(stripe))];
    const alone = suggestOne(finding(http(stripe))).manifest;
    const together = suggestAll(findings).map((one) => onlyOne(one).manifest);
    const reversed = suggestAll([...findings].reverse()).map((one) => onlyOne(one).manifest);
    expect(together[0]!.metadata.name).toBe(alone.metadata.name);
    expect(reversed[0]).toEqual(together[0]);
  });

  it("says when a remembered port is blocked, and that applying opens it", () => {
    const { warnings } = suggestOne(finding(tls(stripe)), [sighting(tls(stripe, 22, { verdict: "blocked" }))]);
    expect(warnings).toContain("Port 22 is blocked today too: applying this opens what is listed here.");
  });

  it("learns nothing from what another finding may not rest on", () => {
    const bad = finding(tls(stripe, 22), {
      source: source({ workload: "evil" }),
      names: [name(stripe, "sni", "contradicted")],
    });
    const [good, refused] = suggestAll(
      [finding(tls(stripe)), bad],
      [sighting(bad.destination, { source: bad.source, key: bad.key })],
    );
    expect(ports(onlyOne(good).manifest)).toEqual(["443 tls-443 TLS"]);
    expect(refused!.noSuggestion).toContain("does not resolve");
  });

  it("still learns from what is over", () => {
    const over = finding(tls(stripe, 8443), { kind: "blocked-spike", state: "resolved" });
    const [good] = suggestAll([finding(tls(stripe)), over], [sighting(over.destination, { key: over.key })]);
    expect(ports(onlyOne(good).manifest)).toEqual(["443 tls-443 TLS", "8443 tls-8443 TLS"]);
  });

  it("says nothing twice: neither its own sighting, nor its own port among the blocked, nor a long list", () => {
    const own = finding(tls(stripe, 443, { verdict: "blocked" }));
    const { why, warnings } = suggestOne(own, [sighting(own.destination, { key: own.key })]);
    expect(why).toEqual([
      expect.stringContaining("seen 12 times"),
      expect.stringContaining("Resolution DNS"),
      "Covers 1 of 1 flows seen, conflicts: none.",
    ]);
    expect(warnings).toEqual([
      "It is blocked today: applying this opens it.",
      expect.stringContaining("The SNI is what the workload wrote"),
    ]);
    const many = Array.from({ length: 20 }, (_, index) => sighting(tls(stripe, 1000 + index)));
    expect(suggestOne(finding(tls(stripe)), many).why).toHaveLength(9);
    expect(suggestOne(finding(tls(stripe)), many).why).toContain("15 more like these are known.");
  });

  it("gives up on more ports than a ServiceEntry holds", () => {
    const scan = Array.from({ length: 257 }, (_, index) => sighting(tls(stripe, index + 1000)));
    expect(suggestAll([finding(tls(stripe))], scan)[0]!.noSuggestion).toContain("looks like a scan");
    expect(suggestAll([finding(tls(stripe))], scan.slice(0, 255))[0]!.noSuggestion).toBeNull();
  });

  it("points at raw TCP to the same address, which may be its own", () => {
    const confirmed = finding(tls(stripe, 443, { address: "3.18.12.63" }), {
      names: [name(stripe, "sni", "confirmed")],
    });
    const { manifest, warnings } = suggestOne(confirmed, [
      sighting(tcp("3.18.12.63", 5432)),
      sighting(tcp("3.18.12.63", 443)),
    ]);
    expect(ports(manifest)).toEqual(["443 tls-443 TLS"]);
    expect(warnings.join()).toContain("TCP to the same address was seen before on port 5432:");
  });
});
