/** Whole runs where a workload calls a name that it always called, at an address that never was that name's. */
import { describe, expect, it } from "vitest";
import { trusting } from "../../lib/enrich/trusted.ts";
import type { Labels } from "../../lib/model.ts";
import { type FakeAnswer, type FakeResolver, fakeResolver } from "../enrich/fake-resolver.ts";
import { tcp } from "../observe/make.ts";
import type { Stored } from "../poll/fake-telemetry.ts";
import { day, found, hour, minute, noon, requested, type World, world } from "../scout-make.ts";

const host = "api.example.com";
const home = "198.51.100.1";
const stranger = "203.0.113.7";
const answers: Record<string, FakeAnswer> = { [`4 ${host}`]: [home] };
const at = (address: string): Labels => ({ destination_address: `${address}:80` });
const to = (address: string, calls: number[], change: Labels = {}, name = host): Stored =>
  requested(name, calls, { ...at(address), ...change });
/** Called at home before noon, and ever since. */
const usual = to(home, [noon - 2 * hour, noon - hour, noon + 3 * minute, noon + 20 * minute]);

function meshOf(stored: Stored[], told: Record<string, FakeAnswer> = answers, trusted: string[] = ["example.com"]) {
  const one = world(...stored);
  const resolver = fakeResolver(told);
  one.parts.resolver = resolver;
  one.parts.trusting = trusting([], trusted);
  return { ...one, resolver } satisfies World & { resolver: FakeResolver };
}
async function second(stored: Stored[], told = answers, trusted = ["example.com"]) {
  const one = meshOf(stored, told, trusted);
  await one.run(noon);
  return { one, asked: one.resolver.asked, scan: await one.run(noon + 15 * minute) };
}
const times = (count: number, from = noon + minute, every = minute / 2) =>
  Array.from({ length: count }, (_, n) => from + n * every);

describe("a known host at another address", () => {
  it("is one finding, with the exact count of that address alone", async () => {
    const { scan } = await second([usual, to(stranger, times(7))]);
    expect(found(scan)).toEqual([`name-mismatch ${host}:80 x7`]);
    expect(scan.findings).toMatchObject([
      {
        severity: "warning",
        destination: { host, address: stranger },
        addresses: [stranger],
        suggestions: [],
        firstSeen: noon + minute,
        lastSeen: noon + 4 * minute,
      },
    ]);
    expect(scan.findings[0]?.summary).toContain(stranger);
    expect(scan.findings[0]?.summary).toContain(home);
  });

  it("is counted over all the series it comes in, copies once", async () => {
    const pods = [
      to(stranger, times(3), { response_code: "200", pod: "a", instance: "a:1", job: "mesh" }),
      to(stranger, times(2), { response_code: "503", pod: "a", instance: "a:1", job: "mesh" }),
      to(stranger, times(4), { response_code: "200", pod: "b", instance: "b:1", job: "mesh" }),
      to(stranger, times(4), { response_code: "200", pod: "b", instance: "b:1", job: "twice" }),
    ];
    expect(found((await second([usual, ...pods])).scan)).toEqual([`name-mismatch ${host}:80 x9`]);
  });

  it("of an SNI as of a Host", async () => {
    const tls = (address: string, calls: number[]): Stored => ({
      ...to(address, calls),
      metric: "istio_tcp_connections_opened_total",
      labels: tcp(`${address}:443`, { requested_server_name: host }),
    });
    const { scan } = await second([tls(home, [noon - hour]), tls(stranger, times(5))]);
    expect(found(scan)).toEqual([`name-mismatch ${host}:443 x5`]);
    expect(scan.findings[0]?.destination).toMatchObject({ protocol: "tls", sni: host, address: stranger });
  });

  it("of IPv6", async () => {
    const six = "2001:db8::7";
    const told = { ...answers, [`6 ${host}`]: ["2001:db8::1"] };
    const calls = requested(host, times(2), { destination_address: `[${six}]:80` });
    const { scan } = await second([usual, calls], told);
    expect(scan.findings).toMatchObject([{ kind: "name-mismatch", destination: { address: six }, count: 2 }]);
  });

  it("is another finding for each source and address", async () => {
    const job = { source_workload: "job" };
    const { scan } = await second([
      usual,
      to(home, [noon - hour], job),
      to(stranger, times(1)),
      to("203.0.113.8", times(2)),
      to(stranger, times(3), job),
    ]);
    expect(
      scan.findings.map(({ source, destination: { address }, count }) => [source.workload, address, count]),
    ).toEqual(
      expect.arrayContaining([
        ["web", stranger, 1],
        ["web", "203.0.113.8", 2],
        ["job", stranger, 3],
      ]),
    );
    expect(scan.findings).toHaveLength(3);
  });

  it("that is new, too, is found as both, and gets no manifest", async () => {
    const { scan } = await second([to(stranger, times(2)), requested("old.example.net", [noon - hour])]);
    expect(found(scan)).toEqual([`name-mismatch ${host}:80 x2`, `new-destination ${host}:80 x2`]);
    expect(scan.findings.flatMap(({ suggestions }) => suggestions)).toEqual([]);
  });
});

describe("nothing is found", () => {
  it.each<[string, Record<string, FakeAnswer>]>([
    ["that DNS answers", { [`4 ${host}`]: [home, stranger] }],
    ["that the second answer of a pool has", { [`4 ${host}`]: [[home], [stranger]] }],
    ["of a pool", { [`4 ${host}`]: [[home], ["198.51.100.2"]] }],
    ["of a name that does not exist", {}],
    ["where the DNS is away", { [`4 ${host}`]: { failed: "ETIMEOUT" } }],
  ])("at an address %s", async (_, told) => {
    expect(found((await second([usual, to(stranger, times(3))], told)).scan)).toEqual([]);
  });

  it.each(["10.0.0.7", "240.240.0.7", "127.0.0.1", "169.254.169.254"])(
    "at %s, which is none of the outside",
    async (inner) => {
      const { scan, asked } = await second([usual, to(inner, times(3))]);
      expect(found(scan)).toEqual([]);
      expect(asked).toEqual([`4 ${host}`]);
    },
  );

  it("of a host that nobody trusts, and nobody is asked for it", async () => {
    const { scan, asked } = await second([usual, to(stranger, times(3))], answers, ["example.org"]);
    expect(found(scan)).toEqual([]);
    expect(asked).toEqual([]);
    const none = await second([usual, to(stranger, times(3))], answers, []);
    expect([found(none.scan), none.asked]).toEqual([[], []]);
  });

  it("of what is not doubted, and Prometheus is asked for no sample of it", async () => {
    const questions = async (stored: Stored[], told = answers, trusted = ["example.com"]) => {
      const one = meshOf(stored, told, trusted);
      await one.run(noon);
      one.telemetry.questions.length = 0;
      await one.run(noon + 15 * minute);
      return one.telemetry.questions.length;
    };
    const usually = await questions([usual]);
    const both = [usual, to(stranger, times(3))];
    expect(await questions(both, { [`4 ${host}`]: [home, stranger] })).toBe(usually);
    expect(await questions(both, answers, [])).toBe(usually);
    expect(await questions(both)).toBeGreaterThan(usually);
  });

  it("of what idles there, and was called before the window", async () => {
    const { scan } = await second([usual, to(stranger, [noon - hour, noon - hour + minute])]);
    expect(found(scan)).toEqual([]);
  });

  it("of a pod that idled there, was not scraped for hours, and is there again", async () => {
    const calls = times(40, noon - 3 * hour);
    const whole = to(stranger, [...calls, noon + 5 * hour + 2 * minute]);
    const hole = { ...whole, values: whole.values.filter(([time]) => time < noon || time > noon + 4 * hour) };
    const one = meshOf([usual, hole]);
    await one.run(noon);
    for (let end = noon + 15 * minute; end <= noon + 5 * hour; end += 15 * minute) {
      expect(found(await one.run(end)), new Date(end).toISOString()).toEqual([]);
    }
    expect(found(await one.run(noon + 5 * hour + 15 * minute))).toEqual([`name-mismatch ${host}:80 x1`]);
  });
});

describe("a pool", () => {
  const pool = (count: number) => Array.from({ length: count }, (_, n) => to(`203.0.113.${n + 1}`, times(1)));

  it("of 16 addresses and more is left alone, and nobody is asked but the index", async () => {
    const { scan, asked } = await second([usual, ...pool(15)]);
    expect(found(scan)).toEqual([]);
    expect(asked).toEqual([`4 ${host}`]);
  });

  it("of 15 is not: a workload may know several strangers", async () => {
    const { scan } = await second([usual, ...pool(14)]);
    expect(scan.findings.map(({ kind, count }) => [kind, count])).toEqual(Array(14).fill(["name-mismatch", 1]));
  });
});

describe("over several runs", () => {
  it("is told once while it lasts, resolved after an hour of quiet, with the sum of all counts", async () => {
    const one = meshOf([usual, to(stranger, times(60, noon + minute, minute))]);
    await one.run(noon);
    const told: string[] = [];
    for (let end = noon + 15 * minute; end <= noon + 4 * hour; end += 15 * minute) {
      const { findings } = await one.run(end);
      told.push(
        ...findings.map(({ kind, state, count, id }) => `${(end - noon) / minute} ${kind} ${state} ${count} ${id}`),
      );
    }
    const [open, resolved] = told;
    expect(told).toHaveLength(2);
    expect(open).toMatch(/^15 name-mismatch open 15 /);
    expect(resolved).toMatch(/^120 name-mismatch resolved 60 /);
    expect(open?.split(" ").at(-1)).toBe(resolved?.split(" ").at(-1));
    // One message of each to the team's channel, no more.
    expect(one.sent).toHaveLength(2);
  });

  it("asks for nothing but the index in a run in which nobody dials the address any more", async () => {
    const { one, asked } = await second([usual, to(stranger, times(3))]);
    await one.run(noon + 30 * minute);
    asked.length = 0;
    await one.run(noon + 45 * minute);
    expect(asked).toEqual([`4 ${host}`]);
  });

  it("counts the whole of a long outage, slice by slice", async () => {
    const calls = [noon + 2 * hour, noon + 3 * hour, noon + 27 * hour, noon + 28 * hour];
    const one = meshOf([usual, to(stranger, calls)]);
    await one.run(noon);
    const scan = await one.run(noon + 30 * hour);
    expect(scan.findings.filter(({ kind }) => kind === "name-mismatch")).toMatchObject([
      { count: 4, firstSeen: noon + 2 * hour, lastSeen: noon + 28 * hour, state: "open" },
    ]);
  });

  it("a dry run finds the same and keeps none of it", async () => {
    const one = meshOf([usual, to(stranger, times(4))]);
    await one.run(noon);
    const dry = await one.run(noon + 15 * minute, { dryRun: true });
    expect(found(dry)).toEqual([`name-mismatch ${host}:80 x4`]);
    expect((await one.store.open("prod")).size).toBe(0);
    expect(found(await one.run(noon + 15 * minute))).toEqual(found(dry));
  });

  it("learning finds none: it is remembered as usual, and told when it goes on", async () => {
    const one = meshOf([usual, to(stranger, [...times(9, noon - hour), noon + minute])]);
    expect(found(await one.run(noon))).toEqual([]);
    expect(found(await one.run(noon + 15 * minute))).toEqual([`name-mismatch ${host}:80 x1`]);
    expect(noon % day).toBe(day / 2);
  });
});
