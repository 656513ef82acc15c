/** The spellings that Istio's validation allows: hosts, addresses, protocols. Written from istio.md §4.1, not from lib/. */
import { isIP } from "node:net";

const label = /^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$/;
const firstLabel = /^(\*|(\*|\*-)?[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?)$/;

/** Why a host is refused (rule 6); null where it is not. */
export function hostFault(host: string): string | null {
  if (host === "") return "empty";
  if (host.length > 255) return "longer than 255 characters";
  const labels = (host.endsWith(".") ? host.slice(0, -1) : host).split(".");
  const [first, ...rest] = labels;
  if (first === undefined || !firstLabel.test(first) || first.length > 63) return `label ${first}`;
  const bad = rest.find((one) => !label.test(one) || one.length > 63);
  if (bad !== undefined) return `label ${bad}`;
  return /^\d+$/.test(labels.at(-1) ?? "") ? "the last label is a number" : null;
}

/** A host without a wildcard. */
export const fqdn = (host: string): boolean => !host.includes("*") && hostFault(host) === null;

export const ip = (text: string): boolean => isIP(text) !== 0 && !text.includes("%");

export function cidr(text: string): boolean {
  const [address = "", bits = "", ...more] = text.split("/");
  const most = isIP(address) === 4 ? 32 : 128;
  return more.length === 0 && ip(address) && /^(0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= most;
}

const http = ["http", "http2", "http_proxy", "grpc", "grpc-web"];
const tls = ["https", "tls"];
const tcp = ["tcp", "mongo", "redis", "mysql", ...tls];

export const isHttp = (protocol: string): boolean => http.includes(protocol.toLowerCase());
export const isTls = (protocol: string): boolean => tls.includes(protocol.toLowerCase());
/** In Istio's sense: HTTPS and TLS are, the empty protocol is not. */
export const isTcp = (protocol: string): boolean => tcp.includes(protocol.toLowerCase());
export const isKnown = (protocol: string): boolean =>
  protocol === "" || protocol.toLowerCase() === "udp" || isHttp(protocol) || isTcp(protocol);
