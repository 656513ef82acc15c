/** Takes fields out of an object of unknown shape; never throws, and says what it could not take. */
import ipaddr from "ipaddr.js";
import { parseAddress } from "../../words/address.ts";
import { printable } from "../../words/printable.ts";
import { type Fields, isFields } from "../fields.ts";
import type { Place, PortClass } from "./words.ts";

/** Says that part of an object is not used, and why. */
export type Complain = (why: string) => void;

/** The head of a Kubernetes object. */
export interface Head {
  name: string;
  namespace: string;
  labels: Record<string, string>;
  created: number | null;
  place: Place | null;
}

/** The object at a key; an empty one where there is none. */
export function fieldsAt(from: Fields, key: string): Fields {
  const value = from[key];
  return isFields(value) ? value : {};
}

/** The list at a key; a value that is no list is complained of and taken for an empty one. */
export function listAt(from: Fields, key: string, complain: Complain): readonly unknown[] {
  const value = from[key];
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  complain(`${key} is no list`);
  return [];
}

export const textAt = (from: Fields, key: string): string | null => {
  const value = from[key];
  return typeof value === "string" ? value : null;
};

/** The texts of a list; what is no text is complained of. */
export function textsAt(from: Fields, key: string, complain: Complain): string[] {
  return listAt(from, key, complain).flatMap((one) => {
    if (typeof one === "string") return [one];
    complain(`${key} holds something that is no text`);
    return [];
  });
}

/** Labels: those whose value is a text. */
export const labelsAt = (from: Fields, key: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fieldsAt(from, key)).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  );

/** A time as Kubernetes writes it, ms; null where there is none that is one. */
export function timeAt(from: Fields, key: string): number | null {
  const value = from[key];
  const time = value instanceof Date ? value.getTime() : typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isFinite(time) ? time : null;
}

/** A port of 1 to 65535, else null. */
export function portAt(from: Fields, key: string): number | null {
  const value = from[key];
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= 65535 ? value : null;
}

/** A name as Kubernetes has them, or what was written, made printable: people read it. */
export const named = (name: string): string => (/^[a-z0-9.-]{1,253}$/.test(name) ? name : printable(name).slice(1, -1));

const protocols: Readonly<Record<string, readonly [name: string, of: PortClass]>> = {
  http: ["HTTP", "http"],
  http2: ["HTTP2", "http"],
  http_proxy: ["HTTP_PROXY", "http"],
  grpc: ["GRPC", "http"],
  "grpc-web": ["GRPC-Web", "http"],
  https: ["HTTPS", "tls"],
  tls: ["TLS", "tls"],
  tcp: ["TCP", "tcp"],
  redis: ["Redis", "tcp"],
  mongo: ["Mongo", "mongo"],
  mysql: ["MySQL", "mysql"],
  udp: ["UDP", "none"],
};

/** A port's protocol, in any case; what Istio does not know is sniffed like none at all (protocol.Parse). */
export function protocolOf(text: string | null): { protocol: string | null; class: PortClass } {
  const lower = text?.toLowerCase() ?? "";
  const known = Object.hasOwn(protocols, lower) ? protocols[lower] : undefined;
  return known === undefined ? { protocol: null, class: "auto" } : { protocol: known[0], class: known[1] };
}

/** An address, or a CIDR with its host bits cleared; a CIDR of one address is that address (istio conversion.go). Null for all else. */
export function addressOrRange(text: string): string | null {
  const [base = "", bits, ...rest] = text.split("/");
  const address = parseAddress(base);
  if (address === null || rest.length > 0 || bits === undefined) return bits === undefined ? address : null;
  const parsed = ipaddr.parse(address);
  const length = /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  const all = parsed.kind() === "ipv4" ? 32 : 128;
  if (!(length <= all)) return null;
  return length === all ? address : `${maskedAddress(address, length)}/${length}`;
}

/** A canonical address with all but its first bits cleared, spelt canonically. */
export function maskedAddress(address: string, length: number): string {
  const bytes = ipaddr.parse(address).toByteArray();
  const cleared = bytes.map((byte, place) => byte & (0xff00 >> Math.min(8, Math.max(0, length - place * 8))) & 0xff);
  const masked = ipaddr.fromByteArray(cleared);
  return masked instanceof ipaddr.IPv6 ? masked.toRFC5952String() : masked.toString();
}
