/** Which claimed names never answer to the address dialled: only what the DNS says for sure, and only where it may be asked. */
import { describe, expect, it } from "vitest";
import { canCheck, mismatches } from "../../lib/enrich/mismatches.ts";
import { naming } from "../../lib/enrich/naming.ts";
import type { Networks } from "../../lib/enrich/networks.ts";
import { trusting } from "../../lib/enrich/trusted.ts";
import type { Claimed } from "../../lib/model.ts";
import { observation } from "../detect/make.ts";
import { type FakeAnswer, fakeResolver } from "./fake-resolver.ts";

const address = "203.0.113.7";
const claimed = (host: string | null, to: string = address): Claimed => ({
  observation: observation({ host }),
  address: to,
});

function checking(answers: Record<string, FakeAnswer>, marks: Record<string, string[]> = {}) {
  const resolver = fakeResolver(answers);
  const networks: Networks = {
    names: async () => [],
    marks: async (one) => new Set(marks[one]),
    warnings: () => [],
  };
  return { resolver, names: naming({ resolver, networks, trusting: trusting([], ["example.com"]) }) };
}
const check = async (list: Claimed[], answers: Record<string, FakeAnswer>, marks: Record<string, string[]> = {}) => {
  const { resolver, names } = checking(answers, marks);
  const { mismatches: found, unchecked, failures } = await mismatches(list, names);
  return { found, unchecked, failures, asked: resolver.asked };
};

describe("a name at an address", () => {
  it("is none of its own where the name leads elsewhere", async () => {
    const one = claimed("api.example.com");
    const { found } = await check([one], { "4 api.example.com": ["198.51.100.1"] });
    expect(found).toEqual([{ ...one, apart: "unknown", why: ", but it resolves to 198.51.100.1" }]);
  });

  it("is far from it where both networks are known", async () => {
    const { found } = await check(
      [claimed("api.example.com")],
      { "4 api.example.com": ["198.51.100.1"] },
      { [address]: ["Acme"], "198.51.100.1": ["AWS"] },
    );
    expect(found.map(({ apart }) => apart)).toEqual(["far"]);
  });

  it.each<[string, Record<string, FakeAnswer>, Record<string, string[]>]>([
    ["answers", { "4 api.example.com": [address] }, {}],
    ["does not resolve", {}, {}],
    ["cannot be asked for", { "4 api.example.com": { failed: "ETIMEOUT" } }, {}],
    ["is of a pool", { "4 api.example.com": [["198.51.100.1"], ["198.51.100.2"]] }, {}],
    [
      "is of the same network",
      { "4 api.example.com": ["198.51.100.1"] },
      { [address]: ["AWS"], "198.51.100.1": ["AWS"] },
    ],
  ])("is nothing to tell where it %s", async (_, answers, marks) => {
    expect((await check([claimed("api.example.com")], answers, marks)).found).toEqual([]);
  });

  it("is unchecked where nobody can be asked, which is said", async () => {
    const one = claimed("api.example.com");
    const { unchecked, failures } = await check([one], { "4 api.example.com": { failed: "ETIMEOUT" } });
    expect(unchecked).toEqual([one]);
    expect(failures).toEqual([{ asked: "the address of api.example.com", why: "ETIMEOUT" }]);
  });

  it("of a stranger who calls himself a CDN is one all the same", async () => {
    const edge = "server-203-0-113-7.fra50.r.cloudfront.net";
    const theirs = "server-198-51-100-1.fra50.r.cloudfront.net";
    const answers = {
      "4 api.example.com": ["198.51.100.1"],
      [`ptr ${address}`]: [edge],
      "ptr 198.51.100.1": [theirs],
      [`4 ${theirs}`]: ["198.51.100.1"],
    };
    expect((await check([claimed("api.example.com")], answers)).found).toHaveLength(1);
    const true_ = { ...answers, [`4 ${edge}`]: [address] };
    expect((await check([claimed("api.example.com")], true_)).found).toEqual([]);
  });
});

describe("who is asked", () => {
  it.each<[string | null, string, boolean]>([
    ["api.example.com", address, true],
    ["api.example.net", address, false],
    [null, address, false],
    ["pay.shop.svc.cluster.local", address, false],
    ["api.example.com", "10.0.0.1", false],
    ["api.example.com", "240.240.0.1", false],
    ["api.example.com", "127.0.0.1", false],
    ["api.example.com", "2001:db8::1", true],
  ])("%s at %s: %s", async (host, to, isAsked) => {
    const { resolver, names } = checking({});
    expect(canCheck(claimed(host, to), names)).toBe(isAsked);
    await mismatches([claimed(host, to)], names);
    expect(resolver.asked.length > 0).toBe(isAsked);
  });

  it("of no more than 500 pairs, not counting those that may not be asked for", async () => {
    const list = Array.from({ length: 700 }, (_, n) => claimed(`h${n}.example.com`));
    const { asked } = await check([...list.map((one) => ({ ...one, address: "10.0.0.1" })), ...list], {});
    expect(asked).toHaveLength(500);
  });
});
