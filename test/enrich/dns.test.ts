/** The adapter against a real DNS server: what is there, what is not, and how often it asks. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DnsSettings, dns } from "../../lib/enrich/dns.ts";
import { nameServer } from "../../lib/enrich/name-server.ts";
import type { Resolver } from "../../lib/enrich/resolver.ts";
import { ScoutError } from "../../lib/errors.ts";
import { type Dns, startDns } from "../tools/dns.ts";

const many = Array.from({ length: 120 }, (_, index) => `name-${String(index).padStart(3, "0")}.example.com`);
const wide = Array.from({ length: 100 }, (_, index) => `198.51.100.${index + 1}`);
let server: Dns;

beforeAll(async () => {
  server = await startDns({
    ptr: {
      "203.0.113.7": "api.example.com",
      "2001:db8::7": "six.example.com",
      "203.0.113.8": ["b.example.com", "a.example.com"],
      "9.0-25.113.0.203.in-addr.arpa": "delegated.example.com",
      "203.0.113.10": many,
    },
    a: {
      "api.example.com": ["203.0.113.7"],
      "six.example.com": ["2001:db8::7"],
      "only-text.example.com": [],
      "wide.example.com": wide,
    },
    cname: {
      "alias.example.com": "api.example.com",
      // RFC 2317: a delegated reverse zone is reached by a CNAME in the parent's.
      "9.113.0.203.in-addr.arpa": "9.0-25.113.0.203.in-addr.arpa",
    },
  });
});

afterAll(async () => server.stop());

function resolver(settings: Partial<DnsSettings> = {}): Resolver {
  return dns({ servers: [server.server], perSecond: 10_000, now: Date.now, ...settings });
}

describe("what is there", () => {
  test("PTR records come sorted", async () => {
    expect(await resolver().reverse("203.0.113.8")).toEqual({
      status: "found",
      values: ["a.example.com", "b.example.com"],
    });
  });

  test("IPv6 is asked under ip6.arpa", async () => {
    expect(await resolver().reverse("2001:db8::7")).toEqual({ status: "found", values: ["six.example.com"] });
  });

  test("addresses of the family asked for, through a CNAME", async () => {
    expect(await resolver().forward("alias.example.com", 4)).toEqual({ status: "found", values: ["203.0.113.7"] });
    expect(await resolver().forward("six.example.com", 6)).toEqual({ status: "found", values: ["2001:db8::7"] });
  });

  test("a CNAME in the reverse zone is followed (RFC 2317)", async () => {
    expect(await resolver().reverse("203.0.113.9")).toEqual({ status: "found", values: ["delegated.example.com"] });
  });

  test("of 120 PTR records (a truncated answer, so TCP) the first eight by name are kept", async () => {
    expect(await resolver().reverse("203.0.113.10")).toEqual({ status: "found", values: many.slice(0, 8) });
  });

  test("of 100 addresses 64 are kept", async () => {
    const found = await resolver().forward("wide.example.com", 4);
    expect(found.status === "found" && found.values.length).toBe(64);
  });
});

describe("what is not there", () => {
  test("no such name, and no such type", async () => {
    expect(await resolver().reverse("203.0.113.99")).toEqual({ status: "none" });
    expect(await resolver().forward("missing.example.com", 4)).toEqual({ status: "none" });
    expect(await resolver().forward("only-text.example.com", 4)).toEqual({ status: "none" });
    expect(await resolver().forward("api.example.com", 6)).toEqual({ status: "none" });
  });
});

describe("how often it asks", () => {
  test("one question in flight, and one answer remembered, for the same name", async () => {
    const one = resolver();
    const before = server.questions().length;
    await Promise.all(Array.from({ length: 20 }, () => one.reverse("203.0.113.8")));
    await one.reverse("203.0.113.8");
    expect(server.questions().slice(before)).toEqual(["PTR 8.113.0.203.in-addr.arpa"]);
  });

  test("a rate is kept: ten questions at twenty a second, two of them at once, take eight gaps of 50 ms", async () => {
    const slow = resolver({ perSecond: 20, concurrency: 2 });
    const start = performance.now();
    const found = await Promise.all(Array.from({ length: 10 }, (_, index) => slow.reverse(`198.51.100.${index}`)));
    expect(performance.now() - start).toBeGreaterThan(350);
    expect(found.map(({ status }) => status)).toEqual(Array(10).fill("none"));
  });

  test("a thousand addresses at once all get their answer", async () => {
    const fast = resolver();
    const addresses = Array.from({ length: 1000 }, (_, index) => `100.${100 + (index >> 8)}.${index & 255}.1`);
    const found = await Promise.all(addresses.map((address) => fast.reverse(address)));
    expect(found.filter(({ status }) => status === "none")).toHaveLength(1000);
  });
});

describe("which servers", () => {
  test("a name, a bad port or junk is refused, with what to write instead", () => {
    for (const bad of [
      "",
      "localhost",
      "dns.example:53",
      "127.0.0.1:0",
      "127.0.0.1:65536",
      "127.0.0.1:99999",
      "127.1",
      "[::1]:x",
    ]) {
      expect(() => dns({ servers: [bad], now: Date.now }), bad).toThrow(ScoutError);
      expect(() => nameServer(bad), bad).toThrow(
        expect.objectContaining({ code: "usage", mend: expect.stringContaining("65535") }),
      );
    }
  });

  test("a port is 53 where none is written, IPv6 comes in brackets", () => {
    const servers = ["192.0.2.53", "[2001:db8::53]:5353", "2001:db8::54", "192.0.2.53:53"];
    expect(dns({ servers, now: Date.now }).servers).toEqual([
      "192.0.2.53:53",
      "[2001:db8::53]:5353",
      "[2001:db8::54]:53",
    ]);
  });

  test("none named: the system's", () => {
    expect(dns({ servers: [], now: Date.now }).servers.length).toBeGreaterThan(0);
  });

  test("a server that does not listen is left for the next", async () => {
    const two = resolver({ servers: ["127.0.0.1:1", server.server] });
    expect(await two.reverse("203.0.113.8")).toMatchObject({ status: "found" });
  });
});

test("a process ends by itself after its look-ups, also after one that was cancelled", () => {
  const adapter = JSON.stringify(fileURLToPath(new URL("../../lib/enrich/dns.ts", import.meta.url)));
  const script = `
    import dgram from "node:dgram";
    const { dns } = await import(${adapter});
    const silent = dgram.createSocket("udp4");
    await new Promise((resolve) => silent.bind(0, "127.0.0.1", resolve));
    const servers = ["${server.server}", "127.0.0.1:" + silent.address().port];
    for (const one of servers) {
      const asked = dns({ servers: [one], deadline: 100, now: Date.now });
      console.log((await asked.reverse("203.0.113.8")).status);
    }
    silent.close();
  `;
  const child = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    encoding: "utf8",
    timeout: 20_000,
  });
  expect({ status: child.status, signal: child.signal, stdout: child.stdout }).toEqual({
    status: 0,
    signal: null,
    stdout: "found\nfailed\n",
  });
});
