/** The label sets that look like egress and are none, and those of ordinary traffic: all of it has to be passed over. */
import { compose, type Labels, type Peer, unknownPeer } from "./labels.ts";

/** HTTP to a pod's own address, which no Service stands for: it leaves through PassthroughCluster and stays in the mesh. */
export function podToPod(source: Peer, destination: Peer, host: string, added: Labels): Labels {
  const service = [host, "PassthroughCluster", destination.namespace] as const;
  const call = { reporter: "source", protocol: "http", code: "200", flags: "-", security: "unknown" } as const;
  return compose({
    ...call,
    source,
    destination: { ...destination, principal: "unknown", version: "unknown" },
    service,
    added,
  });
}

/** Traffic that arrives on a port which no Service declares, as the receiving side reports it. */
export function inboundPassthrough(destination: Peer): Labels {
  const service = [destination.canonicalService, "InboundPassthroughCluster", destination.namespace] as const;
  const call = { reporter: "destination", protocol: "tcp", flags: "-", security: "none" } as const;
  return compose({ ...call, source: unknownPeer, destination, service, added: {} });
}

/** Traffic to the proxy's own inbound port: a BlackHoleCluster that blocks nobody's egress. */
export function inboundBlackHole(destination: Peer): Labels {
  const service = [destination.canonicalService, "BlackHoleCluster", destination.namespace] as const;
  const call = { reporter: "destination", protocol: "tcp", flags: "UH", security: "none" } as const;
  return compose({ ...call, source: unknownPeer, destination, service, added: {} });
}

/** A Service of the mesh with no endpoint left: flags UH as on a blocked call, but no catch-all. Older proxies do not say the Service's namespace. */
export function noEndpoints(
  source: Peer,
  to: { service: string; namespace: string },
  older: boolean,
  added: Labels,
): Labels {
  const host = `${to.service}.${to.namespace}.svc.cluster.local`;
  const told = [host, to.service, older ? "unknown" : to.namespace] as const;
  const call = { reporter: "source", protocol: "tcp", flags: "UH", security: "unknown" } as const;
  return compose({ ...call, source, destination: unknownPeer, service: told, added });
}

/** An ordinary HTTP call inside the mesh with mutual TLS, as the caller reports it. */
export function inMesh(source: Peer, destination: Peer, service: string, added: Labels): Labels {
  const told = [`${service}.${destination.namespace}.svc.cluster.local`, service, destination.namespace] as const;
  const call = { reporter: "source", protocol: "http", code: "200", flags: "-", security: "unknown" } as const;
  return compose({ ...call, source: spiffe(source), destination: spiffe(destination), service: told, added });
}

/** TCP inside the mesh with mutual TLS, as the caller reports it. */
export function inMeshTcp(source: Peer, destination: Peer, service: string, added: Labels): Labels {
  const told = [`${service}.${destination.namespace}.svc.cluster.local`, service, destination.namespace] as const;
  const call = { reporter: "source", protocol: "tcp", flags: "-", security: "unknown" } as const;
  return compose({ ...call, source: spiffe(source), destination: spiffe(destination), service: told, added });
}

/** TCP or TLS to a host that a ServiceEntry declares. */
export function declaredTcp(source: Peer, to: { host: string; namespace: string }, added: Labels): Labels {
  const call = { reporter: "source", protocol: "tcp", flags: "-", security: "unknown" } as const;
  return compose({ ...call, source, destination: unknownPeer, service: [to.host, to.host, to.namespace], added });
}

/** The same call as the callee reports it. */
export function inMeshServed(source: Peer, destination: Peer, service: string): Labels {
  const told = [`${service}.${destination.namespace}.svc.cluster.local`, service, destination.namespace] as const;
  const call = { reporter: "destination", protocol: "http", code: "200", flags: "-", security: "mutual_tls" } as const;
  return compose({ ...call, source: spiffe(source), destination: spiffe(destination), service: told, added: {} });
}

/** HTTP to a host that a ServiceEntry declares: known, so nothing to find. Older proxies say "unknown" for the entry's namespace, and then
 * it looks exactly like a call through AllowAnyDynamicDNSCluster, which those proxies do not have. */
export function declaredHttp(
  source: Peer,
  to: { host: string; namespace: string },
  older: boolean,
  added: Labels,
): Labels {
  const call = { reporter: "source", protocol: "http", code: "200", flags: "-", security: "unknown" } as const;
  return compose({
    ...call,
    source,
    destination: unknownPeer,
    service: [to.host, to.host, older ? "unknown" : to.namespace],
    added,
  });
}

/** ztunnel's report of a connection it knows no destination for: everything is unknown and no label can be added. */
export function ambientTcp(source: Peer): Labels {
  const call = { reporter: "source", protocol: "tcp", flags: "-", security: "unknown" } as const;
  const service = ["unknown", "unknown", "unknown"] as const;
  return compose({ ...call, source, destination: unknownPeer, service, added: {} });
}

function spiffe(peer: Peer): Peer {
  return { ...peer, principal: `spiffe://cluster.local/ns/${peer.namespace}/sa/${peer.workload}` };
}
