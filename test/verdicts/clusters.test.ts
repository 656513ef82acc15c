/** Several clusters that remember in one store: whose verdict is whose, who says that one ended, and what is looked up for it. */
import { describe, expect, it } from "vitest";
import { findingId } from "../../lib/detect/finding-id.ts";
import type { Sighting, Verdict } from "../../lib/model.ts";
import { decide, listVerdicts } from "../../lib/verdicts/decide.ts";
import { lookUp } from "../../lib/verdicts/looked-up.ts";
import { sighting } from "../contract/store.ts";
import { day, hour, minute, noon, requested, world } from "../scout-make.ts";

const until = noon + 20 * minute;
const snoozed = (id: string, over: Partial<Verdict> = {}): Verdict => ({
  ...{ id, verdict: "snoozed", until, reason: null, by: "ada", at: noon },
  ...over,
});

/** prod and staging with one store; both have learned, and prod found one new destination. */
async function two() {
  const prod = world(requested("known.example.com", [noon - hour, noon + 15 * minute, noon + 20 * minute]));
  const staging = world(requested("other.example.com", [noon - hour, noon + 15 * minute]));
  staging.parts.store = prod.store;
  const of = { cluster: "staging" };
  const runs = { prod: prod.run, staging: (to: number) => staging.run(to, of) };
  await runs.prod(noon);
  await runs.staging(noon);
  prod.telemetry.stored.push(requested("new.example.com", [noon + 5 * minute]));
  const [first] = (await runs.prod(noon + 15 * minute)).findings;
  await runs.staging(noon + 15 * minute);
  const [learned] = (await prod.store.recall("prod")).values();
  if (first === undefined || learned === undefined) throw new Error("nothing found");
  const reviewed = (...verdicts: Verdict[]) => {
    for (const one of [prod, staging]) one.parts.reviewed = verdicts;
  };
  return { store: prod.store, runs, first, reviewed, learnedId: findingId("new-destination", learned.key) };
}
type Two = Awaited<ReturnType<typeof two>>;

/** What each cluster's run says of ends: ids of findings, or warnings. */
async function ends({ runs }: Two, order: readonly ("prod" | "staging")[], to = noon + 30 * minute) {
  const said: string[] = [];
  for (const name of order) {
    const { findings, warnings } = await runs[name](to);
    said.push(...findings.map(({ id }) => `${name} tells ${id}`), ...warnings.map((text) => `${name} warns: ${text}`));
  }
  return said;
}

describe("the end of a verdict is said by one cluster", () => {
  it("that it was decided in, though its finding was forgotten", async () => {
    const both = await two();
    await decide(both.store, [], snoozed(both.first.id));
    expect((await both.store.verdicts()).get(both.first.id)?.cluster).toBe("prod");
    expect(await ends(both, ["staging", "prod"])).toEqual([`prod tells ${both.first.id}`]);
    const forgotten = await two();
    await forgotten.store.rule(snoozed("gone", { cluster: "prod" }));
    expect(await ends(forgotten, ["staging", "prod"])).toEqual([expect.stringMatching(/^prod warns: .* gone, /)]);
  });

  it("that knows the finding, where the file does not say which; told of or only learned", async () => {
    for (const pick of [({ first }: Two) => first.id, ({ learnedId }: Two) => learnedId]) {
      const both = await two();
      both.reviewed(snoozed(pick(both)));
      expect(await ends(both, ["staging", "prod"])).toEqual([`prod tells ${pick(both)}`]);
    }
  });

  it("that knows the finding, where the file names a cluster that nobody has ever run", async () => {
    const both = await two();
    both.reviewed(snoozed(both.learnedId, { cluster: "prd" }));
    expect(await ends(both, ["staging", "prod"])).toEqual([`prod tells ${both.learnedId}`]);
    const denied = await two();
    denied.reviewed({ ...snoozed(denied.learnedId, { cluster: "prd" }), verdict: "denied", until: null });
    expect(await ends(denied, ["staging", "prod"])).toEqual([`prod tells ${denied.learnedId}`]);
  });

  it("that comes first, where nobody knows anything of it, and after it by no other", async () => {
    for (const order of [
      ["staging", "prod"],
      ["prod", "staging"],
    ] as const) {
      const both = await two();
      both.reviewed(snoozed("gone"));
      expect(await ends(both, order)).toEqual([expect.stringMatching(`^${order[0]} warns: .* gone, `)]);
      expect(await ends(both, order, noon + hour)).toEqual([]);
    }
  });
});

describe("a verdict's cluster", () => {
  it("is listed with it, and taken from the state where the file leaves it out", async () => {
    const both = await two();
    await decide(both.store, [], snoozed(both.first.id));
    const file = [snoozed(both.learnedId), snoozed("gone"), snoozed(both.first.id, { reason: "of the file" })];
    const listed = await listVerdicts(both.store, file);
    expect(new Map(listed.map(({ verdict: { id, cluster, reason } }) => [id, [cluster, reason]]))).toEqual(
      new Map([
        [both.learnedId, ["prod", null]],
        ["gone", [undefined, null]],
        [both.first.id, ["prod", "of the file"]],
      ]),
    );
  });
});

describe("an id that nobody was told of", () => {
  /** Sightings that count how often they are looked at. */
  function counted(...all: Sighting[]) {
    let looks = 0;
    const memory = new Map(all.map((one) => [one.key, one]));
    for (const one of all) {
      const { key } = one;
      Object.defineProperty(one, "key", {
        get() {
          looks += 1;
          return key;
        },
      });
    }
    return { memory, looks: () => looks };
  }
  const old = () => [sighting("a", { firstSeen: noon - 9 * day }), sighting("b", { firstSeen: noon - 8 * day })];

  it("is hashed for once, found or not; after that only what was seen since is looked at", () => {
    const ids = new Set([findingId("new-destination", "b"), "none"]);
    const first = counted(...old());
    const { found, kept } = lookUp(ids, first.memory, new Map(), noon);
    expect([...found.values()].map(({ key }) => key)).toEqual(["b"]);
    const later = counted(...old(), sighting("c", { firstSeen: noon - minute }));
    const again = lookUp(ids, later.memory, kept, noon + day);
    expect([...again.found]).toEqual([...found]);
    expect(again.kept.size).toBe(0);
    // Both were read back by key: one look at b for its subject, one at c.
    expect(later.looks()).toBe(2);
    const third = lookUp(new Set([findingId("policy-violation", "c")]), later.memory, new Map([["x", "y"]]), noon);
    expect([...third.found.values()].map(({ kind, key }) => [kind, key])).toEqual([["policy-violation", "c"]]);
  });

  it("is found when it is seen later, in a run that counts its calls", async () => {
    const both = await two();
    const { first, store, runs } = both;
    const other = world(requested("known.example.com", [noon - hour]));
    await other.run(noon);
    other.parts.reviewed = [snoozed(first.id, { verdict: "denied", until: null })];
    await other.run(noon + minute);
    expect([...(await other.store.receipts("prod", "(verdicts)")).keys()]).toEqual([first.id]);
    both.reviewed(snoozed(both.learnedId, { verdict: "denied", until: null }));
    expect((await runs.prod(noon + 30 * minute)).findings.map(({ kind, severity }) => [kind, severity])).toEqual([
      ["new-destination", "critical"],
    ]);
    expect((await store.receipts("prod", "(verdicts)")).get(both.learnedId)).toMatch(/^new-destination /);
    expect((await runs.prod(noon + 45 * minute)).findings).toEqual([]);
  });

  it("is looked up by a dry run, which keeps nothing of it", async () => {
    const both = await two();
    both.reviewed(snoozed("gone", { verdict: "denied", until: null }));
    const one = world(requested("known.example.com", [noon - hour]));
    await one.run(noon);
    one.parts.reviewed = [snoozed("gone", { verdict: "denied", until: null })];
    await one.run(noon + minute, { dryRun: true });
    expect((await one.store.receipts("prod", "(verdicts)")).size).toBe(0);
  });
});
