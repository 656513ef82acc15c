import { describe, expect, it } from "vitest";
import type { Name } from "../../lib/model.ts";
import { admit } from "../admission/admit.ts";
import { finding, http, literal, name, onlyOne, ports, sighting, spec, suggestAll, suggestOne, tcp } from "./make.ts";

const address = "203.0.113.7";

describe("raw TCP to a bare address", () => {
  it("gets a made-up host, its one address and NONE", () => {
    const { manifest, confidence, why, warnings } = suggestOne(finding(tcp(address)), [sighting(tcp(address, 5433))]);
    expect(spec(manifest)).toMatchObject({
      hosts: ["ip-203-0-113-7.egress.internal"],
      addresses: ["203.0.113.7/32"],
      resolution: "NONE",
      location: "MESH_EXTERNAL",
    });
    expect(spec(manifest).endpoints).toBeUndefined();
    expect(ports(manifest)).toEqual(["5432 tcp-5432 TCP", "5433 tcp-5433 TCP"]);
    expect(manifest.metadata.name).toMatch(/^ip-203-0-113-7-egress-internal-[0-9a-f]{8}$/);
    expect(confidence).toBe("medium");
    expect(why.join(" ")).toContain("Resolution NONE");
    expect(warnings).toEqual([expect.stringContaining("as long as the service keeps this address")]);
    expect(admit(manifest)).toEqual([]);
  });

  it("writes all eight groups of an IPv6 address", () => {
    const { manifest } = suggestOne(finding(tcp("2001:db8::1")));
    expect(spec(manifest)).toMatchObject({
      hosts: ["ip-2001-db8-0-0-0-0-0-1.egress.internal"],
      addresses: ["2001:db8::1/128"],
    });
    expect(admit(manifest)).toEqual([]);
    const start = suggestOne(finding(tcp("64:ff9b::cb00:7107"))).manifest;
    expect(admit(start)).toEqual([]);
  });

  it("says that an SNI may have been there unseen", () => {
    expect(suggestOne(finding(tcp(address, 443))).warnings.join()).toContain("No SNI was visible on port 443");
  });

  it.each<Name>([
    name("ec2-203-0-113-7.compute-1.amazonaws.com", "ptr", "generic"),
    name("db.example.com", "ptr", "claimed"),
    name("db.example.com", "ptr", "contradicted"),
    name("aws", "range", "confirmed"),
    name("db.prod.svc.cluster.local", "ptr", "confirmed"),
    name("metadata.google.internal", "forward", "confirmed"),
    name("*.example.com", "ptr", "confirmed"),
    name("DB.example.com", "ptr", "confirmed"),
    name("db.example.com", "host", "confirmed"),
  ])("takes no host from $name ($from, $trust)", (one) => {
    expect(spec(suggestOne(finding(tcp(address), { names: [one] })).manifest).hosts).toEqual([
      "ip-203-0-113-7.egress.internal",
    ]);
  });

  it.each(["10.1.2.3", "100.64.10.20", "fd00::1"])("doubts %s", (inner) => {
    const { confidence, warnings, manifest } = suggestOne(finding(tcp(inner)));
    expect(confidence).toBe("low");
    expect(warnings.join()).toContain(`${inner} is private`);
    expect(admit(manifest)).toEqual([]);
  });
});

describe("HTTP with an address as Host", () => {
  it("gets the address as VIP and as the one endpoint, so that a forged Host leads nowhere else", () => {
    const { manifest, why } = suggestOne(finding(literal(address)));
    expect(spec(manifest)).toMatchObject({
      hosts: ["ip-203-0-113-7.egress.internal"],
      addresses: [address],
      ports: [{ number: 8080, name: "http-8080", protocol: "HTTP" }],
      resolution: "STATIC",
      endpoints: [{ address }],
    });
    expect(why.join(" ")).toContain("with NONE the Host header alone would open any address");
    expect(admit(manifest)).toEqual([]);
  });

  it("shares one entry with raw TCP to the same address", () => {
    const found = suggestAll([finding(literal(address)), finding(tcp(address))]).map(onlyOne);
    expect(ports(found[0]!.manifest)).toEqual(["5432 tcp-5432 TCP", "8080 http-8080 HTTP"]);
    expect(found[1]!.manifest).toEqual(found[0]!.manifest);
    expect(found[0]!.manifest.metadata.name).toBe(suggestOne(finding(tcp(address))).manifest.metadata.name);
  });

  it("learns nothing from a Host that was no host name", () => {
    const junk = sighting({ ...literal(address, 9090), claim: "<!here>" });
    expect(ports(suggestOne(finding(literal(address)), [junk]).manifest)).toEqual(["8080 http-8080 HTTP"]);
  });

  it("is not moved to a name that DNS gives the address, as raw TCP is", () => {
    const names = [name("db.example.com", "ptr", "confirmed")];
    const hosts = suggestAll([finding(literal(address), { names }), finding(tcp(address), { names })]).map(
      (one) => spec(onlyOne(one).manifest).hosts[0],
    );
    expect(hosts).toEqual(["ip-203-0-113-7.egress.internal", "db.example.com"]);
  });
});

it("does not give the name of one address to another of the same host", () => {
  const several = finding(http("a.example.com", 80, { address }), {
    addresses: [address, "203.0.113.8"],
    names: [name("db.example.com", "ptr", "confirmed")],
  });
  const [, raw] = suggestAll([several, finding(tcp(address))]);
  expect(spec(onlyOne(raw).manifest).hosts).toEqual(["ip-203-0-113-7.egress.internal"]);
});
