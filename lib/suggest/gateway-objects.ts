/** The objects that lead one host through an egress gateway, but for its ServiceEntry. Proven with Istio's own simulator (docs). */
import type { Manifest } from "../model.ts";
import type { EgressGateway } from "./service-entry.ts";

/** A port of the host, and how it is spoken. */
export interface Way {
  protocol: "TLS" | "HTTP";
  port: number;
}

interface About {
  host: string;
  /** The name of the gateway's Service. */
  service: string;
  gateway: EgressGateway;
  /** Namespaces that call, sorted. */
  callers: readonly string[];
  ways: readonly Way[];
  /** Of the ServiceEntry, and of every object here: the name is the subset's as well. */
  metadata: Manifest["metadata"];
}

/** The gateway's port for each protocol: those of Istio's own Service. */
const entrance = { TLS: 443, HTTP: 80 } as const;
const networking = "networking.istio.io/v1";

export function gatewayObjects(about: About): Manifest[] {
  return [server(about), route(about), rule(about), policy(about)];
}

/**
 * ISTIO_MUTUAL and not PASSTHROUGH: without mTLS up to the gateway no policy there knows who calls. What is inside it stays as the
 * caller made it: a TLS server hands on bytes, be they TLS again.
 */
function server({ host, gateway, ways, metadata }: About): Manifest {
  const servers = ways.map(({ protocol }) => {
    const kind = protocol === "TLS" ? "TLS" : "HTTPS";
    const number = entrance[protocol];
    const port = { number, name: `${kind.toLowerCase()}-${number}`, protocol: kind };
    return { port, hosts: [host], tls: { mode: "ISTIO_MUTUAL" } };
  });
  return { apiVersion: networking, kind: "Gateway", metadata, spec: { selector: gateway.selector, servers } };
}

/** From the sidecars to the gateway, and from there to the host. After the gateway took off the mTLS, what is left is TCP or HTTP. */
function route({ host, service, gateway, callers, ways, metadata }: About): Manifest {
  const { name } = metadata;
  const inner = (way: Way) => ({
    destination: { host: fullName(service, gateway), subset: name, port: { number: entrance[way.protocol] } },
  });
  const outer = (way: Way) => ({ destination: { host, port: { number: way.port } } });
  const atGateway = (way: Way) => ({ gateways: [name], port: entrance[way.protocol] });
  const spec: Manifest["spec"] = {
    hosts: [host],
    gateways: ["mesh", name],
    exportTo: [...new Set([".", ...callers.filter((one) => one !== gateway.namespace)])],
  };
  for (const way of ways) {
    const last = { match: [atGateway(way)], route: [outer(way)] };
    if (way.protocol === "TLS") {
      spec.tls = [{ match: [{ gateways: ["mesh"], port: way.port, sniHosts: [host] }], route: [inner(way)] }];
      spec.tcp = [last];
    } else {
      spec.http = [{ match: [{ gateways: ["mesh"], port: way.port }], route: [inner(way)] }, last];
    }
  }
  return { apiVersion: networking, kind: "VirtualService", metadata, spec };
}

/**
 * A subset of all the gateway's pods, with the host as SNI of the mTLS around the call: by it the gateway finds the server, and the
 * policy the host. It has no exportTo: Istio adds up the subsets of one Service only where rules are equally visible
 * (istio pilot/pkg/model/destination_rule.go), and a subset does nothing where nobody routes to it.
 */
function rule({ host, service, gateway, ways, metadata }: About): Manifest {
  const portLevelSettings = ways.map(({ protocol }) => ({
    port: { number: entrance[protocol] },
    tls: { mode: "ISTIO_MUTUAL", sni: host },
  }));
  return {
    apiVersion: networking,
    kind: "DestinationRule",
    metadata,
    spec: {
      host: fullName(service, gateway),
      subsets: [{ name: metadata.name, trafficPolicy: { portLevelSettings } }],
    },
  };
}

/** DENY and not ALLOW: the first ALLOW policy of a gateway shuts out everything that no policy names. */
function policy({ host, gateway, callers, metadata }: About): Manifest {
  const rules = [
    { from: [{ source: { notNamespaces: [...callers] } }], when: [{ key: "connection.sni", values: [host] }] },
  ];
  const spec = { selector: { matchLabels: gateway.selector }, action: "DENY", rules };
  return { apiVersion: "security.istio.io/v1", kind: "AuthorizationPolicy", metadata, spec };
}

const fullName = (service: string, { namespace }: EgressGateway) => `${service}.${namespace}.svc.cluster.local`;
