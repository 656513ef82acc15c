import { describe, expect, it } from "vitest";
import { createMesh, type MeshSettings, type Pod } from "./mesh.ts";

/** A mesh with one pod, and what is true after `calls`, the source left out. */
function truthOf(calls: (pod: Pod) => void, settings: Partial<MeshSettings> = {}) {
  const mesh = createMesh({ clock: () => 1000, ...settings });
  calls(mesh.pod({ namespace: "web", workload: "shop" }));
  return mesh.truth(0, 1000).map(({ source, ...flow }) => flow);
}

const allowed = { verdict: "allowed", sni: null, count: 1 };

describe("truth", () => {
  it("says who, where to and how often", () => {
    const mesh = createMesh({ clock: () => 1000 });
    const pod = mesh.pod({ namespace: "web", workload: "shop", cluster: "eu-1" });
    const other = mesh.pod({ namespace: "web", workload: "shop", cluster: "eu-1" });
    pod.http({ host: "API.Example.com.", to: "192.0.2.1:8080", times: 2 });
    other.http({ host: "api.example.com:8080", to: "192.0.2.2:8080", code: 503 });
    expect(mesh.truth(0, 1000)).toEqual([
      {
        source: { cluster: "eu-1", namespace: "web", workload: "shop" },
        verdict: "allowed",
        protocol: "http",
        host: "api.example.com",
        address: "192.0.2.2",
        port: 8080,
        sni: null,
        count: 3,
      },
    ]);
  });

  it("holds the calls of (since, until] and no others", () => {
    let now = 0;
    const mesh = createMesh({ clock: () => now });
    const pod = mesh.pod({ namespace: "web", workload: "shop" });
    for (now = 1; now <= 5; now++) pod.tcp({ to: "192.0.2.1:5432" });
    expect(mesh.truth(2, 4).map(({ count }) => count)).toEqual([2]);
    expect(mesh.truth(5, 9)).toEqual([]);
  });

  it("reads a Host as the contract does", () => {
    const hosts = [
      "example.com",
      "example.com:8443",
      "192.0.2.9",
      "192.0.2.9:81",
      "[2001:DB8::1]:82",
      "a b",
      "x..y",
      "localhost",
      "",
    ];
    const flows = truthOf(
      (pod) => {
        for (const host of hosts) pod.http({ host, to: "192.0.2.1:80" });
      },
      { address: "none" },
    );
    expect(flows.map(({ host, address, port, count }) => [host, address, port, count])).toEqual([
      ["example.com", null, 80, 1],
      ["example.com", null, 8443, 1],
      [null, "192.0.2.9", 80, 1],
      [null, "192.0.2.9", 81, 1],
      [null, "2001:db8::1", 82, 1],
      [null, null, 80, 3],
      ["localhost", null, 80, 1],
    ]);
  });

  it("sees no further than the labels", () => {
    const calls = (pod: Pod) => {
      pod.tls({ sni: "DB.Example.com", to: "[2001:db8::5]:443" });
      pod.tls({ sni: "outbound_.443_._.db.web.svc.cluster.local", to: "192.0.2.5:443" });
    };
    const tls = { ...allowed, protocol: "tls", host: "db.example.com", sni: "db.example.com" };
    const tcp = { ...allowed, protocol: "tcp", host: null };
    expect(truthOf(calls)).toEqual([
      { ...tls, address: "2001:db8::5", port: 443 },
      { ...tcp, address: "192.0.2.5", port: 443 },
    ]);
    expect(truthOf(calls, { address: "ip+port" })).toEqual(truthOf(calls));
    expect(truthOf(calls, { address: "ip", sni: false })).toEqual([
      { ...tcp, address: "2001:db8::5", port: null },
      { ...tcp, address: "192.0.2.5", port: null },
    ]);
    expect(truthOf(calls, { address: "none", sni: false })).toEqual([{ ...tcp, address: null, port: null, count: 2 }]);
  });

  it("knows allowed from blocked, and dynamic DNS as allowed", () => {
    const flows = truthOf((pod) => {
      pod.http({ host: "example.com", to: "192.0.2.1:80", blocked: true, grpc: true });
      pod.dynamicHttp({ host: "example.com", to: "192.0.2.1:80" });
      pod.tcp({ to: "192.0.2.1:25", blocked: true });
    });
    expect(flows).toEqual([
      { ...allowed, verdict: "blocked", protocol: "grpc", host: "example.com", address: "192.0.2.1", port: 80 },
      { ...allowed, protocol: "http", host: "example.com", address: null, port: 80 },
      { ...allowed, verdict: "blocked", protocol: "tcp", host: null, address: "192.0.2.1", port: 25 },
    ]);
  });

  it("leaves all noise out", () => {
    const mesh = createMesh({ clock: () => 1000 });
    const pod = mesh.pod({ namespace: "web", workload: "shop" });
    const neighbour = { namespace: "data", workload: "cache" };
    pod.inMesh(neighbour);
    pod.served(neighbour);
    pod.podToPod({ ...neighbour, at: "10.28.1.220:8085" });
    pod.inboundPassthrough();
    pod.inboundBlackHole();
    pod.noEndpoints(neighbour);
    pod.declared({ host: "example.com", at: "192.0.2.1:80", namespace: "web" });
    pod.gateway();
    mesh.ambient({ namespace: "web", workload: "shop" });
    expect(mesh.truth(0, 1000)).toEqual([]);
    expect(mesh.targets()).toHaveLength(2);
  });
});
