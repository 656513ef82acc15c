/** Manifests for the tests of `lint`, and what is said of them. */
import { lint, type Problem } from "../../../lib/istio/lint/index.ts";

export type Fields = Record<string, unknown>;

export const http = { number: 80, name: "http", protocol: "HTTP" };
export const tls = { number: 443, name: "tls", protocol: "TLS" };
export const tcp = { number: 5432, name: "tcp", protocol: "TCP" };

/** An entry of which nobody has a word to say, with `spec` laid over it; undefined takes a key away. */
export function entry(spec: Fields = {}, metadata: Fields = {}, over: Fields = {}): Fields {
  const sound = {
    ...{ hosts: ["api.example.com"], ports: [tls], location: "MESH_EXTERNAL", resolution: "DNS", exportTo: ["."] },
    ...spec,
  };
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name: "api", namespace: "payments", ...metadata },
    spec: Object.fromEntries(Object.entries(sound).filter(([, value]) => value !== undefined)),
    ...over,
  };
}

/** TCP at an address, with resolution NONE. */
export const bare = (spec: Fields = {}): Fields =>
  entry({ hosts: ["db.example.com"], addresses: ["203.0.113.7"], ports: [tcp], resolution: "NONE", ...spec });
/** TCP at endpoints, with resolution STATIC. */
export const pinned = (endpoints: unknown, spec: Fields = {}): Fields =>
  bare({ resolution: "STATIC", endpoints, ...spec });
/** A wildcard with DYNAMIC_DNS. */
export const wild = (spec: Fields = {}, metadata: Fields = {}): Fields =>
  entry({ hosts: ["*.example.com"], resolution: "DYNAMIC_DNS", ...spec }, metadata);

/** What `lint` says of manifests, one in each document of a file `f.yaml`. */
export const linted = (...manifests: unknown[]): Problem[] =>
  lint(manifests.map((value, index) => ({ file: "f.yaml", index, value, fault: null })));

/** `CODE path` of each problem; with several manifests `CODE document path`. */
export const codes = (...manifests: unknown[]): string[] =>
  linted(...manifests).map(({ code, document, path }) =>
    manifests.length === 1 ? `${code} ${path}` : `${code} ${document} ${path}`,
  );
