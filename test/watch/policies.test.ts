/** Whole runs with policies: known and new destinations, names, counts, and what it costs. */
import { describe, expect, it } from "vitest";
import { naming } from "../../lib/enrich/naming.ts";
import { ScoutError } from "../../lib/errors.ts";
import type { Labels } from "../../lib/model.ts";
import { observe } from "../../lib/observe/observe.ts";
import { type Policy, policiesOf } from "../../lib/policy/index.ts";
import type { Order } from "../../lib/scout.ts";
import { forbidding, violationsIn } from "../../lib/watch/policies.ts";
import { fakeResolver } from "../enrich/fake-resolver.ts";
import { http, row, settings } from "../observe/make.ts";
import { wikipedia } from "../policy/make.ts";
import { fakeTelemetry, type Stored } from "../poll/fake-telemetry.ts";
import { blocked, connected, found, hour, minute, noon, requested, type World, world } from "../scout-make.ts";

const later = noon + 15 * minute;
const change = (...policies: Policy[]): Partial<Order> => ({ policies: policiesOf(policies) });
const times = (count: number, from = noon + minute) => Array.from({ length: count }, (_, n) => from + (n * minute) / 2);
const usual = [noon - 2 * hour, noon - hour];
const deny = (...names: string[]): Policy => ({ name: "d", deny: names });

/** Learns without policies, then runs with them. */
async function second(one: World, ...policies: Policy[]) {
  await one.run(noon);
  return await one.run(later, change(...policies));
}

describe("what a policy forbids", () => {
  it("is found among what was known before the policy was, with the count of this window alone", async () => {
    const calls = [...usual, ...times(4)];
    const one = world(requested("en.wikipedia.org", calls), requested("de.wikipedia.org", calls));
    const scan = await second(one, wikipedia);
    expect(found(scan)).toEqual(["policy-violation en.wikipedia.org:80 x4"]);
    expect(scan.findings).toMatchObject([{ severity: "critical", suggestions: [], firstSeen: noon + minute }]);
    expect(scan.findings[0]?.summary).toBe(
      'shop/web reached en.wikipedia.org:80 (HTTP), which a policy forbids: 4 requests, let through. The policy wikipedia denies en.wikipedia.org: its rule is "deny en.wikipedia.org".',
    );
  });

  it("is one message where it is new, and none where it was not called", async () => {
    const one = world(requested("en.wikipedia.org", times(2)), requested("old.example.com", usual));
    expect(found(await second(one, wikipedia))).toEqual(["policy-violation en.wikipedia.org:80 x2"]);
  });

  it("is told once, stays open while it is called, and is over after an hour", async () => {
    const one = world(requested("en.wikipedia.org", [...usual, ...times(4), later + minute]));
    await second(one, wikipedia);
    expect(found(await one.run(later + 15 * minute, change(wikipedia)))).toEqual([]);
    expect(await one.store.open("prod")).toMatchObject(new Map([[expect.anything(), { count: 5 }]]));
    const over = await one.run(later + 2 * hour, change(wikipedia));
    expect(over.findings).toMatchObject([{ state: "resolved", count: 5, suggestions: [] }]);
    expect(over.findings[0]?.summary).toContain(
      "against a policy: over after 5 requests. The policy wikipedia denies en.wikipedia.org",
    );
  });

  it("is no finding of a first run that learns", async () => {
    const one = world(requested("en.wikipedia.org", usual));
    expect((await one.run(noon, change(wikipedia))).findings).toEqual([]);
  });

  it("is less where the mesh blocks it already", async () => {
    const scan = await second(world(requested("x.example.com", times(2), blocked)), wikipedia);
    expect(scan.findings).toMatchObject([{ kind: "policy-violation", severity: "info", count: 2 }]);
  });

  it("counts pods apart, copies once, and a restart anew", async () => {
    const pod = (name: string, count: number, job: string): Stored =>
      requested("en.wikipedia.org", [...usual, ...times(count)], { pod: name, instance: `${name}:1`, job });
    const one = world(pod("a", 3, "mesh"), pod("a", 3, "twice"), pod("b", 2, "mesh"));
    expect(found(await second(one, wikipedia))).toEqual(["policy-violation en.wikipedia.org:80 x5"]);
  });

  it("by label is said to be passed over", async () => {
    const scan = await second(world(), { name: "ci", from: { label: { tier: "ci" } }, deny: ["*"] });
    expect(scan.warnings).toEqual([
      'policies for workloads by label decide nothing here, since no kube_pod_labels or the like tell those labels: "ci"',
    ]);
  });
});

describe("a policy by label", () => {
  const pods = (labels: Labels): Stored => ({
    metric: "kube_pod_labels",
    labels,
    values: Array.from({ length: 60 }, (_, n) => [noon - 30 * minute + n * minute, 1]),
  });
  const ci = { name: "ci", from: { label: { "app.kubernetes.io/partOf": "c?" } }, deny: ["*.example.com"] };
  const part = "label_app_kubernetes_io_part_of";

  it.each<[string, Labels, string[]]>([
    [
      "is for the workload whose pods have it",
      { namespace: "shop", pod: "web-7dc8cb9d9b-6hfhg", [part]: "ci" },
      ["policy-violation x.example.com:80 x2"],
    ],
    [
      "whatever Prometheus calls the labels of the scraped",
      {
        namespace: "monitoring",
        exported_namespace: "shop",
        pod: "ksm-0",
        exported_pod: "web-7dc8cb9d9b-6hfhg",
        [part]: "ci",
      },
      ["policy-violation x.example.com:80 x2"],
    ],
    ["but not with another value", { namespace: "shop", pod: "web-7dc8cb9d9b-6hfhg", [part]: "prod" }, []],
    ["nor of another namespace", { namespace: "store", pod: "web-7dc8cb9d9b-6hfhg", [part]: "ci" }, []],
  ])("%s", async (_, labels, wanted) => {
    const scan = await second(world(requested("x.example.com", [...usual, ...times(2)]), pods(labels)), ci);
    expect(found(scan)).toEqual(wanted);
    expect(scan.warnings).toEqual([]);
  });

  it("is said to decide nothing where kube-state-metrics tells other labels alone", async () => {
    const other = pods({ namespace: "shop", pod: "web-7dc8cb9d9b-6hfhg", label_team: "a" });
    const scan = await second(world(requested("x.example.com", [...usual, ...times(2)]), other), ci);
    expect(scan.warnings.join()).toMatch(/decide nothing here.*"ci"$/);
  });

  it("is said to decide nothing where its label alone is told of nobody", async () => {
    const told = pods({ namespace: "shop", pod: "web-7dc8cb9d9b-6hfhg", [part]: "prod" });
    const one = world(requested("x.example.com", [...usual, ...times(2)]), told);
    const tier = { name: "by tier", from: { label: { tier: "ci" } }, deny: ["*"] };
    await one.run(noon, { policies: policiesOf([ci, tier]) });
    const scan = await one.run(noon + 15 * minute, { policies: policiesOf([ci, tier]) });
    expect(scan.warnings.join()).toMatch(/decide nothing here.*: "by tier"$/);
  });

  it("goes by the workload's own labels before those of its pods", async () => {
    const own = { ...pods({ namespace: "shop", deployment: "web", [part]: "ci" }), metric: "kube_deployment_labels" };
    const pod = pods({ namespace: "shop", pod: "web-7dc8cb9d9b-6hfhg", [part]: "prod" });
    const scan = await second(world(requested("x.example.com", [...usual, ...times(2)]), pod, own), ci);
    expect(found(scan)).toEqual(["policy-violation x.example.com:80 x2"]);
  });
});

describe("a bare address", () => {
  const address = "203.0.113.7";
  const named = (one: World) => {
    one.parts.resolver = fakeResolver({
      [`ptr ${address}`]: ["db.example.com"],
      "4 db.example.com": [address],
    });
    return one;
  };

  it("is judged by the name that DNS confirms, in the very run that finds it", async () => {
    const one = named(world(connected(`${address}:5432`, times(3))));
    const scan = await second(one, deny("db.example.com"));
    expect(found(scan)).toEqual([`policy-violation ${address}:5432 x3`]);
    expect(scan.findings[0]?.summary).toContain("which DNS confirms as db.example.com");
    expect(scan.findings[0]?.noSuggestion).toContain("would undo the policy");
  });

  it("and by its remembered name, known long before", async () => {
    const one = named(world(connected(`${address}:5432`, [...usual, ...times(3)])));
    await one.run(noon);
    await one.run(noon + minute / 2);
    expect([...(await one.store.recall("prod")).values()]).toMatchObject([{ name: { name: "db.example.com" } }]);
    expect(found(await one.run(later, change(deny("*.example.com"))))).toEqual([`policy-violation ${address}:5432 x3`]);
  });

  it("without a name is nothing an allow list decides", async () => {
    expect(found(await second(world(connected("198.51.100.9:5432", times(1))), wikipedia))).toEqual([
      "new-destination 198.51.100.9:5432 x1",
    ]);
  });
});

describe("its cost", () => {
  const window = { from: noon - 15 * minute, to: noon };
  const sift = (rows: readonly Labels[]) =>
    observe([{ counter: "requests", series: rows.map((labels) => row(labels)) }], window, settings);
  const forbids = (...policies: Policy[]) =>
    forbidding(policiesOf(policies), new Map(), naming({ resolver: fakeResolver({}) }));
  const asking = { ...settings, matchers: "" };

  it("is bounded: of very many that are known a thousand are counted, those of deny lists first, and the others said", async () => {
    const hosts = Array.from({ length: 1100 }, (_, n) => `h${n}.example.com`);
    const sifted = sift(hosts.map((host) => http(host)));
    // The one that comes last in any other order.
    const last = sifted.get([...sifted.keys()].sort().at(-1) ?? "")?.observation.destination.host ?? "";
    const telemetry = fakeTelemetry(
      requested(last, [noon - 2 * hour, noon - minute]),
      ...hosts.slice(0, 3).map((host) => requested(host, [noon - 2 * hour])),
    );
    const listed = { name: "p", allow: [], deny: [last] };
    const counts = new Map();
    const { found: all, left } = await violationsIn(telemetry, { sifted, counts }, forbids(listed), window, asking);
    expect(all.map(({ observation, isDenied }) => [observation.destination.host, observation.count, isDenied])).toEqual(
      [[last, 1, true]],
    );
    expect(left).toBe(100);
  });

  it("is no failed run where the server finds the samples too expensive: it is asked for parts", async () => {
    const one = world(requested("en.wikipedia.org", [...usual, ...times(4)]));
    await one.run(noon);
    let refused = 0;
    one.telemetry.refuse = ({ promql, range }) => {
      if (!promql.startsWith("istio_requests_total") || range <= hour + 10 * minute) return;
      refused += 1;
      throw new ScoutError("prometheus/too-expensive", "too many samples");
    };
    expect(found(await one.run(later, change(wikipedia)))).toEqual(["policy-violation en.wikipedia.org:80 x4"]);
    expect(refused).toBeGreaterThan(0);
  });

  it("no question more where there is no policy, and none where nothing violates one", async () => {
    const asked = async (...policies: Policy[]) => {
      const one = world(requested("de.wikipedia.org", [...usual, ...times(4)]));
      await second(one, ...policies);
      return one.telemetry.questions.length;
    };
    const without = await asked();
    expect(await asked(wikipedia)).toBe(without);
    expect(await asked(deny("de.wikipedia.org"))).toBe(without + 1);
  });

  it("nor for what is new, which is counted anyway", async () => {
    const asked = async (...policies: Policy[]) => {
      const one = world(requested("en.wikipedia.org", times(4)));
      await second(one, ...policies);
      return one.telemetry.questions.length;
    };
    expect(await asked(wikipedia)).toBe(await asked());
  });

  it("nor where 20,000 destinations meet 50 policies that allow them all", async () => {
    const many = (of: number, text: (n: number) => string) => Array.from({ length: of }, (_, n) => text(n));
    const rows = many(20_000, (n) => `h${n % 4000}.example${n % 7}.com`).map(
      (host, n): Labels => http(host, { source_workload: `w${n % 500}`, source_workload_namespace: `n${n % 40}` }),
    );
    const policies = many(50, (n) => `p${n}`).map(
      (name, n): Policy => ({
        name,
        from: { namespace: `n${n % 40}*`, workload: n % 2 === 0 ? "*" : "w*" },
        deny: many(20, (m) => `d${m}.p${n}.example`),
        ...(n % 3 === 0 ? { allow: many(20, (m) => `*.example${m}.com`) } : {}),
      }),
    );
    const sifted = sift(rows);
    const telemetry = fakeTelemetry();
    const { found: violations } = await violationsIn(
      telemetry,
      { sifted, counts: new Map() },
      forbids(...policies),
      window,
      asking,
    );
    expect([sifted.size, violations, telemetry.questions]).toEqual([20_000, [], []]);
  });
});
