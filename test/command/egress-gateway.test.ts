/** SNI of what goes through an egress gateway, on a real Prometheus: whose it is, how often, and at which cost. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ScanDocument } from "../../lib/report/scan-schema.ts";
import { type HeldPast, holdPast } from "./past.ts";
import { scanJson } from "./run-scout.ts";

const minute = 60_000;
const begin = Date.UTC(2026, 10, 20, 6);
const learned = begin + 30 * minute;
const end = learned + 10 * minute;
const gateway = "suggest: { egressGateway: { namespace: istio-system, selector: { istio: egressgateway } } }";
const policies = 'policies: [{ name: p, deny: ["outer.example.com", "*.bad.example"] }]';

describe("the egress gateway", () => {
  let held: HeldPast;
  let result: ScanDocument;
  let without: ScanDocument;

  beforeAll(async () => {
    held = await holdPast(
      (mesh, timetable) => {
        const web = mesh.pod({ namespace: "shop", workload: "web" });
        const job = mesh.pod({ namespace: "batch", workload: "job" });
        const out = [1, 2].map(() => mesh.pod({ namespace: "istio-system", workload: "istio-egressgateway" }));
        timetable.every({ from: begin + minute, to: end, everyMs: minute }, (n) => {
          web.toGateway({ sni: "usual.example.com", to: "198.51.100.1:443" });
          out[n % 2]?.atGateway({ sni: "usual.example.com", entry: "usual.example.com" });
          web.inMesh({ namespace: "shop", workload: "cart" });
        });
        timetable.at(learned + 3 * minute, () => {
          // Seen by both; by the gateway alone; in an outer SNI; with no way on; inside the mesh.
          web.toGateway({ sni: "api.example.com", to: "198.51.100.2:443", times: 4 });
          out[0]?.atGateway({ sni: "api.example.com", entry: "*.example.com", times: 4 });
          job.toGateway({ to: "198.51.100.3:443", times: 3 });
          out[0]?.atGateway({ sni: "hidden.example.com", entry: "*.example.com", times: 2 });
          out[1]?.atGateway({ sni: "hidden.example.com", entry: "*.example.com", times: 1 });
          out[1]?.atGateway({ sni: "outbound_.443_._.outer.example.com", entry: "outer.example.com", times: 5 });
          out[1]?.atGateway({ sni: "outbound_.443_._.cart.shop.svc.cluster.local", entry: "cart.example" });
          out[1]?.atGateway({ sni: "no-way.example.com", entry: null, times: 2 });
        });
      },
      { from: begin, to: end, everyMs: 15_000 },
      { everySeries: true },
    );
    const scan = async (name: string, added: string) => {
      const file = join(held.dir, `${name}.yaml`);
      const url = held.prometheus.url;
      writeFileSync(
        file,
        `clusters: [{ name: prod, prometheus: { url: "${url}" } }]
enrich: { dns: { servers: ["127.0.0.1:1"] } }
state: sqlite:${name}.db\n${added}`,
      );
      const once = (time: number) => scanJson(["--config", file, "--at", String(time / 1000), "--learn", "1h"]);
      await once(learned);
      return await once(end);
    };
    result = await scan("with", `${gateway}\n${policies}`);
    without = await scan("without", policies);
  });
  afterAll(() => held.stop());

  const told = ({ findings }: ScanDocument) =>
    findings
      .map(({ kind, source, destination: { verdict, protocol, host, address, port }, count }) =>
        [
          kind,
          `${source.namespace}/${source.workload}`,
          verdict,
          protocol,
          `${host ?? address}:${port}`,
          `x${count}`,
        ].join(" "),
      )
      .sort();

  it("is where calls are found by their SNI: the workload's own where its sidecar saw it, else the gateway's, each once", () => {
    expect(told(result)).toEqual([
      "new-blocked istio-system/istio-egressgateway blocked tls no-way.example.com:null x2",
      "new-destination istio-system/istio-egressgateway allowed tls hidden.example.com:null x3",
      "new-destination shop/web allowed tls api.example.com:443 x4",
      "policy-violation istio-system/istio-egressgateway allowed tls outer.example.com:443 x5",
    ]);
    expect(result.run.known).toBe(1);
  });

  it("says that the gateway is not who called, and suggests no entry at the caller", () => {
    for (const { source, summary, kind, suggestions, noSuggestion } of result.findings) {
      const isGateway = source.workload === "istio-egressgateway";
      expect(summary.includes("do not say which workload called through it")).toBe(isGateway);
      if (kind === "policy-violation")
        expect(suggestions).toMatchObject([{ manifest: { kind: "AuthorizationPolicy" } }]);
      else expect([suggestions, noSuggestion]).toEqual([[], expect.stringMatching(/egress gateway/)]);
    }
  });

  it("is asked about where the config names it, and costs nothing else", () => {
    expect(told(without)).toEqual([
      "new-blocked istio-system/istio-egressgateway blocked tls no-way.example.com:8443 x2",
    ]);
    expect(result.run.queries - without.run.queries).toBeLessThanOrEqual(2 + 3);
  });
});
