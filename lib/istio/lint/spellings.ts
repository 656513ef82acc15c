/** Names and addresses as Istio spells them (istio pkg/config/validation/agent, pkg/config/labels; Go's net/netip). Pure. */

const label = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/;
const wildcardLabel = /^(?:\*|(?:\*|\*-)?[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?)$/;

/** A DNS-1123 label in Istio's sense, which lets capitals pass. */
export const isLabel = (text: string): boolean => text.length <= 63 && label.test(text);

/** Go's strconv.Atoi reads it: what is too large for it is no number to Istio. */
const isNumber = (text: string): boolean => /^\d+$/.test(text) && BigInt(text) <= 0x7fffffffffffffffn;

/** Why a host is refused; null where it is not. A single label is a host, be it all digits. */
export function hostFault(host: string): string | null {
  const fault = lengthFault(host);
  if (fault !== null) return fault;
  const dot = host.indexOf(".");
  const first = dot === -1 ? host : host.slice(0, dot);
  if (first.length > 63 || !wildcardLabel.test(first)) return labelFault(first);
  return dot === -1 ? null : labelsFault(host.slice(dot + 1));
}

/** Why a text is no fully qualified name; null where it is one. No wildcard passes. */
export const fqdnFault = (text: string): string | null => lengthFault(text) ?? labelsFault(text);

const lengthFault = (text: string): string | null =>
  text === "" ? "it is empty" : text.length > 255 ? "it is longer than 255 characters" : null;

/** The last label may be empty: that is a trailing dot. */
function labelsFault(text: string): string | null {
  const labels = text.split(".");
  const last = labels.at(-1) ?? "";
  if (isNumber(last)) return "its last label is a number, as in an IP address";
  const bad = (last === "" ? labels.slice(0, -1) : labels).find((one) => !isLabel(one));
  return bad === undefined ? null : labelFault(bad);
}

function labelFault(bad: string): string {
  if (bad === "") return "a label is empty";
  if (bad.length > 63) return "a label is longer than 63 characters";
  if (bad.includes("*")) return "a wildcard stands where none may: only the first label may be or begin with *";
  return bad.startsWith("-") || bad.endsWith("-")
    ? "a label begins or ends with a hyphen"
    : "a label holds other than letters, digits and hyphens";
}

const isIpv4 = (text: string): boolean => {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((one) => /^(?:0|[1-9]\d{0,2})$/.test(one) && Number(one) <= 255);
};

function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
  const all = groups.flat();
  const last = all.at(-1) ?? "";
  const isMixed = last.includes(".") && (groups.at(-1)?.length ?? 0) > 0;
  if (isMixed && !isIpv4(last)) return false;
  const count = all.length + (isMixed ? 1 : 0);
  const plain = isMixed ? all.slice(0, -1) : all;
  return plain.every((one) => /^[0-9a-fA-F]{1,4}$/.test(one)) && (halves.length === 2 ? count <= 7 : count === 8);
}

/** As netip.ParseAddr: an IPv6 address may carry a zone. */
export function isAddress(text: string): boolean {
  const percent = text.indexOf("%");
  if (percent === -1) return isIpv4(text) || isIpv6(text);
  return percent < text.length - 1 && isIpv6(text.slice(0, percent));
}

/** As netip.ParsePrefix: no zone, no leading zero in the length. */
export function isCidr(text: string): boolean {
  const slash = text.lastIndexOf("/");
  const [address, bits] = [text.slice(0, slash), text.slice(slash + 1)];
  if (slash === -1 || !/^(?:0|[1-9]\d*)$/.test(bits)) return false;
  return (isIpv4(address) && Number(bits) <= 32) || (isIpv6(address) && Number(bits) <= 128);
}

const classes = new Map<string, ProtocolClass>([
  ["", "sniffed"],
  ...["http", "http2", "http_proxy", "grpc", "grpc-web"].map((one) => [one, "http"] as const),
  ...["https", "tls"].map((one) => [one, "tls"] as const),
  ...["mongo", "redis", "mysql"].map((one) => [one, "database"] as const),
  ["tcp", "tcp"],
  ["udp", "udp"],
]);

/** How a sidecar treats a port: `sniffed` where the protocol is left out. */
export type ProtocolClass = "http" | "tls" | "tcp" | "database" | "udp" | "sniffed" | "unknown";

/** istio pkg/config/protocol/instance.go, whose IsTCP is `tcp`, `database` and `tls` together. */
export const protocolClass = (protocol: string): ProtocolClass => classes.get(protocol.toLowerCase()) ?? "unknown";
