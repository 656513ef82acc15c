/**
 * The words of egress-scout as types. Imports nothing; every stage speaks these and nobody else's.
 * Times are milliseconds since the Unix epoch, UTC, unless a field says otherwise.
 */

/** Labels as Prometheus has them; only lib/poll and lib/observe read their spelling. */
export type Labels = Readonly<Record<string, string>>;

/** What Prometheus returned for one label set: the labels asked for, and a number. */
export interface Series {
  labels: Labels;
  value: number;
}

/** One series' stored samples, in order of time. */
export interface Samples {
  labels: Labels;
  values: readonly (readonly [time: number, value: number])[];
}

/**
 * Which of Istio's counters. `dynamic`: requests under ALLOW_ANY_DYNAMIC_DNS, which Istio counts under neither catch-all.
 * `atGateway` and `toGateway`: connections opened by the egress gateway, and to it, that carry an SNI; neither is a catch-all's.
 */
export type Counter = "requests" | "dynamic" | "opened" | "closed" | "atGateway" | "toGateway";

/** What one counter's query returned. */
export interface Counted<T> {
  counter: Counter;
  series: readonly T[];
}

/** Labels by the names this set-up gives them; the first one present wins. */
export interface LabelNames {
  address: readonly string[];
  port: readonly string[];
  sni: readonly string[];
}

/** The calling workload. `cluster` is the name of the config, or `source_cluster` where one Prometheus holds several. */
export interface Source {
  cluster: string;
  namespace: string;
  workload: string;
}

export type Protocol = "http" | "grpc" | "tls" | "tcp";

/** `allowed`: let through (PassthroughCluster, dynamic DNS). `blocked`: BlackHoleCluster. */
export type Passage = "allowed" | "blocked";

/** Where to. `host` is canonical (lower case, no port, no trailing dot) and null where nobody named one that is a host name. */
export interface Destination {
  verdict: Passage;
  protocol: Protocol;
  host: string | null;
  /** Canonical IP address; behind a host it is one of those seen, and no part of the identity. */
  address: string | null;
  port: number | null;
  sni: string | null;
  /** What the workload wrote as Host or SNI where that is no host name: untrusted, made printable. Else null. */
  claim: string | null;
}

/** A line of a log as its keeper gave it. */
export interface LogLine {
  text: string;
  /** When it was written, by whoever keeps it, ms; null where nobody says. */
  time: number | null;
  /** What is known of its stream, by its keeper's names: pod, namespace, container. */
  labels: Labels;
  /** Longer than any line may be: `text` is how it begins. */
  cut?: true;
}

/** What a proxy is, as far as its log tells. */
export type ProxyKind = "sidecar" | "gateway" | "ztunnel";

/** A call that left the mesh, as a proxy's access log tells it. The fields are those of Mixer's log entry of old, and more. */
export interface LoggedConnection {
  /** When it was logged, ms; null where nothing tells. */
  at: number | null;
  /** `open` where it was logged when it began, as ztunnel does at level debug. */
  event: "open" | "close";
  proxy: ProxyKind;
  /** Of an egress gateway's line: the calling workload where the line tells, else its service account, else the gateway. */
  source: Source;
  /** The gateway, where the source is somebody behind it. */
  via: Source | null;
  /** Namespace and workload are known. */
  sourced: boolean;
  /** SPIFFE ID of the caller. */
  principal: string | null;
  destination: Destination;
  /** The destination's app, where the format tells. */
  app: string | null;
}

/** One source to one destination in one window, counted. */
export interface Observation {
  /** Identity of source and destination; the key of its sighting. */
  key: string;
  source: Source;
  destination: Destination;
  /** Every address seen behind the destination in the window, sorted, at most 16. */
  addresses: string[];
  /** Sum of the counters alive in the window: only ever compared with an earlier total. */
  total: number;
  /** Requests or connections in the window; null until counted (known destinations are not). */
  count: number | null;
  firstSeen: number;
  lastSeen: number;
  /** When it was seen last before a long quiet time, ms; null where it was never seen, or never quiet for long. */
  quietSince: number | null;
}

/** What we remember of a source and destination. */
export interface Sighting {
  key: string;
  source: Source;
  destination: Destination;
  firstSeen: number;
  /** Good to a day: a known destination is written again only when this is a day old. */
  lastSeen: number;
  /** Calls counted so far; a lower bound, since pods may come and go between two writes. */
  count: number;
  total: number;
  /** The best name known of it, and when it was looked for, ms; null where nobody has yet. */
  name: Name | null;
  namedAt: number | null;
}

/** What the DNS said, kept for as long as it holds. */
export interface Answer {
  /** `ptr 203.0.113.7`, `4 api.example.com` or `6 api.example.com`: an address's names, a name's IPv4 or IPv6 addresses. */
  question: string;
  /** Canonical; empty where there is none. */
  values: string[];
  /** When it was asked, and until when it holds, ms. */
  at: number;
  until: number;
  /** Of a name: every address it answered with in the last week, and when it did last, ms; at most 64. */
  seen: (readonly [address: string, at: number])[];
}

/** A ServiceEntry that is in force: what it says of hosts and addresses. */
export interface EntryInForce {
  namespace: string;
  name: string;
  /** Canonical; some may be `*.suffix`. */
  hosts: string[];
  /** Addresses and CIDRs that Istio matches, its own automatic ones included. */
  addresses: string[];
  /** Where its endpoints are, as far as those are addresses. */
  endpoints: string[];
}

/** A Kubernetes object in force, and where it was read; `document` counts from 0. */
export interface ExistingObject {
  object: unknown;
  file: string;
  document: number;
}

/** A ServiceEntry in force, and where it is written. */
export interface ExistingEntry extends EntryInForce {
  /** As the person named it who asked. */
  file: string;
  /** All of that file. */
  text: string;
  /** The manifest as kubectl reads it. */
  object: object;
  /** The document, from 0, and the place in it where that is a List, else null. Null in a List of Lists. */
  place: { document: number; item: number | null } | null;
}

/** What was seen of one address behind a name that a workload claimed. */
export interface Claimed {
  observation: Observation;
  address: string;
}

/** A name that a workload claimed, and an address behind it that never answers to the name and belongs elsewhere. */
export interface Mismatch extends Claimed {
  /** `far`: both networks are known, and differ. */
  apart: "unknown" | "far";
  why: string;
}

/** A call that a policy of the config forbids. */
export interface Violation {
  observation: Observation;
  /** Is it on a deny list? Else it is on no allow list. */
  isDenied: boolean;
  /** Which policy and which rule decided, as a sentence. */
  why: string;
}

/** A call through a catch-all that a manifest in force takes. */
export interface Bypass {
  observation: Observation;
  /** Which entry, by what, and why it may be so, in sentences. */
  why: string;
  /** Was the destination never seen before this run? */
  isNew: boolean;
}

export type NameFrom = "host" | "sni" | "service-entry" | "forward" | "ptr" | "range" | "asn";

/** How far to trust a name. `confirmed`: DNS agrees with the address. `claimed`: nothing speaks for or against it.
 * `generic`: an infrastructure name. `contradicted`: DNS answers, and otherwise. `refused`: no host name for the outside. */
export type Trust = "confirmed" | "claimed" | "generic" | "contradicted" | "refused";

/** A name for a destination, with where it is from and how far to trust it. `name` is always printable ASCII. */
export interface Name {
  name: string;
  from: NameFrom;
  trust: Trust;
  why: string;
  /** Only of a range: the provider's CIDR that the address is in. */
  network?: string;
}

export interface Owner {
  team: string;
  /** Which rule decided: `config`, `label:NAME`, `backstage`, `codeowners`, `default`. */
  from: string;
  channels: string[];
}

/** A line of a file of owners: globs (`*`, `?`) over the whole of each, and whose is what they match; null where it says nobody's. */
export interface Ownership {
  cluster: string;
  namespace: string;
  workload: string;
  team: string | null;
}

/** What a label of a namespace or a workload says of its owner, as Prometheus has it. */
export interface OwnerLabel {
  /** Null where the series tells none. */
  cluster: string | null;
  namespace: string;
  /** What the workload may be called in Istio's metrics; empty for the whole namespace. */
  workloads: string[];
  /** As somebody wrote it: untrusted. */
  value: string;
  /** How many series say so. */
  count: number;
}

/** A Kubernetes object, ready for a serializer. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec: Record<string, unknown>;
}

/** Objects that belong together, as one: kubectl takes it, and prints such. */
export interface ManifestList {
  apiVersion: "v1";
  kind: "List";
  items: Manifest[];
}

/** A change to a file of manifests in force, as `patch -p0` takes it (a unified diff). */
export interface Patch {
  file: string;
  diff: string;
}

/** A manifest with reasons and warnings. */
export interface Suggestion {
  manifest: Manifest | ManifestList;
  yaml: string;
  confidence: "high" | "medium" | "low";
  why: string[];
  warnings: string[];
  /** Only where the manifest is one that is in force, with something added: the same, for the file that it is from. */
  patch?: Patch;
}

export const findingKinds = [
  "new-destination",
  "new-blocked",
  "blocked-spike",
  "fan-out",
  "name-mismatch",
  "policy-violation",
  "entry-bypassed",
  "blind",
] as const;
export type FindingKind = (typeof findingKinds)[number];

export const severities = ["info", "warning", "critical"] as const;
export type Severity = (typeof severities)[number];

/** Why a channel was told. `digest`: what is still open and was not told otherwise for a day, or a week. */
export type Reason = "first" | "changed" | "repeat" | "resolved" | "digest";

/** How often and when an open finding was told, and how bad it was then. Times are those of runs. */
export interface Telling {
  /** Times told since it opened, the first one included: tells one message from the next. */
  told: number;
  /** Repeats since it was told as new or changed. */
  repeats: number;
  /** When it was told last, ms. */
  at: number;
  /** How it was when it was told as new or changed; `pace` is in calls an hour. */
  severity: Severity;
  count: number;
  pace: number;
  destinations: number | null;
}

/** What a person may say of a finding. */
export const rulings = ["expected", "approved", "denied", "snoozed"] as const;
export type Ruling = (typeof rulings)[number];

/** What a person decided about a finding, and about what it stands for. */
export interface Verdict {
  /** The finding's. */
  id: string;
  verdict: Ruling;
  /** It holds until then, ms; null where it has no end. */
  until: number | null;
  reason: string | null;
  by: string | null;
  /** When it was decided, ms; null where nobody says. */
  at: number | null;
  /** The cluster whose runs found it; left out where nobody knows. */
  cluster?: string;
}

/** What only spikes have: the calls a history explains, the chance of at least so many, and how much history that is. */
export interface Expected {
  mean: number;
  p: number;
  basis: string;
}

/** What a detector concludes, with its evidence. */
export interface Finding {
  id: string;
  /** The sighting it is about. */
  key: string;
  kind: FindingKind;
  state: "open" | "resolved";
  severity: Severity;
  source: Source;
  destination: Destination;
  addresses: string[];
  count: number;
  /** Only of a fan-out: how many destinations it is about. */
  destinations: number | null;
  expected: Expected | null;
  /** Only of spikes: calls of each five minutes up to `lastSeen`, oldest first, where they are known. */
  recent?: number[];
  firstSeen: number;
  lastSeen: number;
  names: Name[];
  owner: Owner;
  summary: string;
  noSuggestion: string | null;
  suggestions: Suggestion[];
  /** What a person decided about it, as long as that holds. All but `denied` silence it. */
  verdict?: Verdict;
}

/** A person decided that nobody is to hear of it. */
export const isSilenced = ({ verdict }: Pick<Finding, "verdict">): boolean =>
  verdict !== undefined && verdict.verdict !== "denied";

/** What a finding's id stands for. */
export type Subject = Pick<Finding, "id" | "key" | "kind" | "source" | "destination">;

/** A finding that a run has told, kept so that its id still says what it stands for, and that precision can be counted. */
export interface ToldFinding extends Subject {
  team: string;
  /** When it was told first: the run's end, ms. */
  at: number;
}

/** Blocked calls of one source and destination; `counts[i]` belongs to the five-minute bucket that begins at `from + i * 5 min`. */
export interface Buckets {
  key: string;
  source: Source;
  destination: Destination;
  counts: readonly number[];
  /** Those of the buckets before `from`, oldest first, where they are known: to be shown, and not to be judged again. */
  earlier?: readonly number[];
}

/** What a run could not see: `code` is stable, `text` is the sentence. */
export interface Blindness {
  code: "no-address" | "some-addresses" | "no-sni" | "gap" | "no-series" | "logs" | "log-sources" | "ambient";
  text: string;
}

/** How a key (a source and destination, or a source in total) usually gets blocked: the spike detector's own state, encoded. */
export interface Habit {
  key: string;
  state: Uint8Array;
}

/** What a person reads: one owner's findings of one run, in the order of their weight. */
export interface Message {
  /** Stable: the same findings for the same reason give the same id, in every process. */
  id: string;
  cluster: string;
  team: string;
  reason: Reason;
  at: number;
  findings: Finding[];
  /** A sentence about the message itself, such as why it comes here. Printable. */
  note?: string;
}

/** One message to one channel, kept until the channel has said yes. The same message to the same channel has the same id. */
export interface Letter {
  id: string;
  channel: string;
  message: Message;
  /** Only where it was tried and not taken. */
  failure?: Failure;
}

/** That a letter was not taken, or that a channel takes none. Times are those of runs, ms. */
export interface Failure {
  /** When it failed first, and since then always. */
  since: number;
  attempts: number;
  /** Not to be tried before. */
  next: number;
  /** Of the last error: its code, and what it said. */
  code: string;
  text: string;
  /** Somebody else was told of it, since it lasts for long. */
  reported: boolean;
}

/** A window of time (from, to]. */
export interface Window {
  from: number;
  to: number;
}

/** A run that somebody asked for over HTTP or in Slack, and what became of it. */
export interface AskedRun {
  id: string;
  cluster: string;
  state: "queued" | "running" | "done" | "failed";
  by: string;
  /** When it was asked for, and when its state changed last, ms. */
  at: number;
  changed: number;
  /** The scan's document as JSON, once it is done. */
  document: string | null;
  /** Once it has failed. */
  fault: { code: string; message: string } | null;
}
