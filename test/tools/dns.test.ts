import { Resolver } from "node:dns/promises";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { arpaName, startDns } from "./dns.ts";
import { ensureTools } from "./ensure.ts";
import { type HostileReply, startHostileDns, wireLabels } from "./hostile-dns.ts";

let running: { stop(): Promise<void> } | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

function ask(server: string): Resolver {
  const resolver = new Resolver({ timeout: 200, tries: 1 });
  resolver.setServers([server]);
  return resolver;
}

const outcome = (asked: Promise<string[]>) =>
  asked.then(
    (found) => found.sort(),
    (error: { code: string }) => error.code,
  );

describe("startDns", () => {
  beforeAll(() => ensureTools(["dnsmasq"]));

  const data = {
    ptr: { "192.0.2.10": "db.example.net", "2001:db8::10": "db.example.net" },
    a: { "db.example.net": ["192.0.2.10", "192.0.2.11", "2001:db8::10"], "only4.example.net": ["192.0.2.12"] },
  };

  it("knows what it is told, in both directions and families", async () => {
    const dns = await startDns(data);
    running = dns;
    const resolver = ask(dns.server);
    expect(await outcome(resolver.resolvePtr(arpaName("192.0.2.10")))).toEqual(["db.example.net"]);
    expect(await outcome(resolver.resolvePtr(arpaName("2001:db8::10")))).toEqual(["db.example.net"]);
    expect(await outcome(resolver.resolve4("db.example.net"))).toEqual(["192.0.2.10", "192.0.2.11"]);
    expect(await outcome(resolver.resolve6("db.example.net"))).toEqual(["2001:db8::10"]);
  });

  it("and nothing else: no PTR for a mere A, no name below a name, no local host names", async () => {
    const dns = await startDns(data);
    running = dns;
    const resolver = ask(dns.server);
    expect(await outcome(resolver.resolve6("only4.example.net"))).toBe("ENODATA");
    expect(await outcome(resolver.resolve4("example.net"))).toBe("ENODATA");
    expect(await outcome(resolver.resolvePtr(arpaName("192.0.2.12")))).toBe("ENOTFOUND");
    for (const name of ["www.db.example.net", "example.org", "localhost", "stripe.com"]) {
      expect(await outcome(resolver.resolve4(name))).toBe("ENOTFOUND");
    }
  });

  it("has several PTR names for an address, names that stand for others, and a memory of what it was asked", async () => {
    const dns = await startDns({
      ptr: { "192.0.2.10": ["b.example.net", "a.example.net"], "10.0-25.2.0.192.in-addr.arpa": "c.example.net" },
      a: { "db.example.net": ["192.0.2.10"] },
      cname: { "www.example.net": "db.example.net", "11.2.0.192.in-addr.arpa": "10.0-25.2.0.192.in-addr.arpa" },
    });
    running = dns;
    const resolver = ask(dns.server);
    expect(await outcome(resolver.resolvePtr(arpaName("192.0.2.10")))).toEqual(["a.example.net", "b.example.net"]);
    expect(await outcome(resolver.resolvePtr(arpaName("192.0.2.11")))).toEqual(["c.example.net"]);
    expect(await outcome(resolver.resolve4("www.example.net"))).toEqual(["192.0.2.10"]);
    expect(dns.questions()).toEqual([
      "PTR 10.2.0.192.in-addr.arpa",
      "PTR 11.2.0.192.in-addr.arpa",
      "A www.example.net",
    ]);
  });

  it("refuses the rest where that is wanted, and takes no name that is configuration", async () => {
    const dns = await startDns({ nxdomainElse: false });
    running = dns;
    expect(await outcome(ask(dns.server).resolve4("example.net"))).toBe("EREFUSED");
    await expect(startDns({ a: { "x\nserver=192.0.2.1": ["192.0.2.1"] } })).rejects.toThrow(/cannot serve/);
  });
});

describe("startHostileDns", () => {
  async function hostile(reply: HostileReply): Promise<string[] | string> {
    const dns = await startHostileDns(() => reply);
    running = dns;
    return outcome(ask(dns.server).resolvePtr("10.2.0.192.in-addr.arpa"));
  }

  it("sends names that no zone file would hold", async () => {
    expect(await hostile({ ptr: [["evil\nname", "example", "com"]] })).toEqual(["evil\\010name.example.com"]);
    await running?.stop();
    expect(
      await hostile({
        ptr: [
          ["dot.inside", "com"],
          [Uint8Array.of(0, 255), "com"],
        ],
      }),
    ).toEqual(["\\000\\255.com", "dot\\.inside.com"]);
    await running?.stop();
    expect(await hostile({ ptr: [[]] })).toEqual([""]);
  });

  it("makes labels of what a resolver would print, and none of what cannot be sent", async () => {
    const printed = "evil\\010na\\.me.example.com";
    expect(wireLabels(printed)?.map(String)).toEqual(["evil\nna.me", "example", "com"]);
    expect(await hostile({ ptr: [wireLabels(printed) ?? []] })).toEqual([printed]);
    expect([wireLabels(""), wireLabels("."), wireLabels("a.b.")?.length]).toEqual([[], [], 2]);
    for (const none of ["a..b", ".a", "a".repeat(64), "a.".repeat(130)]) expect(wireLabels(none)).toBeNull();
  });

  it("answers what is made of the query", async () => {
    expect(await hostile({ raw: (query) => Buffer.concat([query.subarray(0, 2), Buffer.from([0x81, 0x83])]) })).toMatch(
      /^E/,
    );
  });

  it.each<[HostileReply, string]>([
    [{ rcode: "SERVFAIL" }, "ESERVFAIL"],
    [{ rcode: "REFUSED" }, "EREFUSED"],
    [{ rcode: "NXDOMAIN" }, "ENOTFOUND"],
    [{ rcode: "NOERROR" }, "ENODATA"],
    [{ silence: true }, "ETIMEOUT"],
    [{ truncated: true }, "ECONNREFUSED"],
    [{ wrongId: [["example", "com"]] }, "ETIMEOUT"],
    [{ raw: Uint8Array.of(1, 2, 3) }, "EBADRESP"],
  ])("answers %j, which a resolver calls %s", async (reply, code) => {
    expect(await hostile(reply)).toBe(code);
  });

  it("decides by question, and remembers what was asked", async () => {
    const dns = await startHostileDns(({ type, name }, before) =>
      before === 0
        ? { answers: [{ type: "A", name, data: "192.0.2.1" }] }
        : { rcode: type === "A" ? "SERVFAIL" : "REFUSED" },
    );
    running = dns;
    expect(await outcome(ask(dns.server).resolve4("A.example.com"))).toEqual(["192.0.2.1"]);
    expect(await outcome(ask(dns.server).resolve4("a.example.com"))).toBe("ESERVFAIL");
    expect(dns.asked).toEqual(Array(2).fill({ type: "A", name: "a.example.com" }));
  });
});
