import { describe, expect, it } from "vitest";
import { streamOwner } from "../../../lib/observe/logs/caller.ts";
import { workloadOf } from "../../../lib/observe/logs/pod.ts";

describe("a pod's workload by its name", () => {
  it.each([
    ["svc03-0-2-7dc8cb9d9b-6hfhg", "svc03-0-2"],
    ["istio-egressgateway-5d8c7b9f46-x2x5k", "istio-egressgateway"],
    ["web-v1-554dc5f9cb-ssk5p", "web-v1"],
    ["fluent-bit-xk2p9", "fluent-bit"],
    ["backup-28473120-7xk2p", "backup"],
    ["kafka-12", "kafka"],
    ["istio-debug", "istio-debug"],
    ["my-nginx", "my-nginx"],
    ["web", "web"],
  ])("%s → %s", (pod, workload) => expect(workloadOf(pod)).toBe(workload));
});

describe("the workload that a stream's labels tell", () => {
  it.each([
    [{ namespace: "shop", pod: "web-7dc8cb9d9b-6hfhg", app: "other" }, "shop/web"],
    [{ k8s_namespace_name: "shop", k8s_deployment_name: "web", k8s_pod_name: "x-1" }, "shop/web"],
    [{ kubernetes_namespace_name: "shop", kubernetes_pod_name: "web-0" }, "shop/web"],
    [{ namespace: "shop", app: "web" }, "shop/web"],
    [{ pod: "web-0" }, "unknown/web"],
    [{ job: "shop/web" }, "unknown/unknown"],
    [{ namespace: "a\u001b[31m", pod: "<b>" }, "\\u001b/\\u003cb"],
  ])("%j → %s", (labels, expected) => {
    const { namespace, workload } = streamOwner(labels).source;
    const [ns = "", wl = ""] = expected.split("/");
    expect(namespace).toContain(ns);
    expect(workload).toContain(wl);
    expect(namespace + workload).toMatch(/^[\x20-\x7e]+$/);
  });

  it("knows an egress gateway by its name or Istio's own label", () => {
    const gateways = [
      { pod: "istio-egressgateway-5d8c7b9f46-x2x5k" },
      { app: "istio-egressgateway" },
      { pod: "gw-0", istio: "egressgateway" },
    ];
    expect(gateways.map((labels) => streamOwner(labels).isGateway)).toEqual([true, true, true]);
    expect(streamOwner({ pod: "istio-ingressgateway-5d8c7b9f46-x2x5k" }).isGateway).toBe(false);
  });
});
