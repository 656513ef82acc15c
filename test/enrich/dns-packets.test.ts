/** Answers of a server that lies, errs or babbles, packet by packet: nothing throws, and an outage is never "none". */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { answerLimits, type Lookup } from "../../lib/enrich/resolver.ts";
import { parseAddress } from "../../lib/words/address.ts";
import type { HostileReply } from "../tools/hostile-dns.ts";
import { ask, foundNames, hostile, none, ptr, timed } from "./dns-make.ts";

const question = (query: Buffer): Buffer => query.subarray(12, query.indexOf(0, 12) + 5);
const word = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
const types = { A: 1, PTR: 12 };

/** A reply by hand: `count` is what the header says, whatever comes. */
function reply(query: Buffer, records: readonly Uint8Array[], { count = records.length, flags = 0x8180 } = {}): Buffer {
  const header = [query.subarray(0, 2), word(flags), word(1), word(count), word(0), word(0)];
  return Buffer.concat([...header, question(query), ...records]);
}

/** A record of the name asked for (a pointer to it). */
function own(type: number, data: Uint8Array, ttl = 60): Buffer {
  const front = Buffer.from([
    0xc0,
    0x0c,
    0,
    type,
    0,
    1,
    0,
    0,
    ttl >> 8,
    ttl & 255,
    data.length >> 8,
    data.length & 255,
  ]);
  return Buffer.concat([front, data]);
}

const raw = (make: (query: Buffer) => Uint8Array): HostileReply => ({ raw: make });
/** As many A records as 64 KB hold: 4,000. */
const crowd = Array.from({ length: 4000 }, (_, index) =>
  own(types.A, Uint8Array.of(100, 64, index >> 8, index & 255), index < 256 ? 300 : 7),
);

describe("over TCP", () => {
  const truncatedThen = (then: HostileReply) =>
    hostile((_, __, transport) => (transport === "udp" ? { truncated: true } : then), { tcp: true });

  test("4,000 addresses in one answer: 64 are kept, and the least TTL of all", async () => {
    const server = await truncatedThen(raw((query) => reply(query, crowd)));
    const said = await ask([server], { deadline: 1500 }).forward("api.example.com", 4);
    expect(said).toMatchObject({ status: "found", ttl: 7000 });
    expect(said.status === "found" && said.values).toHaveLength(answerLimits.addresses);
  });

  test("2,500 names of one address: eight are kept", async () => {
    const names = Array.from({ length: 2500 }, (_, index) =>
      own(
        types.PTR,
        Buffer.concat([Buffer.from([5]), Buffer.from(String(10_000 + index)), Buffer.from([3]), Buffer.from("com\0")]),
      ),
    );
    const server = await truncatedThen(raw((query) => reply(query, names)));
    const eight = Array.from({ length: 8 }, (_, index) => `${10_000 + index}.com`);
    expect(await ask([server], { deadline: 1500 }).reverse("203.0.113.7")).toEqual(foundNames(...eight));
  });

  test("a header that promises 5,000 records, of which 4,000 come, is a failure", async () => {
    const server = await truncatedThen(raw((query) => reply(query, crowd, { count: 5000 })));
    expect(await ask([server]).forward("api.example.com", 4)).toMatchObject({ status: "failed" });
  });

  test.each<[string, HostileReply]>([
    ["silence", { silence: true }],
    ["still truncated", { truncated: true }],
    ["garbage", raw(() => Buffer.from("this is no DNS message at all"))],
    ["an error", { rcode: "SERVFAIL" }],
  ])("%s is a failure", async (name, then) => {
    const server = await truncatedThen(then);
    const { value, took } = await timed(ask([server]).reverse("203.0.113.7"));
    // A TCP answer with the truncation flag is taken as it is (c-ares), and holds no record.
    if (name === "still truncated") expect(value.status).not.toBe("found");
    else expect(value).toMatchObject({ status: "failed" });
    expect(took).toBeLessThan(3 * 400);
  });
});

describe("over UDP", () => {
  const cases: [string, HostileReply, Lookup["status"]][] = [
    ["another id", { wrongId: [["api", "example", "com"]] }, "failed"],
    [
      "another question",
      raw((query) => {
        const other = Buffer.from(reply(query, [own(types.PTR, Uint8Array.of(3, 99, 111, 109, 0))]));
        other[13] = 0x39;
        return other;
      }),
      "failed",
    ],
    [
      "no question at all",
      raw((query) => Buffer.concat([query.subarray(0, 2), word(0x8180), word(0), word(0), word(0), word(0)])),
      "failed",
    ],
    [
      "a loop of two CNAMEs",
      {
        answers: [
          { type: "CNAME", name: "7.113.0.203.in-addr.arpa", data: "a.example.com" },
          { type: "CNAME", name: "a.example.com", data: "7.113.0.203.in-addr.arpa" },
        ],
      },
      "none",
    ],
    ["4,000 records promised in 40 bytes", raw((query) => reply(query, [], { count: 4000 })), "failed"],
    [
      "NXDOMAIN with an answer beside it",
      raw((query) => reply(query, [own(types.PTR, Uint8Array.of(1, 97, 0))], { flags: 0x8183 })),
      "none",
    ],
    [
      "SERVFAIL with an answer beside it",
      raw((query) => reply(query, [own(types.PTR, Uint8Array.of(1, 97, 0))], { flags: 0x8182 })),
      "failed",
    ],
  ];

  test.each(cases)("%s", async (_, said, status) => {
    const server = await hostile(() => said);
    const { value, took } = await timed(ask([server]).reverse("203.0.113.7"));
    expect(value.status).toBe(status);
    expect(took).toBeLessThan(3 * 400);
  });

  test("64 KB in one packet are as good as less", async () => {
    const server = await hostile(() => raw((query) => reply(query, crowd)));
    expect(await ask([server]).forward("api.example.com", 4)).toMatchObject({ status: "found" });
  });

  /** c-ares looks at the type of a record, not at whose it is: a resolver that answers for others is believed, as it could lie anyway. */
  test("records of another name count", async () => {
    const server = await hostile(() => ({
      answers: [
        { type: "PTR", name: "other.example.com", data: "a.example.com" },
        { type: "A", name: "other.example.com", data: "192.0.2.1" },
      ],
    }));
    expect(await ask([server]).reverse("203.0.113.7")).toEqual(foundNames("a.example.com"));
    expect(await ask([server]).forward("api.example.com", 4)).toMatchObject({ values: ["192.0.2.1"] });
  });

  test("a true answer behind lies that came first is heard", async () => {
    const server = await hostile(async (_, before) => {
      if (before === 0) return { wrongId: [["evil", "example", "com"]] };
      return ptr("api.example.com");
    });
    expect(await ask([server]).reverse("203.0.113.7")).toEqual(foundNames("api.example.com"));
  });

  test("an answer that comes after its deadline is nobody's: not this question's, not the next one's", async () => {
    const server = await hostile(async ({ name }, before) => {
      const late = name.startsWith("7.") && before < 2;
      if (late) await new Promise((resolve) => setTimeout(resolve, 250));
      return ptr(late ? "late.example.com" : "next.example.com");
    });
    const resolver = ask([server], { deadline: 150 });
    const late = resolver.reverse("203.0.113.7");
    const next = [8, 9, 10].map((last) => resolver.reverse(`203.0.113.${last}`));
    expect(await late).toMatchObject({ status: "failed" });
    for (const one of next) expect(await one).toEqual(foundNames("next.example.com"));
  });
});

describe("whatever bytes come", () => {
  const good = (query: Buffer): Buffer =>
    reply(query, [own(types.A, Uint8Array.of(192, 0, 2, 1)), own(types.A, Uint8Array.of(192, 0, 2, 2))]);
  /** Places are shares of the length, as that is not known here. */
  const change = fc.record({ place: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), byte: fc.nat(255) });
  const mutated = fc
    .record({ changes: fc.array(change, { maxLength: 6 }), cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true })) })
    .map(({ changes, cut }) => (query: Buffer) => {
      const bytes = good(query);
      for (const { place, byte } of changes) bytes[Math.floor(place * bytes.length)] = byte;
      return bytes.subarray(0, Math.ceil((cut ?? 1) * bytes.length));
    });
  const random = fc.record({ bytes: fc.uint8Array({ maxLength: 600 }), ours: fc.boolean() }).map(
    ({ bytes, ours }) =>
      (query: Buffer) =>
        ours ? Buffer.concat([query.subarray(0, 2), bytes]) : Buffer.from(bytes),
  );

  /** `none` is only what a message with our id says in so many words: no error but "no such name". */
  function judge(lookup: Lookup, sent: Uint8Array): void {
    if (lookup.status === "failed") expect(lookup.why).toMatch(/^E[A-Z]+ from 127\.0\.0\.1:\d+/);
    if (lookup.status === "none") expect([0, 3]).toContain((sent[3] ?? 255) & 15);
    if (lookup.status !== "found") return;
    expect((sent[3] ?? 255) & 15).toBe(0);
    expect(lookup.ttl).toBeGreaterThanOrEqual(0);
    expect(lookup.ttl).toBeLessThanOrEqual(3_600_000);
    for (const value of lookup.values) expect(parseAddress(value)).toBe(value);
  }

  test.each([
    ["random", random],
    ["a good answer, spoiled", mutated],
  ])("%s: nothing throws, waits or is taken for what it is not", async (_, kind) => {
    const makers = new Map<string, (query: Buffer) => Uint8Array>();
    const sent = new Map<string, Uint8Array>();
    const server = await hostile(({ name }) =>
      raw((query) => {
        const bytes = makers.get(name)?.(query) ?? new Uint8Array();
        sent.set(name, bytes);
        return bytes;
      }),
    );
    let made = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(kind, { minLength: 40, maxLength: 60 }), async (packets) => {
        const hosts = packets.map((make) => {
          const host = `n${++made}.example.com`;
          makers.set(host, make);
          return host;
        });
        // A resolver each: packets that are lost would have the zone, or the server, given up.
        const all = Promise.all(hosts.map((host) => ask([server], { deadline: 60 }).forward(host, 4)));
        const { value, took } = await timed(all);
        for (const [place, lookup] of value.entries()) judge(lookup, sent.get(hosts[place] ?? "") ?? new Uint8Array());
        expect(took).toBeLessThan(5000);
      }),
      { numRuns: 25 },
    );
  });
});

test("40,000 answers of all kinds leave nothing behind", async () => {
  const server = await hostile(({ name }) => {
    const kind = Number(name.split(".")[0]) % 4;
    if (kind === 0) return { rcode: "NXDOMAIN" };
    if (kind === 1) return raw(() => Buffer.alloc(40, 255));
    return kind === 2 ? { rcode: "REFUSED" } : ptr("api.example.com");
  });
  const round = async (first: number) => {
    const resolver = ask([server], { perSecond: 1_000_000, deadline: 1500 });
    const addresses = Array.from({ length: 10_000 }, (_, index) => `${first}.0.${index >> 8}.${index & 255}`);
    const lookups = await Promise.all(addresses.map((address) => resolver.reverse(address)));
    for (const [place, lookup] of lookups.entries()) {
      const kind = (place & 255) % 4;
      if (kind === 0) expect(lookup).toEqual(none);
      else expect(lookup.status).toBe(kind === 3 ? "found" : "failed");
    }
    server.asked.length = 0;
  };
  await round(100);
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  for (const first of [101, 102, 103]) await round(first);
  // Not a leak test to the byte: 30,000 look-ups that were kept would be far more.
  expect(process.memoryUsage().rss - before).toBeLessThan(150 * 2 ** 20);
}, 120_000);
