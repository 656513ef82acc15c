/** What a run recognises addresses by, over whole runs: what the DNS said is kept while it holds, and nothing is named twice. */
import { describe, expect, it } from "vitest";
import { findingId } from "../lib/detect/finding-id.ts";
import { naming } from "../lib/enrich/naming.ts";
import { trusting } from "../lib/enrich/trusted.ts";
import type { EntryInForce, Verdict } from "../lib/model.ts";
import { policiesOf } from "../lib/policy/index.ts";
import { recognise, withNames } from "../lib/recognise.ts";
import { memory } from "../lib/remember/memory.ts";
import { nothingNew } from "../lib/remember/store.ts";
import { replay } from "../lib/replay.ts";
import { Memory } from "../lib/words/memory.ts";
import { bare, observation, sighting } from "./detect/make.ts";
import { type FakeAnswer, fakeResolver } from "./enrich/fake-resolver.ts";
import { names as labels } from "./observe/make.ts";
import type { Stored } from "./poll/fake-telemetry.ts";
import { connected, day, found, hour, minute, noon, requested, usualNotify, world } from "./scout-make.ts";

const host = "api.example.com";
const address = "203.0.113.7";
const quarter = 15 * minute;
const entry: EntryInForce = {
  namespace: "shop",
  name: "pay",
  hosts: ["pay.example.org"],
  addresses: [],
  endpoints: [],
};

/** Answers hold for half an hour. */
function holding(answers: Record<string, FakeAnswer>) {
  const resolver = fakeResolver(answers);
  const longer = async (ask: Promise<Awaited<ReturnType<typeof resolver.reverse>>>) => {
    const answer = await ask;
    return answer.status === "failed" ? answer : { ...answer, ttl: 2 * quarter };
  };
  return {
    ...resolver,
    reverse: (one: string) => longer(resolver.reverse(one)),
    forward: (one: string, family: 4 | 6) => longer(resolver.forward(one, family)),
    again: (one: string, family: 4 | 6) => longer(resolver.again(one, family)),
  };
}
function mesh(answers: Record<string, FakeAnswer>, ...stored: Stored[]) {
  const one = world(...stored);
  const resolver = holding(answers);
  one.parts.resolver = resolver;
  one.parts.trusting = trusting([entry], ["example.com"]);
  const runs = async (...ends: number[]) => {
    const scans = [];
    for (const end of ends) scans.push(await one.run(end));
    return scans;
  };
  return { ...one, runs, asked: resolver.asked };
}
const known = requested(host, [noon - hour], { destination_address: `${address}:80` });
const seen = (to: string, time: number) => connected(`${to}:443`, [time]);

describe("what the DNS said", () => {
  it("is kept in the store, and not asked again while it holds", async () => {
    const { runs, asked, store } = mesh({ [`4 ${host}`]: [address] }, known);
    await runs(noon, noon + quarter);
    expect(asked).toEqual([`4 ${host}`]);
    expect([...(await store.answers("prod")).values()]).toEqual([
      {
        question: `4 ${host}`,
        values: [address],
        at: noon + quarter,
        until: noon + 3 * quarter,
        seen: [[address, noon + quarter]],
      },
    ]);
    await runs(noon + 2 * quarter);
    expect(asked).toHaveLength(1);
    await runs(noon + 3 * quarter);
    expect(asked).toEqual([`4 ${host}`, `4 ${host}`]);
  });

  it("that there is nothing, as well; but not that nobody could be asked", async () => {
    const none = mesh({}, known);
    await none.runs(noon, noon + quarter, noon + 2 * quarter);
    expect(none.asked).toEqual([`4 ${host}`]);
    const away = mesh({ [`4 ${host}`]: { failed: "ETIMEOUT" } }, known);
    const [, scan] = await away.runs(noon, noon + quarter, noon + 2 * quarter);
    expect(away.asked).toEqual([`4 ${host}`, `4 ${host}`]);
    expect(scan?.warnings).toEqual([`dns: the address of ${host}: ETIMEOUT (a name may be missing here that exists)`]);
    expect((await away.store.answers("prod")).size).toBe(0);
  });

  it("in a dry run is asked, and not kept", async () => {
    const one = mesh({ [`4 ${host}`]: [address] }, known);
    await one.runs(noon);
    await one.run(noon + quarter, { dryRun: true });
    expect(one.asked).toEqual([`4 ${host}`]);
    expect((await one.store.answers("prod")).size).toBe(0);
  });

  it("names an address in a later run, when the name has long gone elsewhere", async () => {
    const turns = { [`4 ${host}`]: [["198.51.100.9"], ["198.51.100.10"]] };
    const one = mesh(turns, known, seen("198.51.100.9", noon + 4 * day - minute));
    await one.runs(noon, noon + quarter);
    const [scan] = await one.runs(noon + 4 * day);
    const found = scan?.findings.find(({ destination: to }) => to.address === "198.51.100.9");
    expect(found?.names).toMatchObject([
      {
        name: host,
        from: "forward",
        trust: "confirmed",
        why: `shop/web calls ${host}, and it resolved to 198.51.100.9 in the last week`,
      },
    ]);
  });
});

describe("whom an address belongs to", () => {
  it("is told by hosts that were called, and by hosts of ServiceEntries", async () => {
    const answers = { [`4 ${host}`]: ["198.51.100.1"], "4 pay.example.org": ["198.51.100.2"] };
    const news = ["198.51.100.1", "198.51.100.2"].map((one) => seen(one, noon + minute));
    const one = mesh(answers, known, ...news);
    one.parts.entries = [{ ...entry, file: "mesh.yaml", text: "", object: {}, place: null }];
    const [, scan] = await one.runs(noon, noon + quarter);
    expect(scan?.findings.map(({ names }) => names[0]?.why)).toEqual([
      `shop/web calls ${host}, and it resolves to 198.51.100.1`,
      "the ServiceEntry shop/pay names pay.example.org, and it resolves to 198.51.100.2",
    ]);
  });

  it("asks for IPv6 only where somebody dials it", async () => {
    const six = mesh({}, known, connected("[2001:db8::1]:443", [noon - hour]));
    await six.runs(noon, noon + quarter);
    expect(six.asked.toSorted()).toEqual([`4 ${host}`, `6 ${host}`, "ptr 2001:db8::1"]);
  });
});

describe("a host that a verdict approves", () => {
  const approving = (id: string): Verdict => ({
    id,
    verdict: "approved",
    until: null,
    reason: null,
    by: null,
    at: null,
  });
  const answers = { "4 api.example.net": ["198.51.100.1"] };
  const called = requested("api.example.net", [noon - hour], { destination_address: "198.51.100.1:80" });

  it("is of the index; without the verdict nobody asks for what a workload wrote", async () => {
    const one = mesh(answers, called, seen("198.51.100.1", noon + minute));
    await one.runs(noon);
    const [first] = [...(await one.store.recall("prod")).values()];
    expect(first?.destination.host).toBe("api.example.net");
    one.parts.reviewed = [approving(findingId("new-destination", "another"))];
    await one.runs(noon + 5 * minute);
    expect(one.asked).not.toContain("4 api.example.net");

    const two = mesh(answers, called, seen("198.51.100.1", noon + minute));
    await two.runs(noon);
    two.parts.reviewed = [approving(findingId("new-destination", first?.key ?? ""))];
    const [scan] = await two.runs(noon + 5 * minute);
    expect(scan?.findings[0]?.names[0]).toMatchObject({
      name: "api.example.net",
      from: "forward",
      trust: "confirmed",
    });
  });
});

it.each([
  ["new-destination", true],
  ["policy-violation", false],
] as const)("the host of a told %s that is approved may be looked up: %s", async (kind, isTrusted) => {
  const one = sighting(observation({ host, address }));
  const approved = new Map([[findingId(kind, one.key), one.key]]);
  const parts = { resolver: fakeResolver({}), store: memory(), approved };
  const { naming: names } = await recognise(parts, { cluster: "prod", now: noon }, new Memory([one]));
  expect([names.trusting(host), names.trusting("api.example.net")]).toEqual([isTrusted, false]);
});

describe("what is doubted", () => {
  it("only a trusted name, at an address of the outside that it is not known to answer with", async () => {
    const resolver = fakeResolver({ [`4 ${host}`]: [address] });
    const parts = { resolver, store: memory(), trusting: trusting([], ["example.com"]) };
    const remembered = new Memory([sighting(observation({ host, address }))]);
    const { doubts } = await recognise(parts, { cluster: "prod", now: noon }, remembered);
    expect(doubts(host, "198.51.100.1")).toBe(true);
    expect(doubts("other.example.com", address)).toBe(true);
    expect(doubts(host, address)).toBe(false);
    expect(doubts("api.example.net", "198.51.100.1")).toBe(false);
    for (const inner of ["10.0.0.1", "240.240.0.1", "127.0.0.1"]) expect(doubts(host, inner), inner).toBe(false);
  });
});

describe("names of what was learned", () => {
  const addresses = Array.from({ length: 300 }, (_, n) => `203.0.${113 + (n >> 8)}.${n & 255}`);
  // Scraped for no longer than these runs look: hundreds of series over days take long to make.
  const learned = addresses.map((one) => {
    const whole = seen(one, noon - hour);
    return { ...whole, values: whole.values.filter(([time]) => time <= noon + hour) };
  });
  const ptrs = (asked: string[]) => asked.filter((one) => one.startsWith("ptr ")).length;

  it("come in later runs, 250 in each, and each is asked for once", async () => {
    const one = mesh(Object.fromEntries(addresses.map((to) => [`ptr ${to}`, ["mail.example.net"]])), ...learned);
    await one.runs(noon);
    expect(ptrs(one.asked)).toBe(0);
    await one.runs(noon + quarter);
    expect(ptrs(one.asked)).toBe(250);
    await one.runs(noon + 2 * quarter, noon + 3 * quarter);
    expect(ptrs(one.asked)).toBe(300);
    const sightings = [...(await one.store.recall("prod")).values()];
    expect(sightings.map(({ name }) => name?.name)).toEqual(Array(300).fill("mail.example.net"));
  });

  it("go to the sighting as this run has it, and not as it was", async () => {
    const before = sighting(observation(bare(address)));
    const now = { ...before, lastSeen: noon, count: before.count + 7 };
    const name = { naming: naming({ resolver: fakeResolver({}) }), late: true };
    for (const to of [noon, noon + minute, noon + 2 * minute])
      expect(await withNames([now], [], new Memory([before]), { ...name, to })).toEqual([{ ...now, namedAt: to }]);
  });

  it("change nothing else of what is remembered", async () => {
    const one = mesh({}, ...learned.slice(0, 3));
    await one.runs(noon);
    const before = await one.store.recall("prod");
    await one.runs(noon + quarter);
    const after = await one.store.recall("prod");
    const end = noon + quarter;
    expect([...after.values()]).toEqual([...before.values()].map((each) => ({ ...each, namedAt: end })));
  });

  it("none in a dry run, and none where the order says so", async () => {
    const one = mesh({}, ...learned);
    await one.runs(noon);
    await one.run(noon + quarter, { dryRun: true });
    await one.run(noon + quarter, { lateNames: false });
    expect(one.asked).toEqual([]);
  });

  it("none in a replay, which asks for its findings alone", async () => {
    const one = mesh({}, ...learned, seen("198.51.100.1", noon + 20 * minute));
    const { found: replayed } = await replay(one.parts, {
      cluster: "prod",
      now: noon,
      from: noon,
      to: noon + hour,
      step: quarter,
      learn: day,
      labels,
      matchers: "",
      internal: [],
      routes: [],
      notify: usualNotify,
      policies: policiesOf([]),
      detect: { fanOut: 20, spike: { falseAlarmsPerWeek: 1, floor: 5, ratio: 2 } },
      suggest: { exportTo: ["."], dnsCapture: false },
    });
    expect(replayed.map(({ finding }) => finding.destination.address)).toEqual(["198.51.100.1"]);
    expect(one.asked).toEqual(["ptr 198.51.100.1"]);
  });
});

describe("the name of a finding", () => {
  const news = seen(address, noon + minute);
  const named = async (one: ReturnType<typeof mesh>) =>
    [...(await one.store.recall("prod")).values()].find(({ destination: to }) => to.address === address);
  const old = requested("old.example.net", [noon - hour]);

  it("is remembered with its sighting, in the same run, and asked for once", async () => {
    const one = mesh({ [`ptr ${address}`]: ["mail.example.net"], "4 mail.example.net": [address] }, old, news);
    await one.runs(noon, noon + quarter);
    expect(await named(one)).toMatchObject({ name: { name: "mail.example.net" }, namedAt: noon + quarter });
    await one.runs(noon + 2 * quarter);
    expect(one.asked).toEqual([`ptr ${address}`, "4 mail.example.net"]);
  });

  it("that nobody could be asked for is looked for again", async () => {
    const answers: Record<string, FakeAnswer> = { [`ptr ${address}`]: { failed: "ETIMEOUT" } };
    const one = mesh(answers, old, news);
    const [, scan] = await one.runs(noon, noon + quarter);
    expect(scan === undefined ? [] : found(scan)).toEqual([`new-destination ${address}:443 x1`]);
    expect(await named(one)).toMatchObject({ name: null, namedAt: null });
    answers[`ptr ${address}`] = ["mail.example.net"];
    await one.runs(noon + 2 * quarter);
    expect(await named(one)).toMatchObject({ name: { name: "mail.example.net" }, namedAt: noon + 2 * quarter });
  });

  it("that there is none is remembered too", async () => {
    const one = mesh({}, old, news);
    await one.runs(noon, noon + quarter, noon + 2 * quarter, noon + 8 * quarter);
    expect(await named(one)).toMatchObject({ name: null, namedAt: noon + quarter });
    expect(one.asked).toEqual([`ptr ${address}`]);
  });

  const again = (days: number) => connected(`${address}:443`, [noon + minute, noon + days * day - minute]);
  const answered = { [`ptr ${address}`]: ["mail.example.net"], "4 mail.example.net": [address] };

  it("is kept where its destination is called again after a week", async () => {
    const one = mesh(answered, old, again(8));
    await one.runs(noon, noon + quarter, noon + 8 * day);
    expect(await named(one)).toMatchObject({ count: 2, name: { name: "mail.example.net" }, namedAt: noon + quarter });
    expect(one.asked).toEqual([`ptr ${address}`, "4 mail.example.net"]);
  });

  it("is looked for anew where its destination was quiet for so long that it is new again", async () => {
    const one = mesh(answered, old, again(8));
    await one.runs(noon, noon + quarter);
    const sightings = [...(await one.store.recall("prod")).values()];
    const longAgo = sightings.map((each) => ({ ...each, lastSeen: each.lastSeen - 90 * day }));
    const progress = await one.store.progress("prod");
    if (progress !== null) await one.store.remember("prod", { ...nothingNew(progress), sightings: longAgo });
    one.parts.resolver = fakeResolver({ [`ptr ${address}`]: { failed: "ETIMEOUT" } });
    await one.runs(noon + 8 * day);
    expect(await named(one)).toMatchObject({ name: null, namedAt: null });
  });
});
