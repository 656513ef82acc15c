/** Suggestions and what is in force already: whatever would take a call from somebody else is not suggested. */
import { describe, expect, it } from "vitest";
import { readInForce } from "../../lib/istio/in-force.ts";
import { prepare } from "../../lib/istio/route/table.ts";
import type { ExistingObject, Finding, Sighting } from "../../lib/model.ts";
import { proven } from "../../lib/suggest/proven.ts";
import { meshOf, type SuggestSettings, suggest } from "../../lib/suggest/suggest.ts";
import { Memory } from "../../lib/words/memory.ts";
import { finding, http, name, onlyOne, sighting, source, spec, tcp, tls } from "./make.ts";

const stripe = "api.stripe.com";
const entry = (place: string, fields: object): ExistingObject => {
  const [namespace, name] = place.split("/");
  const port = { number: 443, name: "tls", protocol: "TLS" };
  const object = {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name, namespace, creationTimestamp: "2026-01-01T00:00:00Z" },
    spec: { hosts: [stripe], ports: [port], resolution: "DNS", ...fields },
  };
  return { object, file: "mesh.yaml", document: 0 };
};
const postgres = { number: 5432, name: "tcp", protocol: "TCP" };

function answered(
  found: Finding[],
  objects: ExistingObject[],
  sightings: Sighting[] = [],
  settings: SuggestSettings = {},
) {
  return suggest(found, { memory: new Memory(sightings), settings, objects });
}
const whys = (one: Finding | undefined) => one?.suggestions.map(({ why }) => why.at(-1));

describe("what a suggestion covers is counted", () => {
  it("over all that was seen of the host where it is visible, remembered or new", () => {
    const others = ["one", "two"].map((workload) => sighting(tls(stripe), { source: source({ workload }) }));
    const elsewhere = sighting(tls(stripe), { source: source({ namespace: "web" }) });
    const [made] = answered([finding(tls(stripe))], [], [...others, elsewhere]);
    expect(whys(made)).toEqual([
      "Covers 3 of 3 flows seen, conflicts: none.",
      "Covers 4 of 4 flows seen, conflicts: none.",
    ]);
  });

  it("and says of which it does not, and why", () => {
    const plain = sighting(http(stripe, 443), { firstSeen: 9e12 });
    const [made] = answered([finding(tls(stripe))], [], [plain]);
    expect(made?.suggestions[0]?.why.at(-1)).toBe("Covers 1 of 2 flows seen, conflicts: none.");
    expect(made?.suggestions[0]?.warnings).toContain(
      `Not covered by it: payments/checkout to ${stripe}:443 (http): no ServiceEntry that payments/checkout sees matches, and ALLOW_ANY lets it through.`,
    );
  });

  it("for each address that was dialled", () => {
    const db = tcp("203.0.113.7", 5432);
    const named = { names: [name("db.example.com", "ptr", "confirmed")] };
    expect(whys(answered([finding(db, named)], [])[0])).toEqual(["Covers 1 of 1 flows seen, conflicts: none."]);
  });
});

describe("a call that an entry in force takes", () => {
  it("gets no second one, and the likely causes", () => {
    const wild = entry("payments/wild", { hosts: ["*.stripe.com"], resolution: "NONE" });
    const [made] = answered([finding(tls(stripe))], [wild]);
    expect(made?.suggestions).toEqual([]);
    expect(made?.noSuggestion).toBe(
      `payments/wild is in force and takes this call (SNI ${stripe} is *.stripe.com of payments/wild on port 443): another entry would not help. If it goes on like this, likely causes are: some versions of Istio count what an entry with resolution NONE lets through as PassthroughCluster (istio#38018), and nothing is wrong; it was applied after these calls, or connections from before it go on; the proxy has not got it (istioctl proxy-status); a Sidecar that is not among the manifests given hides it.`,
    );
  });

  it("but for a port that it has not", () => {
    const wild = entry("payments/wild", { hosts: ["*.stripe.com"], resolution: "NONE" });
    const [made] = answered([finding(tls(stripe, 8443))], [wild]);
    expect(spec(onlyOne(made).manifest).ports).toMatchObject([{ number: 8443 }]);
  });

  it("though the entry takes it to nobody: which is to be mended, and not to be hidden", () => {
    const dead = entry("payments/dead", { resolution: "STATIC", exportTo: ["."] });
    const [made] = answered([finding(tls(stripe))], [dead]);
    expect(made?.noSuggestion).toBe(
      "A manifest for it would not take this call: payments/dead is STATIC and has no endpoints: 503, UH; payments/dead has it first.",
    );
  });

  it("nor one that somebody else's namespace keeps to itself", () => {
    expect(onlyOne(answered([finding(tls(stripe))], [entry("web/own", { exportTo: ["."] })])[0])).toBeDefined();
  });
});

describe("a manifest that would take from others", () => {
  it("is not suggested where it would hide another's entry", () => {
    // Of two namespaces with one host a workload sees its own one's alone.
    const [made] = answered([finding(tls(stripe, 8443))], [entry("mesh/stripe", {})]);
    expect(made?.suggestions).toEqual([]);
    expect(made?.noSuggestion).toContain(
      `A manifest for it would take from others: mesh/stripe loses ${stripe} on port 443: payments/`,
    );
  });

  it("is not suggested where it would take a stranger's connections", () => {
    const found = finding(tcp("203.0.113.7", 5432), { names: [name("db.example.com", "ptr", "confirmed")] });
    const stranger = sighting(tcp("203.0.113.8", 5432), { source: source({ workload: "other" }) });
    // Before 1.25 nobody hands out addresses: with DNS capture and none of its own the entry is for the whole port.
    const [made] = answered([found], [], [stranger], { dnsCapture: true, istio: "1.20" });
    expect(made?.noSuggestion).toContain(
      "A manifest for it would take from others: payments/other to 203.0.113.8:5432 (tcp): payments/db-example-com-",
    );
  });

  it("does not take the others down with it", () => {
    const both = [finding(tls(stripe, 8443)), finding(tls("api.example.com"))];
    const made = answered(both, [entry("mesh/stripe", {})]);
    expect(made.map(({ suggestions }) => suggestions.length)).toEqual([0, 1]);
    expect(whys(made[1])).toEqual(["Covers 1 of 1 flows seen, conflicts: none."]);
  });
});

it("a manifest that another's would keep from the call is not suggested", () => {
  const greedy = entry("payments/raw", { hosts: ["raw.example.com"], ports: [postgres], resolution: "NONE" });
  const found = finding(tcp("203.0.113.7", 5432));
  const [made] = answered([found], [greedy]);
  expect(made?.noSuggestion).toContain("payments/raw is in force and takes this call");
});

it("each cluster's calls are its own", () => {
  const here = finding(tls(stripe));
  const there = sighting(tls(stripe), { source: source({ cluster: "other" }) });
  expect(whys(answered([here], [], [there])[0])).toEqual(["Covers 1 of 1 flows seen, conflicts: none."]);
});

it("what the model of the routing reads no entry of is not suggested", () => {
  const before = prepare(readInForce([]), meshOf({}));
  const [made] = answered([finding(tls(stripe))], []);
  const [good] = made?.suggestions ?? [];
  if (made === undefined || good === undefined || "items" in good.manifest) throw new Error("no suggestion");
  const spoilt = {
    ...good,
    yaml: "x",
    manifest: { ...good.manifest, spec: { ...good.manifest.spec, resolution: "GUESS" } },
  };
  expect(proven([{ ...made, suggestions: [good, spoilt] }], () => [], before)[0]?.suggestions).toHaveLength(1);
  expect(proven([{ ...made, suggestions: [spoilt] }], () => [], before)).toMatchObject([
    { suggestions: [], noSuggestion: expect.stringMatching(/^What a manifest for it would do is not known: .*GUESS/) },
  ]);
});

it("two findings of one entry in force, from two namespaces, lengthen it together", () => {
  const { object } = entry("mesh/stripe", {});
  const text = JSON.stringify(object);
  const written = {
    namespace: "mesh",
    name: "stripe",
    hosts: [stripe],
    addresses: [],
    endpoints: [],
    file: "mesh.yaml",
    text,
    object: { ...Object(object) },
    place: { document: 0, item: null },
  };
  const found = [finding(tls(stripe, 8443)), finding(tls(stripe, 9443), { source: source({ namespace: "web" }) })];
  const made = suggest(found, {
    memory: new Memory(),
    settings: {},
    objects: [entry("mesh/stripe", {})],
    existing: [written],
  });
  const [one, other] = made.map(onlyOne);
  expect(one?.yaml).toBe(other?.yaml);
  expect(spec(one!.manifest).ports.map(({ number }) => number)).toEqual([443, 8443, 9443]);
  expect(one?.why.at(-1)).toBe("Covers 2 of 2 flows seen, conflicts: none.");
});
