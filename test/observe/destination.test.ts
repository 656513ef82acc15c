import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Destination, Labels } from "../../lib/model.ts";
import { readHttp, readTcp } from "../../lib/observe/destination.ts";
import { http, names, tcp } from "./make.ts";

const corpus: { value: string; expect: string }[] = JSON.parse(
  readFileSync(new URL("../data/hostile-names.json", import.meta.url), "utf8"),
);
const request = (labels: Labels) => readHttp(labels, names, "allowed");
const connection = (labels: Labels) => readTcp(labels, names, "allowed");
const place = ({ host, address, port }: Destination) => [host, address, port];

describe("observe/destination", () => {
  it.each<[string, Labels, [string | null, string | null, number]]>([
    ["api.example.com", {}, ["api.example.com", null, 80]],
    ["API.Example.COM.:8080", {}, ["api.example.com", null, 8080]],
    ["api.example.com", { destination_address: "203.0.113.7:443" }, ["api.example.com", "203.0.113.7", 443]],
    ["api.example.com:8080", { destination_address: "203.0.113.7:443" }, ["api.example.com", "203.0.113.7", 443]],
    ["api.example.com:8080", { destination_ip: "203.0.113.7" }, ["api.example.com", "203.0.113.7", 8080]],
    [
      "api.example.com",
      { destination_ip: "203.0.113.7", destination_port: "81" },
      ["api.example.com", "203.0.113.7", 81],
    ],
    ["203.0.113.7:8080", {}, [null, "203.0.113.7", 8080]],
    ["[2001:DB8::7]", {}, [null, "2001:db8::7", 80]],
    ["203.0.113.7", { destination_address: "203.0.113.8:80" }, [null, "203.0.113.8", 80]],
  ])("reads the Host %s with %j", (host, added, expected) => {
    const read = request(http(host, added));
    expect(place(read)).toEqual(expected);
    expect(read).toMatchObject({ protocol: "http", verdict: "allowed", sni: null, claim: null });
  });

  it("tells gRPC from HTTP, and blocked from allowed", () => {
    expect(request(http("a.example.com", { request_protocol: "grpc" })).protocol).toBe("grpc");
    expect(request(http("a.example.com", { request_protocol: "http/1.1" })).protocol).toBe("http");
    expect(readHttp(http("a.example.com"), names, "blocked").verdict).toBe("blocked");
    expect(readTcp(tcp("203.0.113.7:25"), names, "blocked").verdict).toBe("blocked");
  });

  it("keeps a Host that is none as a printable claim, and the address that was dialled", () => {
    expect(request(http('<b>"x', { destination_address: "203.0.113.7:443" }))).toMatchObject({
      host: null,
      address: "203.0.113.7",
      port: 443,
      claim: '\\u003cb\\u003e\\"x',
    });
    for (const nothing of ["unknown", "", "-"]) {
      expect(request(http(nothing))).toMatchObject({ host: null, address: null, port: null, claim: null });
    }
    expect(request({ ...http("a.example.com"), destination_service: "x".repeat(500) }).claim).toHaveLength(123);
  });

  it.each(corpus)("takes $value for a host only where it is one", ({ value, expect: wanted }) => {
    for (const read of [request(http(value)), connection(tcp("203.0.113.7:443", { requested_server_name: value }))]) {
      if (/^reject($|-(?!internal))/.test(wanted)) expect(read.host).toBeNull();
      if (read.host !== null) expect(read.host).toMatch(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/);
      expect(read.host === null || read.claim === null).toBe(true);
      expect(read.claim ?? "").toMatch(/^[\x20-\x7e]*$/);
    }
  });

  it("reads a connection by the address that was dialled", () => {
    const nothing = { verdict: "allowed", protocol: "tcp", host: null, sni: null, claim: null };
    expect(connection(tcp("203.0.113.7:5432"))).toEqual({ ...nothing, address: "203.0.113.7", port: 5432 });
    expect(connection(tcp("[2001:db8::7]:5432"))).toEqual({ ...nothing, address: "2001:db8::7", port: 5432 });
    expect(connection(tcp("unknown"))).toEqual({ ...nothing, address: null, port: null });
  });

  it("takes the first label that says something, in the order of the config", () => {
    const both = { destination_ip: "203.0.113.9", destination_port: "81" };
    expect(place(connection(tcp("203.0.113.7:443", both)))).toEqual([null, "203.0.113.7", 443]);
    expect(place(connection(tcp("203.0.113.7", both)))).toEqual([null, "203.0.113.7", 81]);
    for (const none of ["unknown", "", "-", "junk", "203.0.113.7:0"]) {
      expect(place(connection(tcp(none, both)))).toEqual([null, "203.0.113.9", 81]);
    }
    expect(place(connection(tcp("203.0.113.7", { destination_port: "99999" })))).toEqual([null, "203.0.113.7", null]);
  });

  it("is TLS where an SNI was seen, and then the SNI is the host", () => {
    expect(connection(tcp("203.0.113.7:443", { requested_server_name: "API.Example.com" }))).toEqual({
      verdict: "allowed",
      protocol: "tls",
      host: "api.example.com",
      address: "203.0.113.7",
      port: 443,
      sni: "api.example.com",
      claim: null,
    });
  });

  it.each(["api.example.com:443", "203.0.113.9", "*.example.com", "a\nb"])("takes the SNI %j for a claim", (sni) => {
    const read = connection(tcp("203.0.113.7:443", { requested_server_name: sni }));
    expect(read).toMatchObject({ protocol: "tls", host: null, sni: null, address: "203.0.113.7" });
    expect(read.claim).toBe(JSON.stringify(sni).slice(1, -1).replace("\\n", "\\u000a"));
  });

  it.each(["outbound_.443_._.api.example.com", "invalid:outbound_.8080_._.svc", "unknown", "", "-"])(
    "takes the SNI %j for none",
    (sni) => {
      expect(connection(tcp("203.0.113.7:443", { requested_server_name: sni })).protocol).toBe("tcp");
    },
  );
});
