/** What the API server itself refuses: types, lengths, unknown fields (strict, as kubectl asks for), names. istio.md §4.2. */
import { error, type Fields, fields, list, type Problem } from "./view.ts";

const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** In a name each part is as long as it likes, up to 253 together. */
const nameLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const labelValue = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const labelKey = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

type Check = (value: unknown) => boolean;
const string: Check = (value) => typeof value === "string";
const upTo =
  (most: number): Check =>
  (value) =>
    typeof value === "string" && value.length <= most;
const integer: Check = (value) => typeof value === "number" && Number.isInteger(value) && value >= 0;
const strings: Check = (value) => Array.isArray(value) && value.every(string);
const oneOf =
  (...allowed: string[]): Check =>
  (value) =>
    typeof value === "string" && allowed.includes(value);
const map: Check = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const array: Check = Array.isArray;

const spec: Record<string, Check> = {
  hosts: strings,
  addresses: strings,
  ports: array,
  location: oneOf("MESH_EXTERNAL", "MESH_INTERNAL"),
  resolution: oneOf("NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS"),
  endpoints: array,
  workloadSelector: map,
  exportTo: strings,
  subjectAltNames: strings,
};
const port: Record<string, Check> = { name: upTo(256), number: integer, protocol: upTo(256), targetPort: integer };
const endpoint: Record<string, Check> = {
  ...{ address: upTo(256), network: upTo(2048), locality: upTo(2048), serviceAccount: upTo(253) },
  ...{ ports: map, labels: map, weight: integer },
};

export function schemaRules(manifest: unknown): Problem[] {
  const { apiVersion, kind, metadata, spec: written, ...rest } = fields(manifest);
  const out = Object.keys(rest).map((key) => error("crd/unknown", `unknown field ${key}`));
  const versions = ["v1", "v1beta1", "v1alpha3"].map((version) => `networking.istio.io/${version}`);
  if (!versions.includes(String(apiVersion)) || kind !== "ServiceEntry")
    out.push(error("kube/kind", `${apiVersion} ${kind}`));
  if (!map(written)) out.push(error("crd/spec", "no spec"));
  out.push(...metadataRules(fields(metadata)), ...shape(spec, fields(written), "spec"));
  for (const one of list(fields(written).ports)) if (one !== null) out.push(...shape(port, fields(one), "ports"));
  for (const one of list(fields(written).endpoints))
    if (one !== null) out.push(...shape(endpoint, fields(one), "endpoints"));
  return out;
}

function shape(known: Record<string, Check>, written: Fields, path: string): Problem[] {
  return Object.entries(written).flatMap(([key, value]) => {
    const check = Object.hasOwn(known, key) ? known[key] : undefined;
    if (check === undefined) return [error("crd/unknown", `unknown field ${path}.${key}`)];
    return check(value) ? [] : [error("crd/type", `${path}.${key}: ${JSON.stringify(value)}`)];
  });
}

function metadataRules(metadata: Fields): Problem[] {
  const { name, namespace, labels } = metadata;
  const out: Problem[] = [];
  const subdomain =
    typeof name === "string" && name.length <= 253 && name.split(".").every((part) => nameLabel.test(part));
  if (!subdomain) out.push(error("kube/name", `metadata.name ${JSON.stringify(name)}`));
  if (typeof namespace !== "string" || !label.test(namespace))
    out.push(error("kube/namespace", `metadata.namespace ${JSON.stringify(namespace)}`));
  for (const [key, value] of Object.entries(fields(labels))) {
    if (!labelKey.test(key) || typeof value !== "string" || !labelValue.test(value)) {
      out.push(error("kube/label", `metadata.labels ${key}=${JSON.stringify(value)}`));
    }
  }
  return out;
}
