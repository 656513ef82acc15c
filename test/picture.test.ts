/** What the page shows, worked out from a store: states, names, owners, coverage, marks. */
import { expect, it } from "vitest";
import { finding as begun } from "../lib/detect/detector.ts";
import { findingId } from "../lib/detect/finding-id.ts";
import type { Destination, ExistingEntry, ExistingObject, Finding, Name, Sighting, Verdict } from "../lib/model.ts";
import { sightingKey } from "../lib/observe/key.ts";
import { type Picture, type PictureParts, picture } from "../lib/picture.ts";
import { policiesOf } from "../lib/policy/index.ts";
import { openStore } from "../lib/remember/index.ts";
import { nothingNew } from "../lib/remember/store.ts";
import { pageData } from "../lib/report/page/pack.ts";
import { toldFindings } from "../lib/verdicts/told.ts";

const hour = 60 * 60_000;
const end = Date.UTC(2026, 10, 22, 10);
const tls = (host: string, verdict: Destination["verdict"] = "allowed"): Destination => ({
  ...{ verdict, protocol: "tls", host, address: "203.0.113.7", port: 443, sni: host, claim: null },
});

function sighting(namespace: string, destination: Destination, hoursAgo = 100, name: Name | null = null): Sighting {
  const source = { cluster: "prod", namespace, workload: "web" };
  const firstSeen = end - hoursAgo * hour;
  const key = sightingKey("prod", source, destination);
  return { key, source, destination, firstSeen, lastSeen: end, count: 3, total: 3, name, namedAt: null };
}
const idOf = (one: Sighting) =>
  findingId(one.destination.verdict === "blocked" ? "new-blocked" : "new-destination", one.key);
const openOn = (kind: Finding["kind"], one: Sighting, change: Partial<Finding> = {}): Finding => ({
  ...begun(kind, "warning", findingId(kind, one.key), one),
  owner: { team: "by-label", from: "label:team", channels: [] },
  summary: "it is so",
  ...change,
});

function entry(
  host: string,
  namespace = "shop",
): { entries: ExistingEntry[]; objects: ExistingObject[]; warnings: string[] } {
  const object = {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name: "known", namespace },
    spec: {
      hosts: [host],
      ports: [{ number: 443, name: "tls", protocol: "TLS" }],
      resolution: "DNS",
      location: "MESH_EXTERNAL",
    },
  };
  return { entries: [], objects: [{ object, file: "known.yaml", document: 0 }], warnings: [] };
}

interface Setting {
  sightings: Sighting[];
  open?: Finding[];
  told?: Finding[];
  verdicts?: Verdict[];
  parts?: Partial<PictureParts>;
  tell?: (text: string) => void;
}

async function pictured({
  sightings,
  open = [],
  told = [],
  verdicts = [],
  parts = {},
  tell = () => {},
}: Setting): Promise<Picture> {
  const store = await openStore("memory:");
  await store.remember("prod", {
    ...nothingNew({ end, learningSince: null, judgedUntil: null }),
    ...{ sightings, opened: open, findings: toldFindings(told, end - hour) },
  });
  for (const one of verdicts) await store.rule(one);
  const usual = {
    store,
    reviewed: [],
    owners: [],
    teams: {},
    policies: policiesOf([]),
    suggest: {},
    gateway: null,
    existingIn: () => null,
  };
  return await picture({ ...usual, ...parts }, { only: null, at: end + 4 * 60_000, tell });
}
const cluster = (all: Picture) => pageData(all).clusters[0]!;

it("what manifests in force take is covered, the rest would break, and blocked flows are neither", async () => {
  const sightings = [
    sighting("shop", tls("covered.example.com")),
    sighting("shop", tls("new.example.com"), 3),
    sighting("shop", tls("old.example.com")),
    sighting("pay", tls("blocked.example.com", "blocked")),
  ];
  const made = cluster(await pictured({ sightings, parts: { existingIn: () => entry("covered.example.com") } }));
  expect(made.headline).toBe(
    "prod: no finding is open; 4 flows from 2 workloads to 4 destinations: 1 blocked, 1 new in the last day; 33 % covered; the last run ended at 2026-11-22 10:00 UTC (4m before this page was made).",
  );
  expect(made.namespaces).toEqual([
    { namespace: "pay", flows: 0, covered: 0, closed: 0, blocked: 1 },
    { namespace: "shop", flows: 3, covered: 1, closed: 3, blocked: 0 },
  ]);
  const by = new Map(made.flows.map((one) => [made.destinations[one.to]?.label, one]));
  expect(by.get("covered.example.com")).toMatchObject({ isCovered: true, manifest: null, isNew: false });
  expect(by.get("new.example.com")).toMatchObject({ isCovered: false, isClosed: true, isNew: true });
  expect(by.get("blocked.example.com")).toMatchObject({ isCovered: null, isBlocked: true });
  expect(made.texts[by.get("old.example.com")?.why ?? -1]).toContain("REGISTRY_ONLY closes the connection");
  const yaml = made.texts[by.get("new.example.com")?.manifest?.yaml ?? -1];
  expect(yaml).toMatch(/hosts:\n {4}- "new\.example\.com"/);
  expect(made.texts[by.get("covered.example.com")?.noManifest ?? -1]).toContain("shop/known is in force");
});

it("without manifests in force nothing is said to be covered or not", async () => {
  const made = cluster(await pictured({ sightings: [sighting("shop", tls("a.example.com"))] }));
  expect(made.headline).toContain("; coverage not known; ");
  expect(made.flows[0]).toMatchObject({ isCovered: null, why: null, isClosed: true });
  expect(made.namespaces).toEqual([{ namespace: "shop", flows: 1, covered: null, closed: 1, blocked: 0 }]);
});

it("a denied flow and one whose name contradicts get no manifest, and say why", async () => {
  const [denied, forged] = [sighting("shop", tls("denied.example.com")), sighting("shop", tls("forged.example.com"))];
  const verdict: Verdict = { id: idOf(denied), verdict: "denied", until: null, reason: "not ours", by: "ada", at: end };
  const made = cluster(
    await pictured({ sightings: [denied, forged], open: [openOn("name-mismatch", forged)], verdicts: [verdict] }),
  );
  const why = (host: string) => {
    const flow = made.flows.find((one) => made.destinations[one.to]?.label === host);
    return [flow?.manifest, made.texts[flow?.noManifest ?? -1], flow?.verdict?.verdict];
  };
  expect(why("denied.example.com")).toEqual([null, expect.stringContaining("It was denied by ada"), "denied"]);
  expect(why("forged.example.com")).toEqual([null, expect.stringContaining("does not resolve"), undefined]);
});

it("owners: by rules; where a label decides, as it was told last; else not known", async () => {
  const [told, never, ruled] = [
    sighting("shop", tls("a.example.com")),
    sighting("pay", tls("b.example.com")),
    sighting("ops", tls("c.example.com")),
  ];
  const owners = [
    { match: { namespace: "ops" }, team: "operations" },
    { label: { metric: "kube_namespace_labels", name: "label_team" } },
    { team: "platform" },
  ];
  const made = cluster(
    await pictured({ sightings: [told, never, ruled], told: [openOn("new-destination", told)], parts: { owners } }),
  );
  const teams = made.flows.map((one) => [one.namespace, one.team, one.teamFrom]);
  expect(teams).toEqual([
    ["ops", "operations", "config"],
    ["pay", null, ""],
    ["shop", "by-label", "told"],
  ]);
});

it("destinations belong to their registrable domain, to the domain of a confirmed name, or to a network", async () => {
  const name = (text: string, from: Name["from"], trust: Name["trust"]): Name => ({
    name: text,
    from,
    trust,
    why: "so",
  });
  const tcp = (address: string): Destination => ({
    verdict: "allowed",
    protocol: "tcp",
    host: null,
    address,
    port: 5432,
    sni: null,
    claim: null,
  });
  const made = cluster(
    await pictured({
      sightings: [
        sighting("a", tls("api.shop.example.co.uk")),
        sighting("b", tcp("203.0.113.1"), 1, name("orders.db.example.net", "ptr", "confirmed")),
        sighting("c", tcp("203.0.113.2"), 1, name("AWS S3 eu-west-1", "range", "generic")),
        sighting("d", tcp("203.0.113.3"), 1, name("wishful.example.org", "ptr", "claimed")),
        sighting("e", { ...tcp("203.0.113.4"), protocol: "http", address: null, claim: "no \u202ehost" }),
        sighting("f", { ...tcp("203.0.113.4"), address: null, port: null }),
      ],
    }),
  );
  expect(made.destinations.map(({ label, group, by }) => [label, group, by])).toEqual([
    ["api.shop.example.co.uk", "example.co.uk", "domain"],
    ["203.0.113.1", "example.net", "domain"],
    ["203.0.113.2", "AWS S3 eu-west-1", "network"],
    ["203.0.113.3", "addresses without a name", "none"],
    ["no \\u202ehost", "no host names", "none"],
    ["not visible", "not visible: no address label", "none"],
  ]);
});

it("marks are what was found: open since, or told at; nothing else", async () => {
  const one = sighting("shop", tls("a.example.com"));
  const spike = openOn("blocked-spike", one, { firstSeen: end - 2 * hour, recent: [1, 2, 3] });
  const made = cluster(await pictured({ sightings: [one], open: [spike], told: [openOn("new-destination", one)] }));
  expect(made.flows[0]?.marks).toEqual([
    { kind: "blocked-spike", at: end - 2 * hour, until: end },
    { kind: "new-destination", at: end - hour, until: null },
  ]);
  expect(made.findings).toMatchObject([{ kind: "blocked-spike", to: 0, recent: [1, 2, 3] }]);
});

it("of too many flows the most important are shown, the first line says of how many, and readiness counts all", async () => {
  const oldest = sighting("shop", tls("oldest.example.com"), 1_000);
  const others = Array.from({ length: 5_001 }, (_, index) => sighting("shop", tls(`h${index}.example.com`)));
  const heard: string[] = [];
  const open = [openOn("blocked-spike", oldest)];
  const sightings = [oldest, ...others];
  const made = cluster(await pictured({ sightings, open, tell: (text) => void heard.push(text) }));
  expect(made.flows).toHaveLength(5_000);
  expect(made.destinations.map(({ label }) => label)).toContain("oldest.example.com");
  expect(made.leftOut).toBe(2);
  expect(made.headline).toContain("; 5,000 of 5,002 flows from 1 workload to 5,000 destinations: 0 blocked, ");
  expect(made.namespaces).toMatchObject([{ namespace: "shop", flows: 5_002, closed: 5_000 }]);
  expect(heard).toEqual(["prod: working out manifests for 5000 flows"]);
}, 60_000);
