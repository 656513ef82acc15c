import { describe, expect, it } from "vitest";
import { admit } from "../admission/admit.ts";
import {
  finding,
  grpc,
  http,
  literal,
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

const host = "db.example.com";
const address = "203.0.113.7";
const confirmed = { names: [name(host, "ptr", "confirmed")] };

describe("one port, several protocols, of a name", () => {
  it("sends HTTP and gRPC as GRPC, with a warning", () => {
    const both = suggestAll([finding(http(host, 8080)), finding(grpc(host, 8080))]).map(onlyOne);
    expect(ports(both[0]!.manifest)).toEqual(["8080 grpc-8080 GRPC"]);
    expect(both.map((one) => one.confidence)).toEqual(["medium", "medium"]);
    expect(both[0]!.warnings.join()).toContain("useClientProtocol");
  });

  it("takes raw TCP beside TLS or HTTP for the same calls", () => {
    const found = [finding(tls(host, 443)), finding(tcp(address, 443), confirmed)];
    const both = suggestAll(found).map(onlyOne);
    expect(ports(both[0]!.manifest)).toEqual(["443 tls-443 TLS"]);
    expect(spec(both[0]!.manifest).addresses).toBeUndefined();
    expect(both.map((one) => one.confidence)).toEqual(["medium", "low"]);
    expect(both[1]!.warnings.join()).toContain("TLS whose SNI was not visible");
    const plain = suggestAll([finding(http(host, 8080)), finding(tcp(address, 8080), confirmed)]).map(onlyOne);
    expect(ports(plain[1]!.manifest)).toEqual(["8080 http-8080 HTTP"]);
    expect(plain[1]!.warnings.join()).toContain("HTTP from before");
  });

  it("keeps the older of plain HTTP and TLS, and says so to the other", () => {
    const [refused] = suggestAll([finding(http(host, 443))], [sighting(tls(host, 443))]);
    expect(refused).toMatchObject({
      suggestions: [],
      noSuggestion: expect.stringContaining("Port 443 of db.example.com already speaks TLS"),
    });
    const [kept, late] = suggestAll([
      finding(http(host, 8080), { firstSeen: 1 }),
      finding(tls(host, 8080), { firstSeen: 2 }),
    ]);
    expect(ports(onlyOne(kept).manifest)).toEqual(["8080 http-8080 HTTP"]);
    expect(onlyOne(kept).warnings.join()).toContain("TLS on port 8080 was seen too and is not routed");
    expect(late!.noSuggestion).toContain("already speaks HTTP");
  });

  it("goes by when a sighting was first made, not by when it came up again", () => {
    const again = finding(http(host, 8080), { firstSeen: 9 });
    const [kept, late] = suggestAll(
      [again, finding(tls(host, 8080), { firstSeen: 5 })],
      [sighting(again.destination, { key: again.key, firstSeen: 1 })],
    );
    expect(ports(onlyOne(kept).manifest)).toEqual(["8080 http-8080 HTTP"]);
    expect(late!.suggestions).toEqual([]);
  });

  it("chooses TLS where both are as old", () => {
    const [plain, encrypted] = suggestAll([finding(grpc(host, 443)), finding(tls(host, 443))]);
    expect(plain!.noSuggestion).toContain("already speaks TLS");
    expect(ports(onlyOne(encrypted).manifest)).toEqual(["443 tls-443 TLS"]);
  });
});

describe("one port, several protocols, of an address", () => {
  it("leaves the protocol out, since the address is a VIP and catches nothing else", () => {
    const both = suggestAll([finding(literal(address, 8080)), finding(tcp(address, 8080))]).map(onlyOne);
    expect(ports(both[0]!.manifest)).toEqual(["8080 auto-8080 -"]);
    expect(spec(both[0]!.manifest)).toMatchObject({
      addresses: [address],
      resolution: "STATIC",
      endpoints: [{ address }],
    });
    expect(both[1]!.manifest).toEqual(both[0]!.manifest);
    expect(admit(both[0]!.manifest)).toEqual([]);
    expect(both[0]!.warnings.join()).toContain("looks at the first bytes");
  });
});

describe("TCP by name", () => {
  it("has the addresses that DNS confirmed, plain, and every port of them", () => {
    const found = [finding(tcp(address, 5432), confirmed), finding(tcp("203.0.113.8", 5432), confirmed)];
    const remembered = [
      sighting(tcp(address, 5433), { source: source({ workload: "report" }) }),
      sighting(tcp("203.0.113.9", 5434)),
    ];
    const { manifest, confidence, warnings, why } = onlyOne(suggestAll(found, remembered)[0]);
    expect(spec(manifest)).toMatchObject({ hosts: [host], addresses: [address, "203.0.113.8"], resolution: "DNS" });
    expect(ports(manifest)).toEqual(["5432 tcp-5432 TCP", "5433 tcp-5433 TCP"]);
    expect(confidence).toBe("medium");
    expect(warnings.join()).toContain("Only the listed addresses match");
    expect(why.join(" ")).toContain(
      "TCP connection to 203.0.113.7 seen 12 times from payments/checkout, port 5432. db.example.com is what the reverse DNS calls",
    );
    expect(admit(manifest)).toEqual([]);
  });

  it("gives up on more addresses than a ServiceEntry holds", () => {
    const at = (count: number) =>
      Array.from({ length: count }, (_, index) => finding(tcp(`203.0.${index >> 8}.${index & 255}`), confirmed));
    expect(suggestAll(at(257))[0]!.noSuggestion).toContain("reached at 257 addresses");
    expect(suggestAll(at(256))[0]!.noSuggestion).toBeNull();
  });

  it("leaves the addresses to DNS capture where the mesh has it", () => {
    const { manifest, warnings } = suggestOne(finding(tcp(address), confirmed), [], { dnsCapture: true });
    expect(spec(manifest).addresses).toBeUndefined();
    expect(warnings.join()).toContain("ISTIO_META_DNS_CAPTURE");
    expect(admit(manifest)).toEqual([]);
  });

  it("lists what TLS dialled too where one entry has both", () => {
    const found = [
      finding(tcp(address, 5432), confirmed),
      finding(tls(host, 443, { address: "203.0.113.9" })),
      finding(http(host, 80, { address: "203.0.113.10" })),
    ];
    const { manifest, warnings } = onlyOne(suggestAll(found)[0]);
    expect(spec(manifest).addresses).toEqual([address, "203.0.113.9"]);
    expect(ports(manifest)).toEqual(["80 http-80 HTTP", "443 tls-443 TLS", "5432 tcp-5432 TCP"]);
    expect(warnings.join()).toContain("TLS is matched by them and not by SNI");
  });

  it("warns where DNS confirms several names, or a ServiceEntry has the name already", () => {
    const two = { names: [name(host, "ptr", "confirmed"), name("other.example.com", "ptr", "confirmed")] };
    expect(suggestOne(finding(tcp(address), two))).toMatchObject({
      confidence: "low",
      warnings: expect.arrayContaining([expect.stringContaining("several names")]),
    });
    const known = { names: [name(host, "service-entry", "confirmed")] };
    expect(suggestOne(finding(tcp(address), known)).warnings.join()).toContain("A ServiceEntry in force");
  });

  it("does not depend on the order of findings that disagree about a name", () => {
    const found = [
      finding(tcp(address, 1), confirmed),
      finding(tcp(address, 2), { names: [name("a.example.com", "ptr", "confirmed")] }),
    ];
    const hosts = (list: typeof found) => suggestAll(list).map((one) => spec(onlyOne(one).manifest).hosts[0]);
    expect(hosts(found)).toEqual(["a.example.com", "a.example.com"]);
    expect(hosts([...found].reverse())).toEqual(["a.example.com", "a.example.com"]);
  });
});
