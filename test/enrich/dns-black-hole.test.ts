/** Zones and servers that never answer: they cost little, hold up nobody, and are said for what they are. Counts, not times. */
import { describe, expect, test } from "vitest";
import { startHostileDns } from "../tools/hostile-dns.ts";
import { ask, foundNames, hostile, isKnock, ptr, whys } from "./dns-make.ts";

/** `count` addresses in /24s of 250. */
const range = (first: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${first}.0.${Math.floor(index / 250)}.${(index % 250) + 1}`);
const interleaved = (one: string[], other: string[]): string[] => one.flatMap((value, at) => [value, other[at] ?? ""]);

/** 100.0.0.0/8 is a black hole, 101.0.0.0/8 answers at once. */
const isDead = ({ name }: { name: string }): boolean => name.endsWith(".100.in-addr.arpa") || name.endsWith("dead.com");
const halfDead = () => hostile((question) => (isDead(question) ? { silence: true } : ptr("api.example.com")));

const found = foundNames("api.example.com");
const [dead, healthy] = [range(100, 5000), range(101, 5000)];
const zones = dead.length / 250;
/** Three look-ups of each zone, and each of them twice. */
const wasted = zones * 3 * 2;

describe("5,000 addresses in a black hole and 5,000 in healthy zones", () => {
  test.each([
    ["mixed", interleaved(dead, healthy)],
    ["the black hole first", [...dead, ...healthy]],
  ])("%s: all healthy ones are named, and the others cost six questions a zone", async (_, addresses) => {
    const server = await halfDead();
    const resolver = ask([server]);
    const lookups = await Promise.all(addresses.map((address) => resolver.reverse(address)));
    const of = (first: string) => lookups.filter((_, place) => addresses[place]?.startsWith(first));
    expect(of("101.").every((lookup) => lookup.status === "found")).toBe(true);
    expect(of("100.").every((lookup) => lookup.status === "failed")).toBe(true);
    expect(server.asked.filter(isDead).length).toBeLessThanOrEqual(wasted);
    const skipped = whys(of("100.")).filter((why) =>
      /^the zone \d+\.0\.100\.in-addr\.arpa did not answer three/.test(why),
    );
    expect(skipped).toHaveLength(5000 - 3 * zones);
  });

  test("with few tokens: what the black hole does not cost, the healthy ones get", async () => {
    const server = await halfDead();
    const resolver = ask([server], { perSecond: 200, budget: 3000 });
    const addresses = interleaved(dead, healthy);
    const lookups = await Promise.all(addresses.map((address) => resolver.reverse(address)));
    expect(server.asked.length).toBeLessThanOrEqual(16 + 200 * 3);
    expect(server.asked.filter(isDead).length).toBeLessThanOrEqual(wasted);
    const named = lookups.filter(({ status }) => status === "found").length;
    // One answer may come after the budget's end.
    expect(named).toBeGreaterThanOrEqual(server.asked.length - server.asked.filter(isDead).length - 1);
    expect(lookups.every(({ status }) => status !== "none")).toBe(true);
  });
});

describe("a zone that does not answer", () => {
  test("is not asked again in this run, in no way, and other zones are", async () => {
    const server = await halfDead();
    const resolver = ask([server], { deadline: 80 });
    const first = await Promise.all(["a", "b", "c"].map((name) => resolver.forward(`${name}.dead.com`, 4)));
    expect(whys(first).every((why) => why.startsWith("ETIMEOUT"))).toBe(true);
    const before = server.asked.length;
    const why = "the zone dead.com did not answer three times: skipped in this run";
    expect(await resolver.forward("d.dead.com", 6)).toEqual({ status: "failed", why });
    expect(await resolver.again("a.dead.com", 4)).toEqual({ status: "failed", why });
    expect(server.asked).toHaveLength(before);
    expect(await resolver.reverse("101.0.0.1")).toEqual(found);
  });

  test("is asked on where some of it answers", async () => {
    const server = await hostile(({ name }) => (name.startsWith("1") ? { silence: true } : ptr("api.example.com")));
    const resolver = ask([server], { deadline: 80, concurrency: 4 });
    const addresses = Array.from(
      { length: 30 },
      (_, index) => `203.0.113.${index % 5 === 0 ? 100 + index : 20 + index}`,
    );
    const lookups = await Promise.all(addresses.map((address) => resolver.reverse(address)));
    expect(lookups.filter(({ status }) => status === "found")).toHaveLength(24);
  });

  test("does not make servers look dead, however many such zones there are before the first healthy one", async () => {
    const server = await hostile((question) =>
      isKnock(question) ? { rcode: "NXDOMAIN" } : isDead(question) ? { silence: true } : ptr("api.example.com"),
    );
    const lame = Array.from({ length: 200 }, (_, index) => `100.${index}.0.1`);
    const resolver = ask([server], { deadline: 80 });
    const lookups = await Promise.all([...lame, "101.0.0.1"].map((address) => resolver.reverse(address)));
    expect(lookups.at(-1)).toEqual(found);
    expect(server.asked.filter(isKnock)).toHaveLength(1);
    expect(lookups.slice(0, -1).every(({ status }) => status === "failed")).toBe(true);
  });
});

describe("no server answers", () => {
  const many = Array.from({ length: 5000 }, (_, index) => `100.${index >> 8}.${index & 255}.1`);

  test("is known after a few questions, and ends all others at once", async () => {
    const server = await hostile(() => ({ silence: true }));
    const resolver = ask([server], { perSecond: 50 });
    const lookups = await Promise.all(many.map((address) => resolver.reverse(address)));
    expect(server.asked.length).toBeLessThanOrEqual(16 + 64);
    expect(server.asked.filter(isKnock)).toHaveLength(1);
    const why = `no DNS server answers: ETIMEOUT from ${server.server}: no answer in 200ms`;
    expect(whys(lookups).filter((text) => text === why).length).toBeGreaterThan(4900);
    expect(lookups.every(({ status }) => status === "failed")).toBe(true);
    expect(await resolver.forward("api.example.com", 4)).toEqual({ status: "failed", why });
  });

  test("of two, one silent and one that is not there", async () => {
    const silent = await hostile(() => ({ silence: true }));
    const gone = await startHostileDns(() => ({ silence: true }));
    await gone.stop();
    const one = ask([silent, gone]);
    const all = whys(await Promise.all(many.map((address) => one.reverse(address))));
    expect(all.at(-1)).toBe(
      `no DNS server answers: ETIMEOUT from ${silent.server}: no answer in 200ms, ECONNREFUSED from ${gone.server}`,
    );
  });

  test("is not said where the first is silent and the second answers", async () => {
    const silent = await hostile(() => ({ silence: true }));
    const good = await hostile(() => ptr("api.example.com"));
    const resolver = ask([silent, good]);
    const lookups = await Promise.all(many.slice(0, 300).map((address) => resolver.reverse(address)));
    expect(lookups.every(({ status }) => status === "found")).toBe(true);
    expect(silent.asked.filter(isKnock)).toEqual([]);
  });

  test("is not said of servers that say they cannot: an error is an answer, and each address gets its own", async () => {
    const server = await hostile(() => ({ rcode: "SERVFAIL" }));
    const resolver = ask([server]);
    const lookups = await Promise.all(many.slice(0, 100).map((address) => resolver.reverse(address)));
    expect(new Set(whys(lookups))).toEqual(new Set([`ESERVFAIL from ${server.server}`]));
  });
});
