/** Plain HTTP to a host that also speaks TLS: the sidecar can begin TLS on the way out. Offered beside the exact entry. */
import type { Manifest } from "../model.ts";
import { type Alternative, opening, several } from "./alternative.ts";
import type { Calls } from "./calls.ts";
import type { Draft } from "./draft.ts";
import { isAtLeast, type SuggestSettings } from "./service-entry.ts";

const plainPort = 80;
const tlsPort = 443;

/**
 * The group's entry with port 80 led to 443, and a DestinationRule that makes it TLS there (istio.io, egress TLS origination); null
 * where port 80 is not plain HTTP, or where nothing shows that the host answers on 443: some workload's TLS to it that was let through.
 * One that was blocked shows what a caller hoped for. Ports other than 80 have no customary partner. Throws nothing.
 */
export function tlsOrigination({ group, ports, manifest }: Draft, calls: Calls, settings: SuggestSettings) {
  const { host, address } = group.entry;
  const plain = ports.find((port) => port.number === plainPort);
  const proof = calls.all.find((one) => one.port === tlsPort && one.protocol === "tls" && one.verdict === "allowed");
  if (address !== null || plain?.protocol !== "HTTP" || proof === undefined) return null;
  const why = [
    `TLS to ${host} on port ${tlsPort} was seen from ${proof.namespace} and let through: it answers there.`,
    `Port ${plainPort} is led to ${tlsPort} and the sidecar begins TLS: callers go on with http:, and nothing leaves the mesh in plain text.`,
  ];
  const blocked = group.evidence.filter((one) => one.verdict === "blocked").map((one) => `Port ${one.port}`);
  const warnings = [
    ...opening(blocked),
    `All calls of ${group.namespace} to ${host} on port ${plainPort} change: try one first, since the server may answer otherwise on ${tlsPort}.`,
    ...(ports.some((port) => port.number === tlsPort)
      ? []
      : ["Callers that follow a redirect to https: by themselves need port 443 in the entry besides."]),
    ...(isAtLeast(settings.istio, 21)
      ? []
      : ["Before Istio 1.21 the server's certificate is not checked: set caCertificates in the DestinationRule."]),
  ];
  const alternative: Alternative = {
    suggestion: several([originated(manifest), rule(manifest, host)], { confidence: "medium", why, warnings }),
    serves: ({ destination }, port) => destination.protocol === "http" && port.number === plainPort,
  };
  return alternative;
}

function originated(manifest: Manifest): Manifest {
  const { ports } = manifest.spec;
  const led = (port: object) =>
    "number" in port && port.number === plainPort ? { ...port, targetPort: tlsPort } : port;
  return { ...manifest, spec: { ...manifest.spec, ports: Array.isArray(ports) ? ports.map(led) : ports } };
}

/** Of the same name, place and visibility as its entry. The SNI is written out: before Istio 1.21 none is sent without. */
function rule({ metadata, spec }: Manifest, host: string): Manifest {
  const tls = { mode: "SIMPLE", sni: host };
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "DestinationRule",
    metadata,
    spec: {
      host,
      trafficPolicy: { portLevelSettings: [{ port: { number: plainPort }, tls }] },
      ...("exportTo" in spec ? { exportTo: spec.exportTo } : {}),
    },
  };
}
