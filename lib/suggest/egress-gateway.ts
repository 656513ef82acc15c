/** The way out through an egress gateway, where the config has one: offered beside the exact entry. */

import type { Manifest } from "../model.ts";
import { gatewayOf } from "../words/gateway.ts";
import { type Alternative, list, opening, several } from "./alternative.ts";
import type { Calls } from "./calls.ts";
import { carries } from "./draft.ts";
import { gatewayObjects, type Way } from "./gateway-objects.ts";
import { choosePorts, type Port } from "./ports.ts";
import { type EgressGateway, type SuggestSettings, serviceEntry } from "./service-entry.ts";

/**
 * All objects for one host, in the gateway's namespace: both the gateway and the callers have to see the entry, two Gateways of one
 * host on one port would be dropped in silence (istio pilot/pkg/model/gateway.go), and who runs the gateway decides who may go through.
 * So there is one set for all namespaces that call. Null without a gateway in the config, for bare addresses and raw TCP, which have no
 * SNI to go by, for gRPC, whose HTTP/2 a gateway's Service need not speak, and for two ports of one protocol, which the gateway could
 * not tell apart. Throws nothing.
 */
export function viaGateway(
  { entry, all: evidence, byNamespace }: Calls,
  settings: SuggestSettings,
  http2: ReadonlySet<number>,
): Alternative | null {
  const gateway = settings.egressGateway;
  const ports = choosePorts(entry, evidence, http2);
  const ways = waysOf(ports);
  if (gateway === undefined || entry.address !== null || ways === null) return null;
  const namespaces = [...byNamespace.keys()];
  const group = { namespace: gateway.namespace, entry, evidence: [...evidence], beside: [] };
  const item = serviceEntry(group, ports, { ...settings, exportTo: [".", ...namespaces] });
  const service = gateway.service ?? serviceOf(gateway);
  const about = { host: entry.host, service, gateway, callers: namespaces, ways, metadata: item.metadata };
  const blocked = evidence.filter((one) => one.verdict === "blocked").map((one) => one.namespace);
  const items: Manifest[] = [item, ...gatewayObjects(about)];
  return {
    suggestion: several(items, {
      confidence: "medium",
      why: reasons(entry.host, gateway, namespaces, ways),
      warnings: [...opening(blocked.map((one) => `${entry.host} from ${one}`)), ...cautions(gateway, service, ways)],
    }),
    serves: ({ source }, port) => byNamespace.has(source.namespace) && carries(ports, port),
  };
}

/** At most one port of TLS and one of HTTP, and no other; null where the host has more. */
function waysOf(ports: readonly Port[]): Way[] | null {
  const ways = ports.flatMap(({ number, protocol }): Way[] =>
    protocol === "TLS" || protocol === "HTTP" ? [{ protocol, port: number }] : [],
  );
  const isSingle = new Set(ways.map((way) => way.protocol)).size === ways.length;
  return ways.length > 0 && ways.length === ports.length && isSingle ? ways : null;
}

/** What Istio's own installation calls the Service of those pods. */
const serviceOf = (gateway: EgressGateway): string => gatewayOf(gateway).names[0] ?? "";

function reasons(
  host: string,
  { namespace }: EgressGateway,
  callers: readonly string[],
  ways: readonly Way[],
): string[] {
  const isTls = ways.some((way) => way.protocol === "TLS");
  return [
    `Calls to ${host} leave through the egress gateway in ${namespace}, the one place to log, limit and route them.`,
    isTls
      ? "The callers' own TLS passes unopened: the sidecar picks it by its SNI and wraps it in the mesh's mTLS as far as the gateway, which tells the gateway who calls."
      : "Between sidecar and gateway goes the mesh's mTLS, which tells the gateway who calls.",
    `The AuthorizationPolicy denies ${host} to all but ${list(callers)}, and takes nothing from what else uses the gateway.`,
  ];
}

function cautions({ namespace }: EgressGateway, service: string, ways: readonly Way[]): string[] {
  const host = `${service}.${namespace}.svc.cluster.local`;
  return [
    `It takes the gateway's Service to be ${host}, with ports ${ways.map(({ protocol }) => (protocol === "TLS" ? 443 : 80)).join(" and ")}: change it where yours is called otherwise.`,
    "Nothing but the sidecar sends calls there: a NetworkPolicy has to keep workloads from going out directly.",
    `A Sidecar in a calling namespace has to have ${namespace}/* among its egress hosts, and a DestinationRule there for ${host} would hide the one given here.`,
    "Where the gateway has ALLOW policies, they have to let this host through as well.",
    ...(ways.some((way) => way.protocol === "HTTP")
      ? [
          "Port 80 of the gateway speaks mTLS then: Istio drops one of two servers where another Gateway has plain HTTP on it.",
        ]
      : []),
  ];
}
