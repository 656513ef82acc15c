/** Writes the manifest of an entry. Every rule cited is proven by test/admission. */
import type { Manifest } from "../model.ts";
import { entryName } from "./entry.ts";
import type { Evidence, Group } from "./evidence.ts";
import type { Port } from "./ports.ts";
import { provenance } from "./provenance.ts";

export interface SuggestSettings {
  /** Namespaces that see the entry; default `["."]`, the caller's own. Empty: Istio's default, which is all of them. */
  exportTo?: readonly string[];
  /** The mesh answers its workloads' DNS questions (ISTIO_META_DNS_CAPTURE): TCP by name then needs no addresses. Default false. */
  dnsCapture?: boolean;
  /** The mesh's version, such as `1.30`: what wildcards may use. Not said: what every version takes. */
  istio?: string;
  /** The run's time, ms: for the dates in manifests. */
  now?: number;
  egressGateway?: EgressGateway | undefined;
}

/** The pods through which calls may leave. */
export interface EgressGateway {
  namespace: string;
  /** Their labels. */
  selector: Readonly<Record<string, string>>;
  /** The name of their Service; not given: what Istio's own installation calls it. */
  service?: string | undefined;
}

/** What a manifest is of: the host that it names, where it lives, and the calls that it rests on. */
export interface Subject {
  host: string;
  namespace: string;
  evidence: readonly Evidence[];
}

type Spec = Manifest["spec"];

/**
 * The ServiceEntry of a group with the ports chosen for it; throws nothing. It changes only when the traffic does
 * (provenance.ts), and holds no empty list, since the CRD refuses `endpoints: []` (istio/api customresourcedefinitions.gen.yaml).
 */
export function serviceEntry(group: Group, ports: readonly Port[], settings: SuggestSettings): Manifest {
  const { entry, namespace, evidence } = group;
  const rest = entry.address === null ? byName(group, ports, settings) : byAddress(entry.address, ports);
  return manifestFor({ host: entry.host, namespace, evidence }, settings, { ports: ports.map(port), ...rest });
}

/** What all our ServiceEntries have in common, around what one of them says of its ports and resolution. */
export function manifestFor(subject: Subject, settings: SuggestSettings, spec: Spec): Manifest {
  const { host, namespace, evidence } = subject;
  const exportTo = visibility(settings.exportTo ?? ["."], namespace);
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name: entryName(host), namespace, ...provenance(evidence, namespace, settings.now) },
    spec: {
      hosts: [host],
      ...spec,
      location: "MESH_EXTERNAL",
      ...(exportTo.length === 0 ? {} : { exportTo }),
    },
  };
}

/** Is the mesh's version 1.`minor` or later, as far as anybody said? */
export function isAtLeast(istio: string | undefined, minor: number): boolean {
  const [, major, own] = /^(\d+)\.(\d+)(?:\.|$)/.exec(istio ?? "") ?? [];
  return Number(major) > 1 || (Number(major) === 1 && Number(own) >= minor);
}

function port({ number, protocol }: Port): Spec {
  const name = `${(protocol ?? "auto").toLowerCase()}-${number}`;
  return protocol === null ? { number, name } : { number, name, protocol };
}

/**
 * DNS and not NONE: Envoy then looks the name up itself, so that a forged Host or SNI still ends at the host it names
 * (istio.io, egress control). Raw TCP carries no name, hence is told apart by the addresses dialled: plain ones, since CIDRs
 * go only with NONE and STATIC (validation.go); without them the port would be caught for every host
 * (sidecar_simulation_test.go), unless DNS capture gives the host an address of its own. An entry with addresses matches TLS
 * by them too (core/tls.go), so those dialled with TLS must be among them.
 */
function byName({ evidence }: Group, ports: readonly Port[], settings: SuggestSettings): Spec {
  const tcp = new Set(ports.filter((one) => one.protocol === "TCP" || one.protocol === "TLS").map((one) => one.number));
  if (settings.dnsCapture === true || !ports.some((one) => one.protocol === "TCP")) return { resolution: "DNS" };
  const dialled = evidence.filter((one) => tcp.has(one.port)).flatMap((one) => one.addresses);
  return { addresses: [...new Set(dialled)].sort(), resolution: "DNS" };
}

/**
 * Raw TCP to an address: NONE, which passes on what was dialled. HTTP to an address: STATIC with that one endpoint, since
 * with NONE the Host header alone would open any address on that port; the address in `addresses` becomes a domain of the
 * route, so that `Host: 203.0.113.7:8080` finds it (istio core/httproute.go generateVirtualHostDomains).
 */
function byAddress(address: string, ports: readonly Port[]): Spec {
  if (ports.some((one) => one.protocol !== "TCP")) {
    return { addresses: [address], resolution: "STATIC", endpoints: [{ address }] };
  }
  return { addresses: [`${address}/${address.includes(":") ? 128 : 32}`], resolution: "NONE" };
}

/** Istio refuses a namespace named twice, `.` standing for the entry's own, and `*` beside anything else (validation.go). */
function visibility(exportTo: readonly string[], namespace: string): string[] {
  if (exportTo.includes("*")) return ["*"];
  return [...new Set(exportTo.map((one) => (one === namespace ? "." : one)))];
}
