/** Every code of `lint`, its level and who says so: the one table, which docs/lint.md explains. */

export type Level = "error" | "warning";
/** Who says so: YAML itself, the API server, istiod's webhook, `istioctl analyze`, Kiali, or nobody but us. */
export type By = "yaml" | "api-server" | "istiod" | "istioctl" | "kiali" | "egress-scout";

interface Row {
  level: Level;
  by: By;
  title: string;
}

const refused = (by: "yaml" | "api-server" | "istiod", title: string) => ({ level: "error", by, title }) as const;
const warned = (by: By, title: string) => ({ level: "warning", by, title }) as const;

export const codes = {
  ES0001: refused("yaml", "neither YAML nor JSON"),
  ES0002: refused("yaml", "a key twice in one mapping"),
  ES0003: refused("yaml", "an alias without an anchor, or very many"),

  ES0101: refused("api-server", "a kind or version that no API server knows"),
  ES0102: refused("api-server", "metadata.name"),
  ES0103: refused("api-server", "metadata.namespace"),
  ES0104: refused("api-server", "metadata.labels"),
  ES0105: refused("api-server", "metadata.annotations"),
  ES0106: refused("api-server", "an unknown field"),
  ES0107: refused("api-server", "a value of the wrong type"),
  ES0108: refused("api-server", "a required field is missing"),
  ES0109: refused("api-server", "too many, too long or too large"),
  ES0110: refused("api-server", "a value that is none of those allowed"),
  ES0111: refused("api-server", "no host, or the host *"),
  ES0112: refused("api-server", "a port number out of range"),
  ES0113: refused("api-server", "two ports of one name"),
  ES0114: refused("api-server", "two ports of one number"),
  ES0115: refused("api-server", "a CIDR where the resolution is neither NONE nor STATIC"),
  ES0116: refused("api-server", "workloadSelector and endpoints"),
  ES0117: refused("api-server", "resolution NONE and endpoints, be they none"),
  ES0118: refused("api-server", "resolution DNS_ROUND_ROBIN and several endpoints"),
  ES0119: refused("api-server", "an endpoint with neither address nor network"),
  ES0120: refused("api-server", "an endpoint's Unix socket"),
  ES0121: refused("api-server", "the name of an endpoint's port"),
  ES0122: refused("api-server", "a wildcard in workloadSelector"),

  ES0201: refused("istiod", "a key of workloadSelector"),
  ES0202: refused("istiod", "a host that is no domain name"),
  ES0203: refused("istiod", "an address that is neither IP nor CIDR"),
  ES0204: refused("istiod", "the name of a port"),
  ES0205: refused("istiod", "an unknown protocol"),
  ES0206: refused("istiod", "STATIC: an endpoint's address"),
  ES0207: refused("istiod", "DNS: an endpoint's address"),
  ES0208: refused("istiod", "an endpoint's port that the entry does not have"),
  ES0209: refused("istiod", "a Unix endpoint and more or fewer ports than one"),
  ES0210: refused("istiod", "an endpoint's labels"),
  ES0211: refused("istiod", "DNS: a host that cannot be resolved"),
  ES0212: refused("istiod", "DYNAMIC_DNS: a host without a wildcard"),
  ES0213: refused("istiod", "DYNAMIC_DNS: addresses or endpoints"),
  ES0214: refused("istiod", "DYNAMIC_DNS: a protocol other than HTTP, HTTP2, GRPC and TLS"),
  ES0215: refused("istiod", "DYNAMIC_DNS: inside the mesh with a waypoint"),
  ES0216: refused("istiod", "several hosts on a port that cannot tell them apart"),
  ES0217: refused("istiod", "exportTo: one twice"),
  ES0218: refused("istiod", "exportTo: * or ~ beside others"),
  ES0219: refused("istiod", "exportTo: no namespace"),

  ES0301: warned("istiod", "workloadSelector without labels"),
  ES0302: warned("istiod", "a partial wildcard"),
  ES0303: warned("istiod", "workloadSelector and resolution NONE"),
  ES0304: warned("istiod", "STATIC: an endpoint with a network and no address"),
  ES0305: warned("istiod", "DNS: several hosts share addresses on a TCP port"),

  IST0134: warned("istioctl", "a TCP port without addresses"),
  IST0177: warned("istioctl", "two entries give one host and port two protocols"),
  KIA1211: warned("kiali", "one host and port twice"),
  KIA1212: warned("kiali", "one host and port twice, with different protocols"),

  ES0401: warned("egress-scout", "STATIC without endpoints"),
  ES0402: warned("egress-scout", "a database port without addresses"),
  ES0403: warned("egress-scout", "two TCP entries on one port"),
  ES0404: warned("egress-scout", "a host with a trailing dot"),
  ES0405: warned("egress-scout", "exportTo left out"),
  ES0406: warned("egress-scout", "resolution NONE believes the client's name"),
  ES0407: warned("egress-scout", "resolution left out"),
  ES0408: warned("egress-scout", "a UDP port"),
  ES0409: warned("egress-scout", "no ports"),
  ES0410: warned("egress-scout", "two manifests of one name"),
} as const satisfies Record<string, Row>;

export type Code = keyof typeof codes;
