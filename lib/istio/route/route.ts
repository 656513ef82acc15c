/** How a sidecar routes an outbound flow, given the manifests in force. */
import { landAsked, spelt } from "./dns-capture.ts";
import { type End, endOf } from "./ends.ts";
import { type Flow, nameOf, type Routed } from "./flow.ts";
import { type By, type Landing, type Met, metAs } from "./land.ts";
import type { Scope } from "./scope.ts";
import type { Offer } from "./service.ts";
import { shadowedBy } from "./shadowed.ts";
import type { RouteTable } from "./table.ts";

/**
 * Where a flow goes. Out: the entry that takes it, or the mesh's catch-all; why; what else is about it and loses; and whether the labels
 * and manifests tell enough. Throws nothing, whatever the texts.
 *
 * What Istio does is followed step by step (Istio's files are named where their rules are), and was measured against Istio itself
 * (test/istio/route/measured.jsonl). Not among the manifests, hence not known: Kubernetes Services, VirtualServices, DestinationRules,
 * EnvoyFilters, what iptables leaves out, the mesh's defaultServiceExportTo. Where the rules leave a choice, `certain` is false: no age, no
 * labels, no SNI, no dialled address, DNS capture beside another address dialled, ambient namespaces, workload selectors.
 */
export function route(flow: Flow, table: RouteTable): Routed {
  const { scope, doubts } = table.scopeFor(flow.source.namespace, flow.source.labels);
  const port = table.portOf(scope, flow.port);
  const met = metAs(flow);
  const landing = own(met) ?? landAsked(flow, met, { scope, port, table });
  const end = landing.offer === null ? null : endOf(landing.offer, scope, table.settings);
  const shadowed = shadowedBy({ flow, met, scope, port, table, winner: end?.entry ?? null });
  const all = [...new Set([...doubts, ...landing.doubts, ...(end?.doubts ?? [])])];
  const told = { certain: all.length === 0, doubts: all, shadowed };
  if (landing.offer === null || end === null) return { ...unknown(flow, met, scope), ...told };
  const fault = end.fault ?? (landing.answers ? null : `${nameOf(end.entry)} has no route on its own address: 404`);
  const { entry, port: entryPort, reaches } = end;
  const { host } = landing.offer.service;
  return { to: "entry", entry, port: entryPort, host, reaches, fault, why: because(landing, met, end), ...told };
}

/** The sidecar's own ports are a black hole, whatever the mode (LB blackholeFilterChain). */
const own = (met: Met): Landing | null => (isOwnPort(met.port) ? { offer: null, doubts: [] } : null);
const isOwnPort = (port: number): boolean => port === 15001 || port === 15006;

function unknown(flow: Flow, met: Met, { mode, sidecar }: Scope): { to: "passthrough" | "blocked"; why: string } {
  const who = `${flow.source.namespace}/${flow.source.workload}`;
  if (isOwnPort(met.port)) return { to: "blocked", why: `port ${met.port} is the sidecar's own` };
  const none = `no ServiceEntry that ${who} sees matches`;
  if (mode === "REGISTRY_ONLY") {
    return {
      to: "blocked",
      why: `${none}, and REGISTRY_ONLY ${met.kind === "http" ? "answers 502" : "closes the connection (UH)"}`,
    };
  }
  const dynamic = mode === "ALLOW_ANY_DYNAMIC_DNS" && met.kind === "http" ? " to where the Host resolves" : "";
  const proxy = mode === "ALLOW_ANY" && sidecar?.egressProxy ? ` to ${sidecar.egressProxy}` : dynamic;
  return { to: "passthrough", why: `${none}, and ${mode} lets it through${proxy}` };
}

function because(landing: Landing & { offer: Offer }, met: Met, end: End): string {
  const { host, at } = landing.offer.service;
  const whose = `${nameOf(end.entry)} on port ${met.port}`;
  const range = at.kind === "range" ? at.range : "";
  const said: Record<By, string> = {
    host:
      met.name === null
        ? `the Host is ${met.address}, an address of ${whose}`
        : `Host ${met.name} is ${host} of ${whose}`,
    sni: `SNI ${met.name} is ${host} of ${whose}`,
    address: `${at.kind === "address" ? spelt(at.addresses[0] ?? "") : ""} is an address of ${whose}`,
    range: `${met.address} is in ${range} of ${whose}`,
    port: `${whose} has no address, hence takes what nothing else on the port takes`,
  };
  return said[landing.by];
}
