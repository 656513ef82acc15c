import { describe, expect, it } from "vitest";
import type { Finding, Suggestion } from "../../lib/model.ts";
import type { SuggestSettings } from "../../lib/suggest/suggest.ts";
import { admitAll } from "./admit-all.ts";
import {
  finding,
  grpc,
  http,
  literal,
  name,
  objects,
  onlyOne,
  ports,
  sighting,
  source,
  suggestAll,
  suggestOne,
  tcp,
  tls,
} from "./make.ts";

const host = "api.example.com";
const isOrigination = ({ manifest }: Suggestion) =>
  objects(manifest)
    .map(({ kind }) => kind)
    .join() === "ServiceEntry,DestinationRule";
const originations = (
  findings: readonly Finding[],
  sightings = [] as ReturnType<typeof sighting>[],
  settings: SuggestSettings = {},
) => suggestAll(findings, sightings, settings).map((one) => one.suggestions.find(isOrigination) ?? null);
const far = { source: source({ namespace: "web", workload: "front" }) };

describe("plain HTTP to a host whose TLS was let through", () => {
  const seen = [sighting(tls(host), far)];

  it("may become TLS in the sidecar, after the exact entry", () => {
    const [plain] = suggestAll([finding(http(host))], seen);
    const made = plain!.suggestions.find(isOrigination)!;
    expect(plain!.suggestions.indexOf(made)).toBeGreaterThan(0);
    const [entry, rule] = objects(made.manifest);
    expect(entry).toEqual({
      ...onlyOne(plain).manifest,
      spec: {
        ...onlyOne(plain).manifest.spec,
        ports: [{ number: 80, name: "http-80", protocol: "HTTP", targetPort: 443 }],
      },
    });
    expect(rule).toEqual({
      apiVersion: "networking.istio.io/v1",
      kind: "DestinationRule",
      metadata: entry!.metadata,
      spec: {
        host,
        trafficPolicy: { portLevelSettings: [{ port: { number: 80 }, tls: { mode: "SIMPLE", sni: host } }] },
        exportTo: ["."],
      },
    });
    expect(made.confidence).toBe("medium");
    expect(made.why[0]).toBe("TLS to api.example.com on port 443 was seen from web and let through: it answers there.");
    expect(admitAll(made.manifest)).toEqual([]);
  });

  it("leaves the other ports of the entry as they are", () => {
    const [made, other] = originations([finding(http(host)), finding(tls(host))]);
    expect(made && ports(made.manifest)).toEqual(["80 http-80 HTTP", "443 tls-443 TLS"]);
    expect(other).toBeNull();
    expect(made?.warnings.join()).not.toContain("redirect");
  });

  it("warns of what changes, and of a certificate that nobody checks", () => {
    const warned = (istio?: string) =>
      originations([finding(http(host, 80, { verdict: "blocked" }))], seen, istio ? { istio } : {})[0]!.warnings;
    expect(warned("1.30")).toEqual([
      "Port 80 is blocked today: applying this opens it.",
      expect.stringContaining("All calls of payments to api.example.com on port 80 change"),
      "Callers that follow a redirect to https: by themselves need port 443 in the entry besides.",
    ]);
    for (const istio of [undefined, "1.20"]) expect(warned(istio).at(-1)).toContain("certificate is not checked");
  });

  it("is no surer than the exact one", () => {
    const inner = finding(http(host, 80, { address: "10.1.2.3" }));
    expect([suggestOne(inner, seen).confidence, originations([inner], seen)[0]?.confidence]).toEqual(["low", "low"]);
  });

  it("is visible where its entry is", () => {
    const scope = (exportTo: string[]) =>
      objects(originations([finding(http(host))], seen, { exportTo })[0]!.manifest).map((one) => one.spec.exportTo);
    expect(scope([".", "istio-system"])).toEqual([
      [".", "istio-system"],
      [".", "istio-system"],
    ]);
    expect(scope([])).toEqual([undefined, undefined]);
  });
});

describe("plain HTTP stays plain", () => {
  it.each<[string, Finding, ReturnType<typeof sighting>[]]>([
    ["where no TLS was seen", finding(http(host)), []],
    ["where it was blocked", finding(http(host)), [sighting(tls(host, 443, { verdict: "blocked" }))]],
    ["where it was another port", finding(http(host)), [sighting(tls(host, 8443))]],
    ["where it was another host", finding(http(host)), [sighting(tls("www.example.com"))]],
    [
      "where it was in another cluster",
      finding(http(host)),
      [sighting(tls(host), { source: source({ cluster: "test" }) })],
    ],
    ["where it was raw TCP", finding(http(host)), [sighting(tcp("203.0.113.7", 443))]],
    ["where it was plain HTTP on 443", finding(http(host)), [sighting(http(host, 443))]],
    [
      "where its name was distrusted",
      finding(http(host)),
      [sighting(tls(host), { name: name(host, "sni", "contradicted") })],
    ],
    ["on another port than 80", finding(http(host, 8080)), [sighting(tls(host))]],
    ["for gRPC", finding(grpc(host, 80)), [sighting(tls(host))]],
    ["for an address", finding(literal("203.0.113.7", 80)), [sighting(tls(host))]],
  ])("%s", (_, one, seen) => {
    expect(originations([one], seen)).toEqual([null]);
  });
});
