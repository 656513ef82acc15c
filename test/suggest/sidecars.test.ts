import { describe, expect, it } from "vitest";
import type { Sidecar } from "../../lib/istio/in-force.ts";
import { sidecarWarnings } from "../../lib/suggest/sidecars.ts";
import { suggest } from "../../lib/suggest/suggest.ts";
import { Memory } from "../../lib/words/memory.ts";
import { finding, source, tls } from "./make.ts";

const sidecar = (egressHosts: string[] | null, change: Partial<Sidecar> = {}): Sidecar => ({
  namespace: "payments",
  name: "default",
  selector: null,
  egress: egressHosts === null ? [] : [{ hosts: egressHosts, port: null, local: false }],
  outboundMode: null,
  egressProxy: null,
  created: null,
  place: null,
  ...change,
});
const warned = (all: readonly Sidecar[], home = "payments") =>
  sidecarWarnings("api.example.com", home, "payments", all);

describe("a Sidecar", () => {
  it.each([
    ["./*"],
    ["*/*"],
    ["./api.example.com"],
    ["payments/*.example.com"],
    ["*/api.example.com"],
    ["istio-system/*", "./*"],
  ])("shows an entry by %s", (...listed) => {
    expect(warned([sidecar(listed)])).toEqual([]);
  });

  it.each([["istio-system/*"], ["~/*"], ["./other.example.com"], ["web/*"], ["./*.api.example.com"], []])(
    "hides one by %s",
    (...listed) => {
      expect(warned([sidecar(listed)])).toEqual([
        'The Sidecar payments/default hides this entry from its workloads: add "./api.example.com" to its egress hosts.',
      ]);
    },
  );

  it("shows all without egress, and counts only where the workloads are", () => {
    expect(warned([sidecar(null), sidecar([], { namespace: "web" })])).toEqual([]);
  });

  it("may be for some, and its namespace's goes before the mesh's", () => {
    const mesh = sidecar([], { namespace: "istio-system", name: "mesh" });
    const some = sidecar([], { name: "some", selector: { app: "some" } });
    expect(warned([mesh])).toHaveLength(1);
    expect(warned([mesh, sidecar(["./*"])])).toEqual([]);
    expect(warned([mesh, some])).toEqual([
      expect.stringContaining("payments/some hides this entry from the workloads it selects"),
      expect.stringContaining("istio-system/mesh"),
    ]);
    expect(warned([{ ...mesh, selector: { app: "some" } }])).toEqual([]);
  });

  it("has another namespace's entry by its name", () => {
    expect(warned([sidecar(["./*"])], "shop")[0]).toContain('add "shop/api.example.com"');
  });

  it("is told of where a finding's manifest would be hidden", () => {
    const object = {
      apiVersion: "networking.istio.io/v1",
      kind: "Sidecar",
      metadata: { name: "default", namespace: "payments" },
      spec: { egress: [{ hosts: ["istio-system/*"] }] },
    };
    const context = { memory: new Memory(), settings: {}, objects: [{ object, file: "mesh.yaml", document: 0 }] };
    const two = [
      finding(tls("api.example.com")),
      finding(tls("api.example.com"), { source: source({ namespace: "web" }) }),
    ];
    const [hidden, seen] = suggest(two, context).map(({ suggestions }) => suggestions[0]!.warnings.join());
    expect(hidden).toContain("The Sidecar payments/default hides this entry");
    expect(seen).not.toContain("Sidecar");
  });
});
