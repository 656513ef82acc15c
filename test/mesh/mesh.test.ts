import { describe, expect, it } from "vitest";
import { createMesh, type Mesh, type Pod } from "./mesh.ts";

const spec = { namespace: "web", workload: "shop" };

/** A pod's counters as metric → values, istio_ and _total left out. */
function counts(pod: Pod): Record<string, number[]> {
  const found: Record<string, number[]> = {};
  for (const { metric, value } of pod.target.counters.all()) {
    const name = metric.replace(/^istio_|_total$/g, "");
    found[name] = [...(found[name] ?? []), value];
  }
  return found;
}

function meshWith(settings: Partial<Mesh["settings"]> = {}): { mesh: Mesh; pod: Pod } {
  const mesh = createMesh({ clock: () => 0, ...settings });
  return { mesh, pod: mesh.pod(spec) };
}

describe("a sidecar", () => {
  it("tells of a short connection all at once, and of a long one as opened only", () => {
    const { pod } = meshWith();
    const connection = pod.tcp({ to: "192.0.2.1:5432", open: true });
    pod.tcp({ to: "192.0.2.2:5432" });
    expect(counts(pod)).toMatchObject({ tcp_connections_opened: [1, 1], tcp_connections_closed: [1] });
    connection.close();
    connection.close();
    expect(counts(pod)).toMatchObject({ tcp_connections_opened: [1, 1], tcp_connections_closed: [1, 1] });
  });

  it("tells of a blocked connection as opened and closed, without a byte", () => {
    const { pod } = meshWith();
    pod.tcp({ to: "192.0.2.1:25", blocked: true, open: true, times: 3 });
    expect(counts(pod)).toEqual({
      tcp_connections_opened: [3],
      tcp_connections_closed: [3],
      tcp_sent_bytes: [0],
      tcp_received_bytes: [0],
    });
  });

  it("forgets all at a restart, and connections of before close unseen", () => {
    const { pod } = meshWith();
    const connection = pod.tcp({ to: "192.0.2.1:5432", open: true });
    pod.restart();
    connection.close();
    expect(counts(pod)).toEqual({});
    pod.http({ host: "example.com", to: "192.0.2.1:80" });
    expect(counts(pod)).toMatchObject({ requests: [1] });
  });

  it("is gone once stopped", () => {
    const { mesh, pod } = meshWith();
    pod.stop();
    expect(mesh.targets()).toEqual([]);
    expect(mesh.render(pod.target.id)).toBeNull();
    expect(() => pod.http({ host: "example.com", to: "192.0.2.1:80" })).toThrow(/gone/);
  });

  it("adds labels to the catch-alls alone, or to every series", () => {
    const added = (settings: Partial<Mesh["settings"]>) => {
      const { pod } = meshWith(settings);
      pod.inMesh({ namespace: "data", workload: "cache" });
      pod.http({ host: "example.com", to: "192.0.2.1:80" });
      const requests = pod.target.counters.all().filter(({ metric }) => metric === "istio_requests_total");
      return requests.map(({ labels }) => labels.destination_address);
    };
    expect(added({})).toEqual(["", "192.0.2.1:80"]);
    expect(added({ everySeries: true })).toEqual(["10.96.0.10:80", "192.0.2.1:80"]);
    expect(added({ httpAddress: false })).toEqual([undefined, undefined]);
  });
});

describe("Mixer", () => {
  it("tells for all pods, of a blocked connection only that it closed, and gives only closed ones an address", () => {
    const mesh = createMesh({ clock: () => 0, mixer: true });
    mesh.pod(spec).tcp({ to: "192.0.2.1:25", blocked: true });
    mesh.pod(spec).tls({ sni: "example.com", to: "192.0.2.2:443" });
    const [target, ...others] = mesh.targets();
    const told = target?.counters.all().map(({ metric, labels, value }) => [metric, labels.destination_ip, value]);
    expect(others).toEqual([]);
    expect(told).toEqual([
      ["istio_tcp_connections_closed_total", "192.0.2.1", 1],
      ["istio_tcp_connections_closed_total", "192.0.2.2", 1],
      ["istio_tcp_connections_opened_total", undefined, 1],
      ["istio_tcp_sent_bytes_total", undefined, 2048],
      ["istio_tcp_received_bytes_total", undefined, 512],
    ]);
  });
});
