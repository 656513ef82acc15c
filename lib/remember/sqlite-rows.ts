/** Rows of the state file ↔ our words. Pure; a file is outside data, so it is checked when read. */
import * as z from "zod";
import { ScoutError } from "../errors.ts";
import {
  type Answer,
  type Failure,
  type Finding,
  type Letter,
  type Message,
  type Name,
  type Passage,
  type Protocol,
  type Sighting,
  severities,
  type Telling,
} from "../model.ts";
import { printable } from "../words/printable.ts";
import type { sources } from "../words/sources.ts";

export const progressShape = z.object({
  ended: z.number(),
  learning_since: z.number().nullable(),
  judged_until: z.number().nullable(),
});

/** A finding was written by ourselves as one piece of JSON; only that it is one is checked. */
export const openFindingShape = z.object({ finding: z.string().transform((text): Finding => JSON.parse(text)) });

export const habitShape = z.object({ key: z.string(), state: z.instanceof(Uint8Array) });

export const sightingColumns = [
  ...(["key", "source_cluster", "namespace", "workload"] as const),
  ...(["verdict", "protocol", "host", "address", "port", "sni", "claim"] as const),
  ...(["first_seen", "last_seen", "count", "total", "name", "named_at"] as const),
];
type Row = Record<(typeof sightingColumns)[number], string | number | null>;

const nameShape = z.object({
  name: z.string(),
  from: z.enum(["host", "sni", "service-entry", "forward", "ptr", "range", "asn"]),
  trust: z.enum(["confirmed", "claimed", "generic", "contradicted", "refused"]),
  why: z.string(),
});

const answerShape = z.object({
  question: z.string().regex(/^(ptr|4|6) \S+$/),
  values: z.array(z.string()).max(64),
  at: z.number(),
  until: z.number(),
  seen: z.array(z.tuple([z.string(), z.number()])).max(64),
});
const answerRowShape = z.object({
  question: z.string(),
  found: z.string(),
  at: z.number(),
  until: z.number(),
  seen: z.string(),
});
type AnswerRow = z.infer<typeof answerRowShape>;

const time = z.number();
const telling = z.object({
  told: z.int().min(1),
  repeats: z.int().min(0),
  at: time,
  severity: z.enum(severities),
  count: z.number(),
  pace: z.number(),
  destinations: z.number().nullable(),
});
const failure = z.object({
  since: time,
  attempts: z.int().min(0),
  next: time,
  code: z.string(),
  text: z.string(),
  reported: z.boolean(),
});
export const tellingRowShape = z.object({ id: z.string(), telling: z.string() });
export const outageRowShape = z.object({ channel: z.string(), failure: z.string() });

/** Null for one that is damaged. */
export const readTelling = (text: string): Telling | null => telling.safeParse(fromJson(text)).data ?? null;
export const readFailure = (text: string): Failure | null => failure.safeParse(fromJson(text)).data ?? null;

/** The message was written by ourselves as one piece of JSON; only that it is one is checked. */
const letterShape = z.object({
  id: z.string(),
  channel: z.string(),
  message: z.string().transform((text): Message => JSON.parse(text)),
  failure: z.string().nullable(),
});

/** A letter whose failure is damaged is one that was not tried yet. */
export function fromLetterRow(row: unknown): Letter {
  const { failure: text, ...letter } = letterShape.parse(row);
  const failed = text === null ? null : readFailure(text);
  return failed === null ? letter : { ...letter, failure: failed };
}

export const receiptShape = z.object({ key: z.string(), receipt: z.string() });

/**
 * A sighting out of its row. There are as many as destinations, and all are read in every run: looked at by hand, which takes a tenth of what
 * a schema of zod's does.
 * @param row the values of `sightingColumns`
 * @param sourceOf one object for one source
 * @throws ScoutError `store/corrupt`
 */
export function readSighting(row: readonly unknown[], sourceOf: ReturnType<typeof sources>): Sighting {
  // By index: to take them out of the row by a pattern takes as long as all the rest.
  const key = row[0];
  const cluster = row[1];
  const namespace = row[2];
  const workload = row[3];
  const verdict = row[4];
  const protocol = row[5];
  const host = row[6];
  const address = row[7];
  const port = row[8];
  const sni = row[9];
  const claim = row[10];
  const firstSeen = row[11];
  const lastSeen = row[12];
  const count = row[13];
  const total = row[14];
  const name = row[15];
  const namedAt = row[16];
  if (
    !(isText(key) && isText(cluster) && isText(namespace) && isText(workload)) ||
    !(isPassage(verdict) && isProtocol(protocol)) ||
    !(isTextOrNull(host) && isTextOrNull(address) && isTextOrNull(sni) && isTextOrNull(claim)) ||
    !(isNumber(firstSeen) && isNumber(lastSeen) && isNumber(count) && isNumber(total)) ||
    !(isNumberOrNull(port) && isTextOrNull(name) && isNumberOrNull(namedAt))
  )
    throw damagedSighting(key);
  const own = name === null ? null : readName(name);
  // A damaged name is one that nobody has looked for yet.
  const isDamaged = name !== null && own === null;
  return {
    key,
    source: sourceOf({ cluster, namespace, workload }),
    destination: { verdict, protocol, host, address, port, sni: sni === host ? host : sni, claim },
    firstSeen,
    lastSeen,
    count,
    total,
    name: own,
    namedAt: isDamaged ? null : namedAt,
  };
}

const isText = (value: unknown) => typeof value === "string";
const isNumber = (value: unknown) => typeof value === "number";
const isTextOrNull = (value: unknown) => value === null || typeof value === "string";
const isNumberOrNull = (value: unknown) => value === null || typeof value === "number";
const isPassage = (value: unknown): value is Passage => value === "allowed" || value === "blocked";
const isProtocol = (value: unknown): value is Protocol =>
  value === "http" || value === "grpc" || value === "tls" || value === "tcp";

function damagedSighting(key: unknown): ScoutError {
  return new ScoutError("store/corrupt", `the sighting ${printable(String(key))} of the state file is none`, {
    mend: "move the state file away (a new one is learned from Prometheus' history), or restore a copy",
  });
}

/** Null for one that is damaged. */
const readName = (text: string): Name | null => nameShape.safeParse(fromJson(text)).data ?? null;

/** Null for an answer that is damaged. */
export function fromAnswerRow(row: unknown): Answer | null {
  const { found, seen, ...rest } = answerRowShape.parse(row);
  const read = answerShape.safeParse({ ...rest, values: fromJson(found), seen: fromJson(seen) });
  return read.success ? read.data : null;
}

export const toAnswerRow = ({ question, values, at, until, seen }: Answer): AnswerRow => ({
  question,
  found: JSON.stringify(values),
  at,
  until,
  seen: JSON.stringify(seen),
});

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function toRow(sighting: Sighting): Row {
  const { key, source, destination, firstSeen, lastSeen, count, total, name, namedAt } = sighting;
  const { verdict, protocol, host, address, port, sni, claim } = destination;
  return {
    key,
    source_cluster: source.cluster,
    namespace: source.namespace,
    workload: source.workload,
    verdict,
    protocol,
    host,
    address,
    port,
    sni,
    claim,
    first_seen: firstSeen,
    last_seen: lastSeen,
    count,
    total,
    name: name === null ? null : JSON.stringify(name),
    named_at: namedAt,
  };
}
