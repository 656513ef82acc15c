/** Whose network an address is in, and when two are near: a mark that a stranger could write must not count. */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { apart, cdn, isCdn, noNetworks, ptrMarks } from "../../lib/enrich/networks.ts";
import { type FakeAnswer, fakeResolver } from "./fake-resolver.ts";

const set = (...marks: string[]) => new Set(marks);

describe("two addresses", () => {
  it.each<[one: string[], other: string[], "near" | "unknown" | "far"]>([
    [[], [], "unknown"],
    [["AWS"], [], "unknown"],
    [["AWS"], ["AWS"], "near"],
    [["AWS"], ["Azure"], "far"],
    [["AS64500"], ["AS64501"], "far"],
    [["AS64500"], ["AWS"], "unknown"],
    [["AWS", "AS64500"], ["AWS", "AS64501"], "near"],
    [["AWS", "AS64500"], ["Azure", "AS64500"], "near"],
    [["AWS", "AS64500"], ["AS64501"], "far"],
    [[cdn], ["AWS"], "unknown"],
    [["AWS", cdn], ["Akamai", cdn], "near"],
    [["AWS", cdn], ["Akamai"], "far"],
  ])("of %j and %j: %s", (one, other, expected) => {
    expect(apart(set(...one), set(...other))).toBe(expected);
    expect(apart(set(...other), set(...one))).toBe(expected);
  });

  test("whatever the marks: near by what they share, far only where both are known", () => {
    const marks = fc.uniqueArray(fc.constantFrom("AWS", "Azure", "AS1", "AS2", "AS-SET", cdn));
    fc.assert(
      fc.property(marks, marks, (one, other) => {
        const result = apart(set(...one), set(...other));
        expect(result).toBe(apart(set(...other), set(...one)));
        expect(result === "near").toBe(one.some((mark) => other.includes(mark)));
        if (one.length === 0 || other.length === 0) expect(result).toBe("unknown");
      }),
    );
  });
});

describe("what a PTR tells", () => {
  const address = "203.0.113.7";
  const edge = "server-203-0-113-7.fra50.r.cloudfront.net";
  const machine = "ec2-203-0-113-7.compute-1.amazonaws.com";
  async function marks(texts: string[] | null, answers: Record<string, FakeAnswer>, of = address) {
    const resolver = fakeResolver(answers);
    const reverse =
      texts === null ? { status: "none" as const, ttl: 1 } : { status: "found" as const, values: texts, ttl: 1 };
    return { marks: [...(await ptrMarks(of, reverse, resolver.forward))], asked: resolver.asked };
  }

  it("the provider whose name it is, and whether that is a CDN's", async () => {
    expect((await marks([machine], { [`4 ${machine}`]: [address] })).marks).toEqual(["AWS"]);
    expect((await marks([edge], { [`4 ${edge}`]: [address] })).marks).toEqual(["AWS", cdn]);
  });

  it("in whatever case, with its dot", async () => {
    expect((await marks([`${machine.toUpperCase()}.`], { [`4 ${machine}`]: [address] })).marks).toEqual(["AWS"]);
  });

  it("of IPv6 by its own family", async () => {
    const name = "fra16s51-in-x0e.1e100.net";
    const answers = { [`6 ${name}`]: ["2001:db8::1"] };
    expect((await marks([name], answers, "2001:db8::1")).marks).toEqual(["Google"]);
  });

  it("nothing where the name does not resolve back: whoever owns an address writes its PTR", async () => {
    for (const answers of [{}, { [`4 ${edge}`]: ["198.51.100.1"] }, { [`4 ${edge}`]: { failed: "ESERVFAIL" } }]) {
      expect((await marks([edge], answers)).marks).toEqual([]);
    }
  });

  it("nothing of a name of its owner's own, of one dressed up as a provider's, of the inside or of junk; nobody is asked", async () => {
    const texts = [
      "mail.example.com",
      `${machine}.evil.example`,
      "203-0-113-7.dyn.example.com",
      "ip-10-0-0-1.ec2.internal",
      "7.113.0.203.in-addr.arpa",
      "evil\\010.cloudfront.net",
      "",
    ];
    for (const text of texts) expect(await marks([text], {}), text).toEqual({ marks: [], asked: [] });
    expect(await marks(null, {})).toEqual({ marks: [], asked: [] });
  });

  it("at most eight names are asked for", async () => {
    const { asked } = await marks(
      Array.from({ length: 120 }, (_, n) => `f${n}.1e100.net`),
      {},
    );
    expect(asked).toHaveLength(8);
  });

  it("an outage is no mark", async () => {
    expect([...(await ptrMarks(address, { status: "failed", why: "ETIMEOUT" }, fakeResolver({}).forward))]).toEqual([]);
  });
});

describe("a CDN", () => {
  it.each([
    "AWS CLOUDFRONT",
    "Azure AzureFrontDoor.Frontend",
    "CLOUDFLARENET",
    "AS54113 FASTLY",
    "AKAMAI-ASN1",
    "BUNNYCDN",
    "CDN77",
    "a CDN edge",
    "EDGECAST",
  ])("%s", (text) => {
    expect(isCdn(text)).toBe(true);
  });
  it.each([
    "AWS EC2",
    "Google Cloud",
    "AMAZON-02",
    "undefined undefined undefined",
    "Knowledge Ltd",
    "Edgewater Hosting",
    "",
  ])("not %s", (text) => {
    expect(isCdn(text)).toBe(false);
  });
});

test("without lists nothing is known, and nothing is warned of", async () => {
  expect(await noNetworks.names("203.0.113.7")).toEqual([]);
  expect([...(await noNetworks.marks("203.0.113.7"))]).toEqual([]);
  expect(noNetworks.warnings()).toEqual([]);
});
