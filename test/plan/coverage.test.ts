/** Which flows a plan calls covered. */
import { expect, it } from "vitest";
import { readInForce } from "../../lib/istio/in-force.ts";
import { prepare } from "../../lib/istio/route/table.ts";
import { coverage } from "../../lib/plan/coverage.ts";
import { finding, source, tls } from "../suggest/make.ts";

const api = { apiVersion: "networking.istio.io/v1" };
const metadata = { name: "api", namespace: source().namespace };
const ports = [{ number: 443, name: "tls", protocol: "TLS" }];
const entry = {
  ...api,
  kind: "ServiceEntry",
  metadata,
  spec: { hosts: ["api.example.com"], ports, resolution: "DNS" },
};
/** Of some workloads of the namespace, which see no entry; whether the caller is one of them its labels would tell. */
const sidecar = {
  ...{ ...api, kind: "Sidecar", metadata },
  spec: { workloadSelector: { labels: { app: "web" } }, egress: [{ hosts: ["istio-system/*"] }] },
};
const covered = (...objects: unknown[]) => {
  const inForce = readInForce(objects);
  const settings = {
    outboundMode: "REGISTRY_ONLY",
    dnsCapture: false,
    rootNamespace: "istio-system",
    istio: null,
  } as const;
  return coverage([finding(tls("api.example.com"))], prepare(inForce, settings), []).flows[0];
};

it("is covered by an entry that takes it", () => {
  expect(covered(entry)).toMatchObject({ isCovered: true, certain: true });
  expect(covered()).toMatchObject({ isCovered: false });
});

it("is not covered by one that only may: it was counted by a catch-all", () => {
  const found = covered(entry, sidecar);
  expect(found).toMatchObject({ isCovered: false, certain: false });
  expect(found?.why).toMatch(/; not certain: whether Sidecar .* selects the workload/);
});
