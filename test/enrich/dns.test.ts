/** The adapter against a real DNS server: what is there, what is not, and how often it asks. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DnsSettings, dns } from "../../lib/enrich/dns.ts";
import { nameServer } from "../../lib/enrich/name-server.ts";
import type { Resolver } from "../../lib/enrich/resolver.ts";
import { ScoutError } from "../../lib/errors.ts";
import { type Dns, startDns } from "../tools/dns.ts";
import { ask, foundNames, hostile, none } from "./dns-make.ts";

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
    expect(await resolver().reverse("203.0.113.8")).toEqual(foundNames("a.example.com", "b.example.com"));
  });

  test("IPv6 is asked under ip6.arpa", async () => {
    expect(await resolver().reverse("2001:db8::7")).toEqual(foundNames("six.example.com"));
  });

  test("addresses of the family asked for, through a CNAME", async () => {
    expect(await resolver().forward("alias.example.com", 4)).toMatchObject({
      status: "found",
      values: ["203.0.113.7"],
    });
    expect(await resolver().forward("six.example.com", 6)).toMatchObject({ status: "found", values: ["2001:db8::7"] });
  });

  test("a CNAME in the reverse zone is followed (RFC 2317)", async () => {
    expect(await resolver().reverse("203.0.113.9")).toEqual(foundNames("delegated.example.com"));
  });

  test("of 120 PTR records (a truncated answer, so TCP) the first eight by name are kept", async () => {
    expect(await resolver().reverse("203.0.113.10")).toEqual(foundNames(...many.slice(0, 8)));
  });

  test("of 100 addresses 64 are kept", async () => {
    const found = await resolver().forward("wide.example.com", 4);
    expect(found.status === "found" && found.values.length).toBe(64);
  });
});

describe("what is not there", () => {
  test("no such name, and no such type", async () => {
    expect(await resolver().reverse("203.0.113.99")).toEqual(none);
    expect(await resolver().forward("missing.example.com", 4)).toEqual(none);
    expect(await resolver().forward("only-text.example.com", 4)).toEqual(none);
    expect(await resolver().forward("api.example.com", 6)).toEqual(none);
  });
});

describe("how long it holds", () => {
  const hour = 3_600_000;
  const answering = (ttls: number[], cname?: number) =>
    hostile(({ type, name }) => ({
      answers: [
        ...(cname === undefined ? [] : [{ type: "CNAME", name, data: "alias.example.com", ttl: cname } as const]),
        ...ttls.map((ttl, index) =>
          type === "A"
            ? ({ type, name: cname === undefined ? name : "alias.example.com", data: `192.0.2.${index}`, ttl } as const)
            : ({ type: "AAAA", name, data: `2001:db8::${index + 1}`, ttl } as const),
        ),
      ],
    }));

  test.each([
    ["its least TTL", [300, 200, 4000], undefined, 200_000],
    ["that of a CNAME on the way", [300, 200], 5, 5_000],
    ["no time", [0], undefined, 0],
    ["an hour at most", [86_400], undefined, hour],
    ["an hour, with a TTL that RFC 2181 forbids", [2 ** 32 - 1], undefined, hour],
  ])("an address: %s", async (_, ttls, cname, holds) => {
    const server = await answering(ttls, cname);
    expect(await ask([server]).forward("api.example.com", 4)).toMatchObject({ status: "found", ttl: holds });
    if (cname === undefined) expect(await ask([server]).forward("api.example.com", 6)).toMatchObject({ ttl: holds });
  });

  test("a name half a day, and nothing a quarter of an hour", async () => {
    expect(await resolver().reverse("203.0.113.8")).toMatchObject({ status: "found", ttl: 12 * hour });
    expect(await resolver().reverse("203.0.113.99")).toMatchObject({ status: "none", ttl: hour / 4 });
    expect(await resolver().forward("missing.example.com", 4)).toMatchObject({ status: "none", ttl: hour / 4 });
  });
});

describe("again", () => {
  const pool = () =>
    hostile(({ type, name }, before) =>
      type === "A" ? { answers: [{ type, name, data: `192.0.2.${before}`, ttl: 60 }] } : { silence: true },
    );

  test("asks anew each time, and forward goes on saying what it said first", async () => {
    const server = await pool();
    const one = ask([server]);
    const said = [];
    for (const how of ["forward", "again", "again", "forward"] as const)
      said.push(await one[how]("api.example.com", 4));
    expect(said).toMatchObject([0, 1, 2, 0].map((last) => ({ status: "found", values: [`192.0.2.${last}`] })));
    expect(server.asked).toHaveLength(3);
  });

  test("shares no question with others that are under way", async () => {
    const server = await pool();
    const one = ask([server]);
    const host = "api.example.com";
    const all = await Promise.all([one.forward(host, 4), one.again(host, 4), one.again(host, 4), one.forward(host, 4)]);
    expect(server.asked).toHaveLength(3);
    expect(all[0]).toEqual(all[3]);
  });

  test("comes out of the same budget, and fails like any other", async () => {
    const server = await pool();
    const one = ask([server], { perSecond: 2, concurrency: 1, budget: 700 });
    const all = [];
    for (let time = 0; time < 5; time++) all.push(await one.again("api.example.com", 4));
    expect(server.asked.length).toBeLessThanOrEqual(2);
    expect(all.at(-1)).toEqual({ status: "failed", why: "the look-up budget of 0.7s is used up" });
    expect(await ask([server]).again("api.example.com", 6)).toMatchObject({ status: "failed" });
  });
});

describe("how often it asks", () => {
  test("an answer that came while this process was held up is an answer, not a time-out", async () => {
    const one = resolver({ deadline: 100 });
    const before = server.questions().length;
    // After an immediate come the timers, and only then the sockets.
    await new Promise((resolve) => setImmediate(resolve));
    const asked = one.reverse("203.0.113.8");
    // Microtasks enough for the question to go out; then nothing of ours runs for three deadlines.
    for (let hop = 0; hop < 50; hop++) await null;
    const end = performance.now() + 300;
    while (performance.now() < end);
    expect(await asked).toMatchObject({ status: "found" });
    expect(server.questions().slice(before)).toHaveLength(1);
  });

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
