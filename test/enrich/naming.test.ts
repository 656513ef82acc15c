/** What naming asks in one run, and what it knows of an address before anybody is asked. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { nameAll } from "../../lib/enrich/names.ts";
import { type NamingParts, naming } from "../../lib/enrich/naming.ts";
import type { Networks } from "../../lib/enrich/networks.ts";
import { trusting } from "../../lib/enrich/trusted.ts";
import type { Destination, EntryInForce, Name } from "../../lib/model.ts";
import { destination } from "../detect/make.ts";
import { type FakeAnswer, type FakeResolver, fakeResolver } from "./fake-resolver.ts";

const address = "203.0.113.7";
const [other, third] = ["198.51.100.1", "198.51.100.2"];
const both = new Set<4 | 6>([4, 6]);
const known = (...hosts: string[]) => hosts.map((host) => ({ host, why: `shop/web calls ${host}` }));
const entry = (change: Partial<EntryInForce>): EntryInForce => ({
  namespace: "shop",
  name: "pay",
  hosts: ["pay.example.org"],
  addresses: [],
  endpoints: [],
  ...change,
});

function made(answers: Record<string, FakeAnswer>, change: Partial<NamingParts> = {}) {
  const resolver: FakeResolver = fakeResolver(answers);
  return { resolver, names: naming({ resolver, ...change }) };
}

describe("each question is asked once in a run", () => {
  it("of a name and an address, at once and later", async () => {
    const { resolver, names } = made({ "4 api.example.com": [address] });
    await Promise.all([names.agree("api.example.com", address), names.agree("api.example.com", address)]);
    await names.agree("api.example.com", other);
    expect(resolver.asked.filter((one) => !one.startsWith("again") && !one.startsWith("ptr"))).toEqual([
      "4 api.example.com",
    ]);
  });

  it("of the addresses behind one name: they share all three answers", async () => {
    const { resolver, names } = made({ "4 api.example.com": [address] });
    const strangers = Array.from({ length: 15 }, (_, n) => `198.51.100.${n + 1}`);
    const all = await Promise.all(strangers.map((one) => names.agree("api.example.com", one)));
    expect(all.map(({ trust }) => trust)).toEqual(Array(15).fill("contradicted"));
    expect(resolver.asked.filter((one) => one.endsWith("api.example.com"))).toEqual([
      "4 api.example.com",
      "again 4 api.example.com",
      "again 4 api.example.com",
    ]);
    expect(new Set(resolver.asked.filter((one) => one.startsWith("ptr"))).size).toBe(16);
    expect(resolver.asked.filter((one) => one.startsWith("ptr"))).toHaveLength(16);
  });

  it("of an address's PTR, for its names and for its network", async () => {
    const { resolver, names } = made({ [`ptr ${address}`]: ["api.example.com"], "4 api.example.com": [other] });
    await Promise.all([names.ptr(address), names.ptr(address), names.agree("b.example.com", address)]);
    expect(resolver.asked.filter((one) => one === `ptr ${address}`)).toHaveLength(1);
  });

  it("of a host of the index, whoever claims it after that", async () => {
    const { resolver, names } = made({ "4 api.example.com": [address] });
    await names.index(known("api.example.com"), new Set([4]));
    expect((await names.agree("api.example.com", address)).trust).toBe("confirmed");
    expect(resolver.asked).toEqual(["4 api.example.com"]);
  });

  it("by family", async () => {
    const { resolver, names } = made({ "4 api.example.com": [address], "6 api.example.com": ["2001:db8::1"] });
    expect((await names.agree("api.example.com", "2001:db8::1")).trust).toBe("confirmed");
    expect((await names.agree("api.example.com", address)).trust).toBe("confirmed");
    expect(resolver.asked).toEqual(["6 api.example.com", "4 api.example.com"]);
  });
});

test("no text confuses one pair of a name and an address with another", async () => {
  const text = fc.oneof(
    fc.string({ maxLength: 6 }),
    fc.constantFrom("a", "a b", "a ", " a", 'a","b', "a 203.0.113.7", ""),
  );
  const dialled = fc.constantFrom(address, other, "2001:db8::1");
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(text, dialled), { minLength: 2, maxLength: 5 }), async (pairs) => {
      const { names } = made(
        Object.fromEntries(pairs.map(([host, to]) => [`${to.includes(":") ? 6 : 4} ${host}`, [to]])),
      );
      const last = new Map(pairs.map(([host, to]) => [`${to.includes(":")} ${host}`, to]));
      for (const [host, to] of pairs) {
        const isLast = last.get(`${to.includes(":")} ${host}`) === to;
        expect((await names.agree(host, to)).trust, JSON.stringify([host, to])).toBe(
          isLast ? "confirmed" : "contradicted",
        );
      }
    }),
  );
});

describe("the index", () => {
  it("tells by whom an address is answered, and how each host is known", async () => {
    const { resolver, names } = made({
      "4 a.example.com": [address, other],
      "4 b.example.com": [address],
      "6 a.example.com": ["2001:db8::1"],
    });
    expect(await names.index(known("a.example.com", "b.example.com", "gone.example.com"), both)).toEqual([]);
    expect(names.hostsAt(address)).toEqual([
      { host: "a.example.com", why: `shop/web calls a.example.com, and it resolves to ${address}` },
      { host: "b.example.com", why: `shop/web calls b.example.com, and it resolves to ${address}` },
    ]);
    expect(names.hostsAt(other).map(({ host }) => host)).toEqual(["a.example.com"]);
    expect(names.hostsAt("2001:db8::1").map(({ host }) => host)).toEqual(["a.example.com"]);
    expect(names.hostsAt(third)).toEqual([]);
    expect(resolver.asked).toHaveLength(6);
  });

  it("asks for no family that nobody dials", async () => {
    const { resolver, names } = made({});
    await names.index(known("a.example.com"), new Set([4]));
    await names.index(known("b.example.com"), new Set());
    expect(resolver.asked).toEqual(["4 a.example.com"]);
  });

  it("knows what was answered in the last week, also where the DNS is away, and says so", async () => {
    const seen: NamingParts["seen"] = (host, family) =>
      new Map(
        host === "a.example.com" && family === 4
          ? [
              [other, 1],
              [address, 1],
            ]
          : [],
      );
    const { names } = made({ "4 a.example.com": { failed: "ETIMEOUT" } }, { seen });
    expect(await names.index(known("a.example.com"), both)).toEqual([
      { asked: "the address of a.example.com", why: "ETIMEOUT" },
    ]);
    expect(names.hostsAt(address)).toEqual([
      { host: "a.example.com", why: `shop/web calls a.example.com, and it resolved to ${address} in the last week` },
    ]);
    const now = made({ "4 a.example.com": [address] }, { seen }).names;
    await now.index(known("a.example.com"), both);
    expect(now.hostsAt(address).map(({ why }) => why)).toEqual([
      `shop/web calls a.example.com, and it resolves to ${address}`,
    ]);
    expect(now.hostsAt(other)[0]?.why).toMatch(/in the last week$/);
  });

  it.each(["10.0.0.1", "127.0.0.1", "169.254.169.254", "240.240.0.7", "fd00::1"])(
    "learns nothing of a host that leads to %s: a name of the inside, rebinding, or Istio's own DNS proxy",
    async (inner) => {
      const { names } = made({ "4 a.example.com": [address, inner], "4 b.example.com": [inner] });
      await names.index(known("a.example.com", "b.example.com"), new Set([4]));
      expect([names.hostsAt(inner), names.hostsAt(address)]).toEqual([[], []]);
    },
  );

  it("survives a resolver that throws", async () => {
    const broken = () => Promise.reject(new RangeError("no"));
    const names = naming({ resolver: { servers: [], reverse: broken, forward: broken, again: broken } });
    expect(await names.index(known("a.example.com"), new Set([4]))).toEqual([
      { asked: "the address of a.example.com", why: "RangeError" },
    ]);
    expect(await names.agree("a.example.com", address)).toMatchObject({ trust: "claimed", failure: "RangeError" });
  });
});

describe("ServiceEntries at an address", () => {
  const at = (change: Partial<EntryInForce>, where = address) =>
    naming({ resolver: fakeResolver({}), entries: [entry(change)] }).entriesAt(where).length;

  it.each<[Partial<EntryInForce>, string, number]>([
    [{ addresses: [address] }, address, 1],
    [{ addresses: [other, address] }, address, 1],
    [{ endpoints: [address] }, address, 1],
    [{ addresses: [`${address}/32`] }, address, 1],
    [{ addresses: [`${other}/32`] }, address, 0],
    [{ addresses: ["203.0.113.0/24"] }, address, 0],
    [{ addresses: ["203.0.113.0/24"] }, "203.0.113.0", 0],
    [{ addresses: ["0.0.0.0/0"] }, address, 0],
    [{ addresses: ["2001:db8::1"] }, "2001:db8::1", 1],
    [{ addresses: ["2001:db8::1/128"] }, "2001:db8::1", 1],
    [{ addresses: ["2001:DB8:0:0::1/128"] }, "2001:db8::1", 1],
    [{ addresses: ["2001:db8::/32"] }, "2001:db8::1", 0],
    [{ addresses: ["203.0.113.7/128", "junk/32", "/32", ""] }, address, 0],
    [{}, address, 0],
  ])("%j holds %s: %i", (change, where, count) => {
    expect(at(change, where)).toBe(count);
  });
});

describe("the order of names", () => {
  const brief = (names: Name[] | undefined) => names?.map(({ name, from, trust }) => `${trust} ${from} ${name}`);
  const networks: Networks = {
    names: async () => [{ name: "AWS", from: "range", trust: "generic", why: "a list" }],
    marks: async () => new Set(),
    warnings: () => [],
  };
  const to = (change: Partial<Destination>) => ({ destination: destination({ address, ...change }), addresses: [] });

  it("is by trust, then by how near to the traffic they are", async () => {
    const { names } = made(
      {
        [`ptr ${address}`]: ["mail.example.com", "gone.example.com", "localhost", "else.example.com", "x.1e100.net"],
        "4 mail.example.com": [address],
        "4 else.example.com": [other],
        "4 api.example.com": [address],
        "4 front.example.com": [address],
      },
      {
        networks,
        trusting: trusting([], ["example.com"]),
        entries: [entry({ addresses: [address], hosts: ["*.example.org", "pay.example.org"] })],
      },
    );
    await names.index(known("front.example.com"), new Set([4]));
    const list = [to({}), to({ host: "evil.example.net" }), to({ host: null, protocol: "tcp" })];
    const { names: all } = await nameAll(list, names);
    const rest = [
      "generic ptr x.1e100.net",
      "generic range AWS",
      "contradicted ptr else.example.com",
      "refused ptr localhost",
    ];
    const confirmed = [
      "confirmed service-entry pay.example.org",
      "confirmed forward front.example.com",
      "confirmed ptr mail.example.com",
    ];
    const gone = "claimed ptr gone.example.com";
    expect(brief(all[0])).toEqual(["confirmed host api.example.com", ...confirmed, gone, ...rest]);
    expect(brief(all[1])).toEqual([...confirmed, "claimed host evil.example.net", gone, ...rest]);
    expect(brief(all[2])).toEqual([...confirmed, gone, ...rest]);
  });

  it("puts a claim that DNS contradicts behind what is confirmed", async () => {
    const { names } = made(
      { "4 api.example.com": [other], "4 front.example.com": [address] },
      { trusting: trusting([], ["example.com"]) },
    );
    await names.index(known("front.example.com"), new Set([4]));
    expect(brief((await nameAll([to({})], names)).names[0])).toEqual([
      "confirmed forward front.example.com",
      "contradicted host api.example.com",
    ]);
  });

  it("confirms a claim only where all that was dialled answers to it", async () => {
    const make = () =>
      made({ "4 api.example.com": [address, other] }, { trusting: trusting([], ["example.com"]) }).names;
    const claim = async (addresses: string[]) =>
      brief((await nameAll([{ destination: destination({ address }), addresses }], make())).names[0])?.[0];
    expect(await claim([address, other])).toBe("confirmed host api.example.com");
    expect(await claim([address, third])).toBe("contradicted host api.example.com");
    expect(await claim([address, "10.0.0.1"])).toBe("claimed host api.example.com");
  });

  it("asks nobody about a claim that is not trusted, and says a failure of one that is", async () => {
    const away = { "4 api.example.com": { failed: "ETIMEOUT" } };
    const untrusted = made(away);
    expect((await nameAll([to({})], untrusted.names)).failures).toEqual([]);
    expect(untrusted.resolver.asked).toEqual([`ptr ${address}`]);
    const trusted = made(away, { trusting: trusting([], ["example.com"]) });
    expect((await nameAll([to({})], trusted.names)).failures).toEqual(["the address of api.example.com: ETIMEOUT"]);
  });

  it("names an address of Istio's own by its entry, and asks nobody", async () => {
    const { resolver, names } = made({}, { entries: [entry({ addresses: ["240.240.0.9"] })], networks });
    const { names: all } = await nameAll([to({ host: null, address: "240.240.0.9" })], names);
    expect(brief(all[0])).toEqual(["confirmed service-entry pay.example.org"]);
    expect(resolver.asked).toEqual([]);
  });
});
