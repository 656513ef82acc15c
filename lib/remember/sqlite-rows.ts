/** Rows of the state file ↔ our words. Pure; a file is outside data, so it is checked when read. */
import * as z from "zod";
import {
  type Answer,
  type Failure,
  type Finding,
  type Letter,
  type Message,
  type Name,
  type Sighting,
  type Source,
  severities,
  type Telling,
} from "../model.ts";

export const progressShape = z.object({
  ended: z.number(),
  learning_since: z.number().nullable(),
  judged_until: z.number().nullable(),
});

/** A finding was written by ourselves as one piece of JSON; only that it is one is checked. */
export const openFindingShape = z.object({ finding: z.string().transform((text): Finding => JSON.parse(text)) });

export const habitShape = z.object({ key: z.string(), state: z.instanceof(Uint8Array) });

export const sightingShape = z.object({
  key: z.string(),
  source_cluster: z.string(),
  namespace: z.string(),
  workload: z.string(),
  verdict: z.enum(["allowed", "blocked"]),
  protocol: z.enum(["http", "grpc", "tls", "tcp"]),
  host: z.string().nullable(),
  address: z.string().nullable(),
  port: z.number().nullable(),
  sni: z.string().nullable(),
  claim: z.string().nullable(),
  first_seen: z.number(),
  last_seen: z.number(),
  count: z.number(),
  total: z.number(),
  name: z.string().nullable(),
  named_at: z.number().nullable(),
});
type Row = z.infer<typeof sightingShape>;

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

type SourceOf = (cluster: string, namespace: string, workload: string) => Source;

/** Gives one object for equal sources: many sightings share a workload, and each row brings texts of its own. */
export function sources(): SourceOf {
  const known = new Map<string, Map<string, Map<string, Source>>>();
  return (cluster, namespace, workload) => {
    const namespaces = known.get(cluster) ?? new Map<string, Map<string, Source>>();
    const workloads = namespaces.get(namespace) ?? new Map<string, Source>();
    const same = workloads.get(workload);
    if (same !== undefined) return same;
    const source = { cluster, namespace, workload };
    known.set(cluster, namespaces.set(namespace, workloads.set(workload, source)));
    return source;
  };
}

export function fromRow(row: Row, sourceOf: SourceOf): Sighting {
  const {
    key,
    source_cluster,
    namespace,
    workload,
    first_seen,
    last_seen,
    count,
    total,
    name,
    named_at,
    ...destination
  } = row;
  return {
    key,
    source: sourceOf(source_cluster, namespace, workload),
    destination,
    firstSeen: first_seen,
    lastSeen: last_seen,
    count,
    total,
    ...named(name, named_at),
  };
}

/** A damaged name is one that nobody has looked for yet. */
function named(text: string | null, at: number | null): Pick<Sighting, "name" | "namedAt"> {
  if (text === null) return { name: null, namedAt: at };
  const read = nameShape.safeParse(fromJson(text));
  return read.success ? { name: read.data satisfies Name, namedAt: at } : { name: null, namedAt: null };
}

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
