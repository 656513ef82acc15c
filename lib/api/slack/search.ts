/** `/egress TEXT`: who calls what, by namespace, workload, team or destination. No I/O of its own. */

import { inventory } from "../../inventory.ts";
import type { Sighting, ToldFinding, Verdict } from "../../model.ts";
import { oneLine } from "../../notify/one-line.ts";
import { buttonRow } from "../../notify/slack-buttons.ts";
import { sightingKinds } from "../../verdicts/subjects.ts";
import { placeText } from "../../words/address.ts";
import { clock } from "../../words/duration.ts";
import type { ApiParts } from "../parts.ts";
import { lines, plain, type Reply, reply } from "./reply.ts";

/** More than that nobody reads in a channel. */
const most = 10;

interface Match {
  cluster: string;
  id: string;
  sighting: Sighting;
  verdict: Verdict | null;
  /** As it was told last; null where nothing of this workload was. */
  team: string | null;
  /** What the buttons decide about, as what somebody was told of it; null where nobody was (rule.ts). */
  told: Pick<ToldFinding, "id" | "kind"> | null;
}

/** @throws ScoutError `store/…`, `config/…` */
export async function search(
  text: string,
  { store, reviewed, now }: Pick<ApiParts, "store" | "reviewed" | "now">,
): Promise<Reply> {
  const all = await everything(await store(), reviewed(), now());
  const matches = matching(all, text.toLowerCase()).sort(
    (a, b) =>
      b.sighting.lastSeen - a.sighting.lastSeen || b.sighting.count - a.sighting.count || (a.id < b.id ? -1 : 1),
  );
  if (matches.length === 0) {
    const said =
      all.length === 0
        ? "nothing is remembered yet: let a scan learn first"
        : "ask for a namespace, a workload, a team or part of a destination";
    return lines([`Nothing is remembered of ${oneLine(text, 100)}: ${said}.`]);
  }
  const workloads = new Set(matches.map(({ sighting: { source } }) => JSON.stringify(source))).size;
  const left = matches.length - most;
  const head = `${oneLine(text, 100)}: ${count(matches.length, "destination")} of ${count(workloads, "workload")}${left > 0 ? `, the ${most} seen last` : ""}`;
  const blocks = matches
    .slice(0, most)
    .flatMap((one) => [plain(matchText(one)), ...(one.told === null ? [] : [buttonRow(one.told.id, 0)])]);
  const more =
    left > 0
      ? [plain(`${left} more: \`GET /api/v1/sightings\` and the report have them all.`.replaceAll("`", "'"))]
      : [];
  return reply(`\`${head}\``, [plain(head), ...blocks, ...more]);
}

const isOfSighting = ({ kind }: ToldFinding): boolean => sightingKinds.some((one) => one === kind);

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;

async function everything(
  store: Awaited<ReturnType<ApiParts["store"]>>,
  reviewed: readonly Verdict[],
  at: number,
): Promise<Match[]> {
  const { clusters } = await inventory(store, reviewed, { only: null, at });
  const all: Match[] = [];
  for (const { cluster, sightings } of clusters) {
    const findings = await store.findings(cluster);
    const told = [...findings.values()].sort((a, b) => a.at - b.at);
    const teams = new Map(told.map(({ source, team }) => [JSON.stringify([source.namespace, source.workload]), team]));
    const byKey = new Map(told.filter(isOfSighting).map((one) => [one.key, one]));
    for (const one of sightings) {
      const { namespace, workload } = one.sighting.source;
      const team = teams.get(JSON.stringify([namespace, workload])) ?? null;
      all.push({ cluster, ...one, team, told: findings.get(one.id) ?? byKey.get(one.sighting.key) ?? null });
    }
  }
  return all;
}

/** Whoever is called just so; where nobody is, whatever has it in its name. */
function matching(all: readonly Match[], text: string): Match[] {
  const names = ({ sighting: { source }, team }: Match) => [
    ...[source.namespace, source.workload, `${source.namespace}/${source.workload}`],
    ...(team === null ? [] : [team]),
  ];
  const exact = all.filter((one) => names(one).some((name) => name.toLowerCase() === text));
  if (exact.length > 0) return exact;
  return all.filter(({ sighting: { source, destination, name } }) => {
    const { host, address, sni, claim } = destination;
    const parts = [source.namespace, source.workload, host, address, sni, claim, name?.name, placeText(destination)];
    return parts.some((part) => part?.toLowerCase().includes(text) === true);
  });
}

function matchText({ cluster, id, sighting, verdict, team, told }: Match): string {
  const { source, destination, name, count: calls, firstSeen, lastSeen } = sighting;
  const called = name === null || name.name === destination.host ? "" : ` (${name.name}, ${name.trust})`;
  const until = verdict === null || verdict.until === null ? "" : ` until ${clock(verdict.until)}`;
  const decided = verdict === null ? "" : `, ${verdict.verdict}${until}`;
  const otherwise = told !== null && told.id !== id ? `, told as ${told.kind}` : "";
  const how = told === null ? `, to decide: egress-scout verdict set ${id}` : otherwise;
  return [
    `${source.namespace}/${source.workload} in ${cluster}: ${placeText(destination)}${called}`,
    `${destination.protocol}, ${destination.verdict}, ${count(calls, "call")} or more, ${clock(firstSeen)} to ${clock(lastSeen)}`,
    `${team === null ? "nobody was told of this workload yet" : `owner ${team}`}${decided}${how}`,
  ]
    .map((line) => oneLine(line, 300))
    .join("\n");
}
