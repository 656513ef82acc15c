/** The manifests in force as Istio reads them: what a sidecar's routing is made of. Imports words alone. */
import type { Resolution } from "../api.ts";

/** Where an object was written. `document` counts from 0. */
export interface Place {
  file: string;
  document: number;
}

/**
 * What a port's protocol means to a sidecar (istio pkg/config/protocol/instance.go). `tls`: HTTPS and TLS, which behave alike.
 * `mongo` and `mysql` are TCP that shares its port with no other protocol. `auto`: not said, hence sniffed. `none`: UDP, no listener.
 */
export type PortClass = "http" | "tls" | "tcp" | "mongo" | "mysql" | "auto" | "none";

export interface EntryPort {
  number: number;
  name: string;
  /** As Istio writes it; null where none was given. */
  protocol: string | null;
  class: PortClass;
  /** The port of the endpoints, where that is another one. */
  targetPort: number | null;
}

export interface ServiceEntry {
  namespace: string;
  name: string;
  labels: Readonly<Record<string, string>>;
  /** Lower case; `*.suffix` and Istio's `*part` stay as they are, and so does a trailing dot, which no client writes. */
  hosts: readonly string[];
  /** Canonical addresses and CIDRs, the latter masked; a CIDR of one address is that address, as in Istio. */
  addresses: readonly string[];
  ports: readonly EntryPort[];
  resolution: Resolution;
  location: "MESH_EXTERNAL" | "MESH_INTERNAL";
  /** As written: addresses, names or `unix:` paths; "" where an endpoint has none. */
  endpoints: readonly string[];
  /** Has a workloadSelector: its endpoints are workloads that no manifest here lists. */
  selects: boolean;
  exportTo: readonly string[];
  /** `status.addresses`: what Istio gave the hosts of an entry without addresses. */
  vips: readonly { host: string; address: string }[];
  /** False with the label `networking.istio.io/enable-autoallocate-ip: "false"`. */
  autoAddress: boolean;
  /** `creationTimestamp`, ms; null where the manifest has none; Infinity for one that is not applied yet. */
  created: number | null;
  place: Place | null;
}

export type OutboundMode = "ALLOW_ANY" | "REGISTRY_ONLY" | "ALLOW_ANY_DYNAMIC_DNS";

/** One egress listener of a Sidecar. */
export interface EgressListener {
  /** `namespace/host` as written. */
  hosts: readonly string[];
  port: { number: number; protocol: string | null; class: PortClass } | null;
  /** Bound to an address of its own, or not to be captured: serves what dials it, not what dials the outside. */
  local: boolean;
}

export interface Sidecar {
  namespace: string;
  name: string;
  /** Null: every workload. */
  selector: Readonly<Record<string, string>> | null;
  /** Empty: all hosts of all namespaces. */
  egress: readonly EgressListener[];
  /** Null: the mesh's. */
  outboundMode: OutboundMode | null;
  /** Where unknown traffic goes instead of where it was dialled. */
  egressProxy: string | null;
  created: number | null;
  place: Place | null;
}

export interface Namespace {
  name: string;
  labels: Readonly<Record<string, string>>;
}

/** What could not be understood, hence is not used, and why. `what` is printable. */
export interface LeftOut {
  what: string;
  why: string;
  place: Place | null;
}

export interface InForce {
  entries: readonly ServiceEntry[];
  sidecars: readonly Sidecar[];
  namespaces: readonly Namespace[];
  leftOut: readonly LeftOut[];
}

/** The mesh's own settings. `istio`: its version, such as `1.30`; null where nobody said. */
export interface MeshSettings {
  outboundMode: OutboundMode;
  dnsCapture: boolean;
  rootNamespace: string;
  istio: string | null;
}
