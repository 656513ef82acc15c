import { describe, expect, it } from "vitest";
import type { Counter, Labels } from "../../lib/model.ts";
import { identify } from "../../lib/observe/identify.ts";
import { blocked, dynamic, http, settings, tcp } from "./make.ts";

const keyOf = (labels: Labels, counter: Counter = "requests", cluster = "prod") =>
  identify(counter, labels, { ...settings, cluster })?.key;

describe("observe/identify", () => {
  it("tells who called what", () => {
    expect(identify("requests", http("api.example.com", { source_cluster: "c1" }), settings)).toEqual({
      key: expect.stringMatching(/^[0-9a-f]{32}$/),
      source: { cluster: "c1", namespace: "shop", workload: "web" },
      destination: expect.objectContaining({ host: "api.example.com", port: 80, verdict: "allowed" }),
    });
  });

  it("tells blocked from allowed by the catch-all's name", () => {
    expect(identify("requests", http("a.example.com", blocked), settings)?.destination.verdict).toBe("blocked");
    expect(identify("closed", tcp("203.0.113.7:25", blocked), settings)?.destination.verdict).toBe("blocked");
    expect(identify("opened", tcp("203.0.113.7:25"), settings)?.destination.verdict).toBe("allowed");
  });

  it("gives openings and closings of one connection the same key", () => {
    expect(keyOf(tcp("203.0.113.7:25"), "opened")).toBe(keyOf(tcp("203.0.113.7:25"), "closed"));
  });

  it("has one key for a host whatever its case, trailing dot, address, scrape or response", () => {
    const others = [
      http("API.example.com."),
      http("api.example.com:80"),
      http("api.example.com", { destination_address: "203.0.113.7:80" }),
      http("api.example.com", { destination_address: "203.0.113.8:80", response_code: "503", pod: "web-1" }),
      dynamic("api.example.com"),
    ];
    const counters: Counter[] = ["requests", "requests", "requests", "requests", "dynamic"];
    const keys = others.map((labels, index) => keyOf(labels, counters[index]));
    expect(new Set([...keys, keyOf(http("api.example.com"))]).size).toBe(1);
  });

  it("has another key for another verdict, protocol, host, port, address, SNI, source, cluster or claim", () => {
    const all = [
      keyOf(http("api.example.com")),
      keyOf(http("api.example.com", blocked)),
      keyOf(http("api.example.com", { request_protocol: "grpc" })),
      keyOf(http("www.example.com")),
      keyOf(http("api.example.com:8080")),
      keyOf(http("api.example.com", { source_workload: "api" })),
      keyOf(http("api.example.com", { source_workload_namespace: "pay" })),
      keyOf(http("api.example.com", { source_cluster: "c2" })),
      keyOf(http("api.example.com"), "requests", "staging"),
      keyOf(http("203.0.113.7")),
      keyOf(http("a b")),
      keyOf(http("a  b")),
      keyOf(tcp("203.0.113.7:80"), "opened"),
      keyOf(tcp("203.0.113.8:80"), "opened"),
      keyOf(tcp("203.0.113.7:80", { requested_server_name: "api.example.com" }), "opened"),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it("sees ALLOW_ANY_DYNAMIC_DNS where service and name are both the Host, and it is no name of the mesh", () => {
    expect(identify("dynamic", dynamic("api.example.com:8080"), settings)?.destination).toMatchObject({
      host: "api.example.com",
      port: 8080,
    });
    expect(identify("dynamic", dynamic("[2001:db8::7]:80"), settings)?.destination.address).toBe("2001:db8::7");
    for (const inMesh of [
      "cart",
      "cart:8080",
      "Cart.",
      "cart.shop.svc.cluster.local",
      "cart.shop.svc:80",
      "x.local",
      "",
    ]) {
      expect(identify("dynamic", dynamic(inMesh), settings)).toBeNull();
    }
    const named = { destination_service_name: "api" };
    expect(identify("dynamic", http("api.example.com", named), settings)).toBeNull();
  });

  it("sees in-mesh names through the catch-alls, where Istio says that they went out", () => {
    expect(identify("requests", http("cart.shop.svc.cluster.local"), settings)).not.toBeNull();
  });

  it("passes over what the config calls internal", () => {
    const inside = { ...settings, internal: ["10.0.0.0/8", "*.corp.example"] };
    expect(identify("opened", tcp("10.1.2.3:5432"), inside)).toBeNull();
    expect(identify("requests", http("git.corp.example"), inside)).toBeNull();
    expect(identify("opened", tcp("11.1.2.3:5432"), inside)).not.toBeNull();
  });
});
