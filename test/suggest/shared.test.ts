import { describe, expect, it } from "vitest";
import type { Finding, Suggestion } from "../../lib/model.ts";
import type { SuggestSettings } from "../../lib/suggest/suggest.ts";
import { admitAll } from "./admit-all.ts";
import { finding, grpc, http, name, onlyOne, ports, sighting, source, spec, suggestAll, tcp, tls } from "./make.ts";

const host = "api.stripe.com";
const day = 86_400_000;
const from = (namespace: string, change: Partial<Finding> = {}): Partial<Finding> => ({
  source: source({ namespace }),
  ...change,
});

const isShared = ({ why }: Suggestion) => why[0]?.includes("is called from");
const shared = (
  findings: readonly Finding[],
  sightings = [] as ReturnType<typeof sighting>[],
  settings: SuggestSettings = {},
) => suggestAll(findings, sightings, settings).map((one) => one.suggestions.find(isShared) ?? null);

describe("a host that several namespaces call", () => {
  const two = [finding(tls(host), from("web")), finding(tls(host), from("payments", { firstSeen: 1 }))];

  it("has its own entry in each, visible there only, and after it one for exactly those", () => {
    const made = suggestAll(two);
    expect(made.map((one) => [onlyOne(one).manifest.metadata.namespace, spec(onlyOne(one).manifest).exportTo])).toEqual(
      [
        ["web", ["."]],
        ["payments", ["."]],
      ],
    );
    const [one, other] = made.map(({ suggestions }) => suggestions[1]);
    expect(other?.yaml).toBe(one?.yaml);
    expect(one?.manifest).toMatchObject({
      metadata: { namespace: "payments", name: onlyOne(made[0]).manifest.metadata.name },
      spec: { hosts: [host], exportTo: [".", "web"], resolution: "DNS" },
    });
    expect(one?.confidence).toBe("medium");
    expect(one?.why).toEqual([
      "api.stripe.com is called from 2 namespaces: payments, web.",
      "One entry in payments, which called it first, stands for all of them, and no namespace sees it that does not call.",
      "Covers 2 of 2 flows seen, conflicts: none.",
    ]);
    expect(one?.manifest).toMatchObject({
      metadata: { annotations: { "egress-scout/seen-from": "checkout, web/checkout" } },
    });
    expect(admitAll(one!.manifest)).toEqual([]);
  });

  it("may be the name of an address here, and be known by its name there", () => {
    const named = finding(tcp("203.0.113.7"), { names: [name(host, "ptr", "confirmed")] });
    const [made] = shared([named], [sighting(tls(host), from("web"))]);
    expect(made && spec(made.manifest).hosts).toEqual([host]);
  });

  it("keeps it where it is when others join", () => {
    const third = finding(tls(host), from("admin", { firstSeen: 2 }));
    const all = shared([...two, third]);
    expect(all.map((one) => one && spec(one.manifest).exportTo)).toEqual(Array(3).fill([".", "admin", "web"]));
    expect(all[0]?.manifest).toMatchObject({ metadata: { namespace: "payments" } });
    const atOnce = ["b", "c", "a"].map((namespace) => finding(tls(host), from(namespace)));
    expect(shared(atOnce)[0]?.manifest).toMatchObject({
      metadata: { namespace: "a" },
      spec: { exportTo: [".", "b", "c"] },
    });
  });

  it("may be known from memory", () => {
    const [own] = shared([finding(tls(host))], [sighting(tls(host), { source: source({ namespace: "web" }) })]);
    expect(own && spec(own.manifest).exportTo).toEqual([".", "payments"]);
  });

  it("has all ports in it, and says whom that gives more", () => {
    const [one] = shared([finding(tls(host), from("web")), finding(tls(host, 8443, { verdict: "blocked" }))]);
    expect(one && ports(one.manifest)).toEqual(["443 tls-443 TLS", "8443 tls-8443 TLS"]);
    expect(one?.warnings.slice(0, 2)).toEqual([
      "Port 8443 from payments is blocked today: applying this opens it.",
      "Each of these namespaces gets port 443, 8443, and not every one of them calls all.",
    ]);
    expect(shared(two)[0]?.warnings.join()).not.toContain("Each of these");
  });

  it("may be a bare address, or TCP by name", () => {
    const bare = shared([finding(tcp("203.0.113.7")), finding(tcp("203.0.113.7"), from("web"))]);
    expect(bare[0] && spec(bare[0].manifest).addresses).toEqual(["203.0.113.7/32"]);
    const names = [name("db.example.com", "ptr", "confirmed")];
    const [named] = shared([
      finding(tcp("203.0.113.7"), { names }),
      finding(tcp("203.0.113.8"), from("web", { names })),
    ]);
    expect(named && spec(named.manifest).addresses).toEqual(["203.0.113.7", "203.0.113.8"]);
    expect(named?.warnings.join()).toContain("Only the listed addresses match");
    for (const one of [bare[0], named]) expect(admitAll(one!.manifest)).toEqual([]);
  });

  it("keeps the namespaces that the config exports to", () => {
    const [one] = shared(two, [], { exportTo: [".", "istio-system"] });
    expect(one && spec(one.manifest).exportTo).toEqual([".", "web", "istio-system"]);
  });
});

describe("there is no shared entry", () => {
  it("for one namespace, however many of its workloads call", () => {
    const many = ["a", "b"].map((workload) => finding(tls(host), { source: source({ workload }) }));
    expect(shared(many)).toEqual([null, null]);
  });

  it("for namespaces of two clusters, or two hosts", () => {
    const [a, b] = ["prod", "test"].map((cluster) =>
      finding(tls(host), { source: source({ cluster, namespace: cluster }) }),
    );
    expect(shared([a!, b!])).toEqual([null, null]);
    expect(shared([finding(tls(host)), finding(tls("files.stripe.com"), from("web"))])).toEqual([null, null]);
  });

  it.each([[["*"]], [[]], [["~"]]])("where the config exports to %j", (exportTo) => {
    expect(shared([finding(tls(host)), finding(tls(host), from("web"))], [], { exportTo })).toEqual([null, null]);
  });

  it("out of what no manifest may rest on, or of a name that was distrusted, or from no namespace", () => {
    const denied = finding(tls(host), from("web", { kind: "policy-violation" }));
    expect(
      shared([finding(tls(host)), denied], [sighting(tls(host), { key: denied.key, source: denied.source })]),
    ).toEqual([null, null]);
    const web = source({ namespace: "web" });
    const doubted = sighting(tls(host), { source: web, name: name(host, "sni", "contradicted") });
    const nowhere = sighting(tls(host), { source: source({ namespace: "a.b" }) });
    expect(shared([finding(tls(host))], [doubted, nowhere, sighting(tls(host, null), { source: web })])).toEqual([
      null,
    ]);
  });

  it("for a finding whose port would change its protocol in it", () => {
    const older = { firstSeen: Date.UTC(2026, 0, 1) };
    const made = shared([finding(http(host, 8080)), finding(grpc(host, 8080), from("web")), finding(tls(host, 9443))]);
    expect(made.map((one) => one && ports(one.manifest)[0])).toEqual([
      null,
      "8080 grpc-8080 GRPC",
      "8080 grpc-8080 GRPC",
    ]);
    const plain = shared([finding(http(host, 443)), finding(tls(host, 443), from("web", older))]);
    expect(plain.map((one) => one === null)).toEqual([true, true]);
  });

  it("where it would hold more than an entry can", () => {
    const many = Array.from({ length: 200 }, (_, index) => sighting(tls(host, 1000 + index)));
    const more = many.map((one, index) =>
      sighting(tls(host, 2000 + index), { source: source({ namespace: "web" }), firstSeen: one.firstSeen - day }),
    );
    expect(shared([finding(tls(host))], [...many, ...more])).toEqual([null]);
  });
});
