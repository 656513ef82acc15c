/** Do the DNS servers answer, backward and forward? Asks nothing that a workload wrote and nobody who must not know. */

import type { Lookup } from "../enrich/resolver.ts";
import { formatDuration } from "../words/duration.ts";
import { fail, listed, ok, type Said, warn } from "./check.ts";
import type { DoctorOrder, Patient, ServerPart } from "./patient.ts";

/** Every server answers for it by itself (RFC 6303 §4.2). */
const itself = "127.0.0.1";
/** Documentation's (RFC 5737): nobody's, so nobody learns anything, and a server that recurses has an answer or knows that there is none. */
const nobodys = "192.0.2.1";
const slow = 500;

interface Probed {
  server: string;
  /** The server answers at all, whatever it says. */
  alive: boolean;
  took: number;
  faults: string[];
}

export async function checkDns({ servers, trusted }: Patient, { now }: DoctorOrder): Promise<Said> {
  const all = servers();
  const means = "Addresses stay without names where DNS does not answer; findings are told all the same.";
  const mend = "give resolvers that answer: --dns HOST:PORT, or enrich.dns.servers";
  if (all.length === 0) return fail("no DNS server is known", means, mend);
  const name = trusted.find((one) => /^[a-z0-9.-]+$/i.test(one)) ?? null;
  const probed = await Promise.all(all.map((one) => probe(one, name, now)));
  const alive = probed.filter((one) => one.alive);
  const faults = probed.flatMap((one) => one.faults);
  if (alive.length === 0) return fail(`no DNS server answers: ${listed(faults)}`, means, mend);
  const took = Math.max(...alive.map((one) => one.took));
  const forward = name === null ? "backward alone: forward needs a trusted name" : "backward and forward";
  const found = `${listed(alive.map((one) => one.server))} ${alive.length === 1 ? "answers" : "answer"} in ${formatDuration(took)} (${forward})`;
  if (faults.length > 0)
    return warn(
      `${found}; but ${listed(faults)}`,
      `${means} Servers that do not answer are tried last, and cost time.`,
      mend,
    );
  if (took > slow)
    return warn(
      found,
      "Look-ups have a budget for each run (enrich.dns.budget): names will be found late.",
      "ask a resolver nearer by",
    );
  return ok(found, "Addresses can be named.");
}

async function probe({ server, resolver }: ServerPart, name: string | null, now: () => number): Promise<Probed> {
  const first = now();
  const here = await resolver.reverse(itself);
  const took = now() - first;
  const alive = !isSilent(here);
  if (!alive) return { server, alive, took, faults: [why(here)] };
  const asked: [string, Lookup][] = [[`the PTR of ${nobodys}`, await resolver.reverse(nobodys)]];
  if (name !== null) asked.push([name, await resolver.forward(name, 4)]);
  const faults = asked.flatMap(([what, lookup]) => (lookup.status === "failed" ? [`${what}: ${lookup.why}`] : []));
  if (name !== null && faults.length === 0 && asked[1]?.[1].status === "none") {
    const six = await resolver.forward(name, 6);
    if (six.status !== "found") faults.push(`${name}, which the config trusts, has no address by ${server}`);
  }
  return { server, alive, took, faults };
}

/** That there is no such name is an answer; so is a refusal. Silence, and nobody there, is none. */
const isSilent = (lookup: Lookup): boolean =>
  lookup.status === "failed" && !/^E(SERVFAIL|REFUSED|NOTIMP|FORMERR|BADRESP) /.test(lookup.why);

const why = (lookup: Lookup): string => (lookup.status === "failed" ? lookup.why : lookup.status);
