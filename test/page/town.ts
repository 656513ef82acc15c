/** A state file of a town with thousands of flows, as months of scans would leave it; the same each time. */
import { writeFileSync } from "node:fs";
import { finding as begun } from "../../lib/detect/detector.ts";
import { findingId } from "../../lib/detect/finding-id.ts";
import type { Destination, Finding, Name, Sighting, Verdict } from "../../lib/model.ts";
import { sightingKey } from "../../lib/observe/key.ts";
import { openStore } from "../../lib/remember/index.ts";
import { nothingNew } from "../../lib/remember/store.ts";
import { newKind } from "../../lib/verdicts/subjects.ts";
import { toldFindings } from "../../lib/verdicts/told.ts";
import { printable } from "../../lib/words/printable.ts";
import hostile from "../data/hostile-names.json" with { type: "json" };

const minute = 60_000;
const day = 24 * 60 * minute;

/** Numbers from 0 to below 1 that are the same each time (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const namespaces =
  "payments checkout catalog search identity billing shipping orders analytics data ml-serving notifications fraud inventory web mobile-bff support crm platform ci batch ledger pricing reporting".split(
    " ",
  );
const jobs = "api worker web sync cron gateway exporter importer".split(" ");
const firsts =
  "acme blue bright cloud core data deep fast flow global green hyper lumen nova open orbit quick safe smart swift".split(
    " ",
  );
const seconds = "pay mail metrics maps auth ship track sms docs vault cdn search ledger bank chat".split(" ");
const tlds = ["com", "io", "net", "co.uk", "dev"];
const hosts = ["api", "www", "eu.api", "events", "upload", "auth"];
const networks = ["AWS S3 eu-west-1", "AWS EC2 eu-west-1", "Google Cloud europe-west1", "AS13335 Cloudflare, Inc."];

export interface Town {
  cluster: string;
  /** When it is now: the end of its last run, ms. */
  end: number;
  flows: number;
  /** Hostile texts as hosts, claims, workloads, namespaces, names, owners and reasons among them. */
  isHostile: boolean;
}

/** Texts that no page may take for more than text. */
export const evil = [
  "<script>window.hacked=1</script>",
  "</script><script>window.hacked=2</script>",
  '"><img src=x onerror=window.hacked=3>',
  "<svg/onload=window.hacked=4>",
  "javascript:window.hacked=5",
  "\u202emoc.lapyap\u2066\u200b",
  "line\u2028separator\u2029and\u0000nul\u0007bell\ud800lone",
  "</style><base href=//evil.example>",
  ...hostile.map(({ value }) => value),
];

/** Writes the state file, or adds a cluster to it. @returns what was remembered */
export async function build(state: string, town: Town): Promise<{ sightings: Sighting[]; open: Finding[] }> {
  const sightings = town.isHostile
    ? [...townsfolk(town, town.flows - evil.length * 2), ...strangers(town)]
    : townsfolk(town, town.flows);
  const open = findingsOf(sightings, town);
  const store = await openStore(state);
  const progress = { end: town.end, learningSince: null, judgedUntil: null };
  const told = [...open, ...sightings.filter((_, index) => index % 9 === 0).map((one) => findingOf(one))];
  await store.remember(town.cluster, {
    ...nothingNew(progress),
    sightings,
    opened: open,
    findings: toldFindings(told, town.end - 3 * day),
  });
  for (const verdict of verdictsOf(sightings, town)) await store.rule(verdict);
  await store.close();
  return { sightings, open };
}

function townsfolk({ cluster, end }: Town, count: number): Sighting[] {
  const next = numbers(7);
  const pick = <T>(all: readonly T[], skew = 1): T => all[Math.floor(next() ** skew * all.length)] as T;
  const domains = firsts.flatMap((first) => seconds.map((second) => `${first}${second}.${pick(tlds)}`));
  const found = new Map<string, Sighting>();
  while (found.size < count) {
    const namespace = pick(namespaces, 1.6);
    const source = { cluster, namespace, workload: `${namespace}-${pick(jobs)}` };
    const verdict = next() < 0.06 ? "blocked" : "allowed";
    const kind = next();
    const address = `203.0.113.${Math.floor(next() * 256)}`;
    const host = `${pick(hosts, 2)}.${pick(domains, 2.4)}`;
    const destination: Destination =
      kind < 0.62
        ? { verdict, protocol: "tls", host, address, port: 443, sni: host, claim: null }
        : kind < 0.82
          ? {
              verdict,
              protocol: next() < 0.2 ? "grpc" : "http",
              host,
              address,
              port: next() < 0.8 ? 80 : 8080,
              sni: null,
              claim: null,
            }
          : {
              verdict,
              protocol: "tcp",
              host: null,
              address,
              port: pick([5432, 443, 6379, 9092, 22]),
              sni: null,
              claim: null,
            };
    const isNew = next() < 0.02;
    const firstSeen = Math.round(isNew ? end - next() * day : end - day - next() * 60 * day);
    const name: Name | null =
      destination.host !== null
        ? {
            name: host,
            from: destination.protocol === "tls" ? "sni" : "host",
            trust: next() < 0.7 ? "confirmed" : "claimed",
            why: `resolves to ${address}`,
          }
        : next() < 0.5
          ? {
              name: pick(networks),
              from: "range",
              trust: "generic",
              why: "203.0.113.0/24 is in the provider's own list of 2026-11-20",
            }
          : next() < 0.5
            ? {
                name: `db-${address.split(".")[3]}.${pick(domains, 3)}`,
                from: "ptr",
                trust: "confirmed",
                why: `reverse DNS says so, and it resolves to ${address}`,
              }
            : null;
    const key = sightingKey(cluster, source, destination);
    const calls = Math.ceil(10 ** (next() * 5));
    found.set(key, {
      key,
      source,
      destination,
      firstSeen,
      lastSeen: Math.round(firstSeen + next() * (end - firstSeen)),
      count: calls,
      total: calls,
      name,
      namedAt: end,
    });
  }
  return [...found.values()];
}

/** Each hostile text as what a workload writes, and as what a workload, a namespace or a name is called. */
function strangers({ cluster, end }: Town): Sighting[] {
  return evil.flatMap((text, index) => {
    const own = { cluster, namespace: index % 6 === 0 ? text : "strangers", workload: text };
    const name: Name = { name: text, from: "ptr", trust: "claimed", why: text };
    const places: Destination[] = [
      {
        verdict: "allowed",
        protocol: "http",
        host: null,
        address: null,
        port: 80,
        sni: null,
        claim: index % 3 === 0 ? printable(text).slice(1, -1) : text,
      },
      { verdict: "blocked", protocol: "tls", host: text, address: "198.51.100.7", port: 443, sni: text, claim: null },
    ];
    return places.map(
      (destination): Sighting => ({
        key: sightingKey(cluster, own, { ...destination, claim: `${text}${index}` }),
        source: own,
        destination,
        firstSeen: end - 2 * day,
        lastSeen: end - minute,
        count: 1,
        total: 1,
        name,
        namedAt: end,
      }),
    );
  });
}

const findingOf = (one: Sighting): Finding =>
  begun(newKind(one.destination), "warning", findingId(newKind(one.destination), one.key), one);

function findingsOf(sightings: readonly Sighting[], { end, isHostile }: Town): Finding[] {
  const blocked = sightings.filter(({ destination }) => destination.verdict === "blocked");
  const spikes = blocked.slice(0, 14).map(
    (one, index): Finding => ({
      ...begun("blocked-spike", index < 3 ? "critical" : "warning", findingId("blocked-spike", one.key, index), one),
      firstSeen: end - 2 * 60 * minute,
      lastSeen: end - 5 * minute,
      count: 480 + index,
      recent: Array.from({ length: 40 }, (_, at) => (at < 28 ? (at * 7) % 3 : 20 + ((at * 13) % 40))),
      names: one.name === null ? [] : [one.name],
      owner: { team: one.source.namespace, from: "config", channels: [] },
      summary: `${one.source.namespace}/${one.source.workload} was blocked ${480 + index} times in two hours, far more than its history explains.`,
    }),
  );
  const strange = isHostile
    ? evil.slice(0, 8).map((text, index): Finding => {
        const one = sightings.at(-1 - index) as Sighting;
        return {
          ...begun("policy-violation", "critical", findingId("policy-violation", one.key), one),
          summary: text,
          owner: { team: text, from: "label:team", channels: [] },
        };
      })
    : [];
  return [...spikes, ...strange];
}

function verdictsOf(sightings: readonly Sighting[], { cluster, end, isHostile }: Town): Verdict[] {
  const rulings = ["expected", "approved", "denied", "snoozed"] as const;
  return sightings
    .filter((_, index) => index % 11 === 0)
    .map((one, index): Verdict => {
      const verdict = rulings[index % 4] ?? "expected";
      const reason = isHostile
        ? (evil[index % evil.length] ?? null)
        : index % 3 === 0
          ? "part of the new checkout"
          : null;
      return {
        id: findingId(newKind(one.destination), one.key),
        verdict,
        until: verdict === "snoozed" ? end + 7 * day : null,
        reason,
        by: isHostile ? reason : "ada",
        at: end - day,
        cluster,
      };
    });
}

/** Manifests in force for a third of the hosts, seen by all. */
export function writeManifests(file: string, sightings: readonly Sighting[]): void {
  const hosts = [
    ...new Set(
      sightings.flatMap(({ destination: { host, port } }) =>
        host !== null && /^[a-z0-9.-]+$/.test(host) && port !== null ? [`${host} ${port}`] : [],
      ),
    ),
  ];
  const taken = hosts
    .filter((_, index) => index % 3 !== 0)
    .map((one, index) => {
      const [host = "", port = ""] = one.split(" ");
      return JSON.stringify({
        apiVersion: "networking.istio.io/v1",
        kind: "ServiceEntry",
        metadata: { name: `entry-${index}`, namespace: "istio-egress" },
        spec: {
          hosts: [host],
          ports: [{ number: Number(port), name: `p-${port}`, protocol: port === "443" ? "TLS" : "HTTP" }],
          location: "MESH_EXTERNAL",
          resolution: "DNS",
          exportTo: ["*"],
        },
      });
    });
  writeFileSync(file, taken.map((one) => `---\n${one}\n`).join(""));
}

/** A state file in which so many workloads call the same two destinations: one gets a manifest, the other has no name for one. */
export async function crowd(state: string, { end, callers }: { end: number; callers: number }): Promise<void> {
  const known = { verdict: "allowed" as const, address: "203.0.113.7", port: 443, claim: null };
  const destinations: Destination[] = [
    { ...known, protocol: "tls", host: "api.example.com", sni: "api.example.com" },
    { ...known, protocol: "http", host: null, sni: null, address: null, claim: "no host" },
  ];
  const sightings = destinations.flatMap((destination) =>
    Array.from({ length: callers }, (_, index): Sighting => {
      const source = { cluster: "prod", namespace: "shop", workload: `w${index}` };
      const key = sightingKey("prod", source, destination);
      const seen = { firstSeen: end - day * 9, lastSeen: end, count: 3, total: 3, name: null, namedAt: null };
      return { key, source, destination, ...seen };
    }),
  );
  const store = await openStore(state);
  await store.remember("prod", { ...nothingNew({ end, learningSince: null, judgedUntil: null }), sightings });
  await store.close();
}
