/** A run → its document (`schema scan`). Pure. */
import { createHash } from "node:crypto";
import type { Finding, Letter, Sighting, Verdict, Window } from "../model.ts";
import type { FindingDocument, ScanDocument, VerdictDocument } from "./scan-schema.ts";

/** What of a run the document tells. */
export interface Told {
  cluster: string;
  mode: "learn" | "watch";
  window: Window;
  queries: number;
  series: number;
  observations: number;
  known: number;
  blind: readonly string[];
  warnings: readonly string[];
  findings: readonly Finding[];
  /** Ids of those that were open before, and changed. */
  changed?: ReadonlySet<string>;
  /** What became of each letter: `ok` where the channel said yes. */
  deliveries: readonly { letter: Letter; ok: boolean }[];
  /** All that is remembered after a first run; null where it was none. */
  learned: Iterable<Sighting> | null;
  /** What a dry run would have sent; null where it was none. */
  wouldSend: readonly Letter[] | null;
  /** When the newest data was scraped that the run could see, ms; null where nobody can tell. */
  newest?: number | null;
  /** How many findings are open after the run and not silenced, and how many letters that were due have not reached anybody. */
  open?: number;
  undelivered?: number;
}

/** Milliseconds → RFC 3339 in UTC, to the millisecond. */
export const rfc3339 = (time: number): string => new Date(time).toISOString();

export function scanDocument(told: Told): ScanDocument {
  const { cluster, mode, window, queries, series, observations, known } = told;
  const from = rfc3339(window.from);
  const to = rfc3339(window.to);
  const id = createHash("sha256")
    .update(JSON.stringify([cluster, from, to]))
    .digest("hex")
    .slice(0, 16);
  return {
    schema: "egress-scout/scan@1",
    run: {
      id,
      cluster,
      mode,
      from,
      to,
      queries,
      series,
      observations,
      known,
      blind: [...told.blind],
      warnings: [...told.warnings],
    },
    ...(told.learned === null ? {} : { learned: inventory(told.learned) }),
    findings: told.findings.map((one) => findingDocument(one, told.deliveries)),
    ...(told.wouldSend === null
      ? {}
      : { wouldSend: told.wouldSend.map(({ channel, message }) => ({ channel, findings: message.findings.length })) }),
  };
}

/** Destinations are counted once however many workloads call them. */
function inventory(sightings: Iterable<Sighting>): { destinations: number; workloads: number } {
  const destinations = new Set<string>();
  const workloads = new Set<string>();
  for (const { source, destination } of sightings) {
    const { verdict, protocol, host, address, port, sni, claim } = destination;
    destinations.add(JSON.stringify([verdict, protocol, host ?? claim ?? address, port, sni]));
    workloads.add(JSON.stringify([source.cluster, source.namespace, source.workload]));
  }
  return { destinations: destinations.size, workloads: workloads.size };
}

export function verdictDocument({ id, verdict, until, reason, by, at, cluster }: Verdict): VerdictDocument {
  const time = (one: number | null) => (one === null ? null : rfc3339(one));
  return { id, verdict, until: time(until), reason, by, at: time(at), ...(cluster === undefined ? {} : { cluster }) };
}

export function findingDocument(finding: Finding, deliveries: Told["deliveries"]): FindingDocument {
  const { source, destination, names, owner, suggestions } = finding;
  const { verdict, protocol, host, address, port, sni } = destination;
  return {
    id: finding.id,
    kind: finding.kind,
    state: finding.state,
    severity: finding.severity,
    source: { ...source },
    destination: { verdict, protocol, host, address, port, sni },
    count: finding.count,
    ...(finding.destinations === null ? {} : { destinations: finding.destinations }),
    expected: finding.expected,
    firstSeen: rfc3339(finding.firstSeen),
    lastSeen: rfc3339(finding.lastSeen),
    names: names.map((one) => ({ ...one })),
    owner: { team: owner.team, from: owner.from },
    summary: finding.summary,
    noSuggestion: finding.noSuggestion,
    suggestions: suggestions.map(({ manifest, ...rest }) => ({ ...rest, manifest: { ...manifest } })),
    notified: deliveries
      .filter(({ letter }) => letter.message.findings.some((one) => one.id === finding.id))
      .map(({ letter, ok }) => ({ channel: letter.channel, reason: letter.message.reason, ok })),
    ...(finding.verdict === undefined ? {} : { verdict: verdictDocument(finding.verdict) }),
  };
}
