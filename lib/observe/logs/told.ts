import type { Labels, Passage } from "../../model.ts";
import type { Gateways } from "./gateways.ts";

/** What a line says of its caller, by whatever key the format has it; null for nothing. */
export interface Hints {
  namespace: string | null;
  workload: string | null;
  pod: string | null;
  principal: string | null;
  app: string | null;
}

/** A line of an access log that is about a call to the outside, renamed and no more: all texts are as the workload wrote them. */
export interface Told {
  /** When the call began and when it was logged, ms; null where the line does not say. */
  began: number | null;
  at: number | null;
  event: "open" | "close";
  verdict: Passage;
  /** Under ALLOW_ANY_DYNAMIC_DNS, where in-mesh calls may look the same. */
  dynamic: boolean;
  /** Null for connections whose requests nobody looked at. */
  http: "http" | "grpc" | null;
  authority: string | null;
  /** `ip:port` of the far end. */
  dialled: string | null;
  /** Where the address is unknown, the port by other means. */
  port: string | null;
  sni: string | null;
  hints: Hints;
}

/** A line as an access log's format sees it: about a call to the outside, about something else, or damaged. */
export type Reading = Told | "other" | "broken";

/** One format of access logs. */
export interface Format {
  name: string;
  /** Can the line be of this format? Cheap: asked of every line. */
  looksLike(text: string): boolean;
  /** What it says. `isGateway`: an egress gateway wrote it, and every line with an SNI is about the outside; `gateways` knows those that a line names itself. */
  read(text: string, isGateway: boolean, gateways: Gateways): Reading;
  /** Who wrote it, where the format alone tells. */
  proxy: "ztunnel" | "envoy";
}

/** Where logs say "nothing": absent, null, empty, a hyphen, `unknown`. Numbers are texts to a log. */
export function told(value: unknown): string | null {
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : null;
  if (typeof value !== "string") return null;
  return value === "" || value === "-" || value === "unknown" ? null : value;
}

/** Milliseconds since the epoch of an RFC 3339 time, or null. */
export function toldTime(text: string | null): number | null {
  if (text === null || !/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?$/.test(text)) return null;
  const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`;
  const time = Date.parse(zoned);
  return Number.isNaN(time) ? null : time;
}

/** A line with what its wrapper told: the log text itself, its time, and the labels of its stream. */
export interface Unwrapped {
  text: string;
  time: number | null;
  labels: Labels;
}
