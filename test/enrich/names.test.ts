/** What is made of the answers: which names a destination gets, how far each is trusted, and what is asked for it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nameAll, type Unnamed } from "../../lib/enrich/names.ts";
import { naming } from "../../lib/enrich/naming.ts";
import type { Resolver } from "../../lib/enrich/resolver.ts";
import type { Destination, Name } from "../../lib/model.ts";
import { fakeResolver } from "./fake-resolver.ts";

const address = "203.0.113.7";
const tcp: Destination = {
  verdict: "allowed",
  protocol: "tcp",
  host: null,
  address,
  port: 443,
  sni: null,
  claim: null,
};
const http: Destination = { ...tcp, protocol: "http", host: "api.example.com" };
const tls: Destination = { ...tcp, protocol: "tls", host: "api.example.com", sni: "api.example.com" };
const brief = (names: Name[]): string[] => names.map(({ name, from, trust }) => `${trust} ${from} ${name}`);

const nameEach = (list: readonly Unnamed[], resolver: Resolver) => nameAll(list, naming({ resolver }));
async function nameDestination(destination: Destination, addresses: readonly string[], resolver: Resolver) {
  const { names, failures } = await nameEach([{ destination, addresses }], resolver);
  return { names: names[0] ?? [], failures };
}

async function named(
  destination: Destination,
  answers: Record<string, string[] | { failed: string }>,
  addresses: string[] = [],
) {
  const resolver = fakeResolver(answers);
  const { names, failures } = await nameDestination(destination, addresses, resolver);
  return { names, failures, asked: resolver.asked, brief: brief(names) };
}

describe("what the workload claims", () => {
  test("a Host and an SNI are claims, and are never looked up", async () => {
    const host = await named({ ...http, address: null }, {});
    expect(host.names).toEqual([
      {
        name: "api.example.com",
        from: "host",
        trust: "claimed",
        why: "the workload's Host header says so; nothing confirms it",
      },
    ]);
    const sni = await named(tls, {});
    expect(sni.names).toEqual([
      {
        name: "api.example.com",
        from: "sni",
        trust: "claimed",
        why: "the workload's SNI says so; nothing confirms it",
      },
    ]);
    expect([host.asked, sni.asked]).toEqual([[], [`ptr ${address}`]]);
  });

  test("a name of the inside is refused, with the reason", async () => {
    for (const host of [
      "payments.prod.svc.cluster.local",
      "metadata.google.internal",
      "localhost",
      "4.3.2.1.in-addr.arpa",
    ]) {
      const { names } = await named({ ...http, host, address: null }, {});
      expect(names, host).toEqual([
        { name: host, from: "host", trust: "refused", why: expect.stringContaining("but that is") },
      ]);
    }
  });

  test("a claim that is no host name is refused as it was made printable, whoever made it so", async () => {
    const claim = "evil\\u000aname";
    expect((await named({ ...http, host: null, claim }, {})).brief).toEqual([`refused host ${claim}`]);
    expect((await named({ ...tls, host: null, sni: null, claim }, {})).brief).toEqual([`refused sni ${claim}`]);
    expect((await named({ ...http, host: null, claim: "<!here>\n" }, {})).brief).toEqual([
      'refused host "\\u003c!here\\u003e\\u000a"',
    ]);
  });

  test("nobody named anything: no name, no failure", async () => {
    expect(await named({ ...tcp, address: null }, {})).toMatchObject({ names: [], failures: [], asked: [] });
  });

  test("punycode is flagged and not decoded", async () => {
    const { names } = await named({ ...http, host: "xn--80ak6aa92e.com", address: null }, {});
    expect(names[0]).toMatchObject({ name: "xn--80ak6aa92e.com", why: expect.stringContaining("internationalized") });
  });
});

describe("what the PTR records say", () => {
  const ptr = { [`ptr ${address}`]: ["api.example.com"] };

  test("confirmed where the name resolves back, by the family of the address", async () => {
    const four = await named(tcp, { ...ptr, "4 api.example.com": ["198.51.100.1", address] });
    expect(four.names).toEqual([
      {
        name: "api.example.com",
        from: "ptr",
        trust: "confirmed",
        why: `the PTR of ${address} says so, and it resolves to ${address}`,
      },
    ]);
    const six = await named(
      { ...tcp, address: "2001:db8::1" },
      { "ptr 2001:db8::1": ["api.example.com"], "6 api.example.com": ["2001:db8::1"] },
    );
    expect(six.brief).toEqual(["confirmed ptr api.example.com"]);
    expect(six.asked).toEqual(["ptr 2001:db8::1", "6 api.example.com"]);
  });

  test("contradicted where it resolves elsewhere: both addresses are shown", async () => {
    const { names } = await named(tcp, {
      ...ptr,
      "4 api.example.com": ["198.51.100.1", "198.51.100.2", "198.51.100.3"],
    });
    expect(names[0]).toMatchObject({ trust: "contradicted" });
    expect(names[0]?.why).toBe(
      `the PTR of ${address} says so, but it resolves to 198.51.100.1 and 198.51.100.2 and 1 more`,
    );
  });

  test("a neighbour in the same network confirms nothing", async () => {
    expect((await named(tcp, { ...ptr, "4 api.example.com": ["203.0.113.8"] })).brief).toEqual([
      "contradicted ptr api.example.com",
    ]);
  });

  test("claimed where it does not resolve, or nobody knows", async () => {
    expect((await named(tcp, ptr)).brief).toEqual(["claimed ptr api.example.com"]);
    const away = await named(tcp, { ...ptr, "4 api.example.com": { failed: "ESERVFAIL from 192.0.2.53:53" } });
    expect(away.brief).toEqual(["claimed ptr api.example.com"]);
    expect(away.failures).toEqual(["the address of api.example.com: ESERVFAIL from 192.0.2.53:53"]);
  });

  test("an outage gives a failure, no name and no word of 'no name'", async () => {
    const { names, failures } = await named(tcp, { [`ptr ${address}`]: { failed: "ETIMEOUT from 192.0.2.53:53" } });
    expect(names).toEqual([]);
    expect(failures).toEqual([`the PTR of ${address}: ETIMEOUT from 192.0.2.53:53`]);
  });

  test.each(["127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1"])(
    "rebinding to %s never confirms",
    async (inner) => {
      const both = await named(tcp, { ...ptr, "4 api.example.com": [inner, address] });
      expect(both.names[0]).toMatchObject({
        trust: "claimed",
        why: expect.stringContaining(`${inner}, which is not outside: DNS rebinding`),
      });
      const alone = await named(tcp, { ...ptr, "4 api.example.com": [inner] });
      expect(alone.names[0]).toMatchObject({ trust: "contradicted", why: expect.stringContaining("rebinding") });
    },
  );

  test("an answer of Istio's own DNS proxy neither confirms nor denies", async () => {
    expect((await named(tcp, { ...ptr, "4 api.example.com": ["240.240.0.7"] })).brief).toEqual([
      "claimed ptr api.example.com",
    ]);
  });

  test("an answer cut short does not contradict", async () => {
    const wide = Array.from({ length: 64 }, (_, index) => `198.51.100.${index}`);
    expect((await named(tcp, { ...ptr, "4 api.example.com": wide })).brief).toEqual(["claimed ptr api.example.com"]);
  });

  test("a generic name is not asked forward: it would always confirm, and name nobody", async () => {
    const { brief, asked } = await named(tcp, { [`ptr ${address}`]: ["ec2-203-0-113-7.compute-1.amazonaws.com"] });
    expect(brief).toEqual(["generic ptr ec2-203-0-113-7.compute-1.amazonaws.com"]);
    expect(asked).toEqual([`ptr ${address}`]);
  });

  test("an escape is refused as such, before anything is taken apart", async () => {
    const { names } = await named(tcp, { [`ptr ${address}`]: ["evil\\010name.example.com"] });
    expect(names).toEqual([
      {
        name: '"evil\\\\010name.example.com"',
        from: "ptr",
        trust: "refused",
        why: `the PTR of ${address} says so, but it holds escaped characters`,
      },
    ]);
  });

  test("best first, each once, at most eight", async () => {
    const texts = [
      "api.example.com",
      "API.example.com.",
      "localhost",
      "x.1e100.net",
      "other.example.com",
      "claimed.example.com",
    ];
    const { brief } = await named(tcp, {
      [`ptr ${address}`]: texts,
      "4 api.example.com": [address],
      "4 other.example.com": ["198.51.100.1"],
    });
    expect(brief).toEqual([
      "confirmed ptr api.example.com",
      "claimed ptr claimed.example.com",
      "generic ptr x.1e100.net",
      "contradicted ptr other.example.com",
      "refused ptr localhost",
    ]);
    const many = Array.from({ length: 120 }, (_, index) => `n${index}.example.com`);
    expect((await named(tcp, { [`ptr ${address}`]: many })).names).toHaveLength(8);
  });
});

describe("which addresses are asked", () => {
  test("none of the inside, none of Istio's own, nothing that is no address", async () => {
    for (const inner of [
      "10.0.0.1",
      "100.64.10.20",
      "169.254.169.254",
      "127.0.0.1",
      "240.240.0.1",
      "2001:2::1",
      "fd00::1",
      "::ffff:169.254.169.254",
      "64:ff9b::a9fe:a9fe",
      "junk",
    ]) {
      expect((await named({ ...tcp, address: inner }, {}, [inner])).asked, inner).toEqual([]);
    }
  });

  test("at most four, the one dialled last first", async () => {
    const more = ["198.51.100.5", "198.51.100.3", "198.51.100.1", "198.51.100.2", "198.51.100.4"];
    expect((await named(tcp, {}, more)).asked).toEqual([
      `ptr ${address}`,
      "ptr 198.51.100.1",
      "ptr 198.51.100.2",
      "ptr 198.51.100.3",
    ]);
  });
});

describe("a claim that DNS speaks about", () => {
  const answers = { [`ptr ${address}`]: ["api.example.com"], "4 api.example.com": [address] };

  test("is confirmed by the address dialled", async () => {
    expect((await named(http, answers)).brief).toEqual([
      "confirmed host api.example.com",
      "confirmed ptr api.example.com",
    ]);
    expect((await named(tls, answers)).brief).toEqual([
      "confirmed sni api.example.com",
      "confirmed ptr api.example.com",
    ]);
  });

  test("is not confirmed by another name, nor without an address, nor by one address of two", async () => {
    expect((await named({ ...http, host: "b.example.com" }, answers)).brief).toContain("claimed host b.example.com");
    expect((await named({ ...http, address: null }, answers)).brief).toEqual(["claimed host api.example.com"]);
    expect((await named(http, answers, ["198.51.100.1"])).brief).toContain("claimed host api.example.com");
    expect((await named(http, answers, ["10.0.0.1"])).brief).toContain("claimed host api.example.com");
  });

  test("is contradicted where the PTR repeats it and DNS says otherwise", async () => {
    const spoofed = await named(http, { ...answers, "4 api.example.com": ["198.51.100.1"] });
    expect(spoofed.brief).toEqual(["contradicted host api.example.com", "contradicted ptr api.example.com"]);
  });

  test("a name confirmed for one address and denied for the other is denied", async () => {
    const both = await named(tcp, { ...answers, "ptr 198.51.100.1": ["api.example.com"] }, ["198.51.100.1"]);
    expect(both.brief).toEqual(["contradicted ptr api.example.com"]);
  });
});

describe("a run's findings together", () => {
  test("each address and each name is asked once; the names stay with their finding", async () => {
    const resolver = fakeResolver({
      [`ptr ${address}`]: ["api.example.com"],
      "ptr 203.0.113.8": ["api.example.com"],
      "4 api.example.com": [address, "203.0.113.8"],
    });
    const list = Array.from({ length: 50 }, (_, index) => ({
      destination: { ...tcp, port: index + 1, address: index % 2 === 0 ? address : "203.0.113.8" },
      addresses: [],
    }));
    const { names } = await nameEach([...list, { destination: { ...http, address: null }, addresses: [] }], resolver);
    expect(resolver.asked.toSorted()).toEqual(["4 api.example.com", `ptr ${address}`, "ptr 203.0.113.8"]);
    expect(names.map(brief)).toEqual([
      ...Array(50).fill(["confirmed ptr api.example.com"]),
      ["claimed host api.example.com"],
    ]);
  });

  test("a thousand failures with one cause are one sentence", async () => {
    const failed = { failed: "ETIMEOUT from 192.0.2.53:53" };
    const addresses = Array.from({ length: 1000 }, (_, index) => `203.0.${index >> 8}.${index & 255}`);
    const resolver = fakeResolver(Object.fromEntries(addresses.map((one) => [`ptr ${one}`, failed])));
    const list = addresses.map((one) => ({ destination: { ...tcp, address: one }, addresses: [one] }));
    const { names, failures } = await nameEach(list, resolver);
    expect(failures).toEqual(["the PTR of 203.0.0.0 and 999 more look-ups: ETIMEOUT from 192.0.2.53:53"]);
    expect(names).toEqual(Array(1000).fill([]));
  });

  test("a resolver that throws costs names, not the run", async () => {
    const broken = {
      servers: [],
      reverse: () => Promise.reject(new TypeError("no")),
      forward: () => Promise.reject(new TypeError("no")),
      again: () => Promise.reject(new TypeError("no")),
    };
    expect(await nameDestination(http, [], broken)).toMatchObject({ failures: [`the PTR of ${address}: TypeError`] });
  });
});

test("whatever a stranger and a workload write, names are printable and the order is the same", async () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.domain(),
    fc.constantFrom("", "a\\010b.example.com", "*.example.com", "<!here>"),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(text, { maxLength: 8 }), fc.option(text), fc.option(text), async (texts, host, claim) => {
      const destination = { ...http, host, claim };
      const one = await nameDestination(destination, [], fakeResolver({ [`ptr ${address}`]: texts }));
      const other = await nameDestination(destination, [], fakeResolver({ [`ptr ${address}`]: texts.toReversed() }));
      expect(one).toEqual(other);
      for (const { name, why, trust } of one.names) {
        expect(name).toMatch(/^[\x20-\x7e]{1,253}$/);
        expect(why).toMatch(/^[\x20-\x7e]+$/);
        expect(trust).not.toBe("confirmed");
      }
    }),
  );
});
