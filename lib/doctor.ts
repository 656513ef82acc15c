/** Checks the set-up end to end. Checks stand side by side: one that throws or hangs costs itself alone. No I/O of its own. */

import { checkChannels } from "./doctor/channels.ts";
import { type Check, fail, type Said, skip } from "./doctor/check.ts";
import { judgeClock } from "./doctor/clock.ts";
import { checkDns } from "./doctor/dns.ts";
import { checkIstioMetrics } from "./doctor/istio-metrics.ts";
import { coverage, judgeAddress, judgeSni } from "./doctor/labels.ts";
import { checkLogs } from "./doctor/logs.ts";
import { checkOwnerLabels } from "./doctor/owner-labels.ts";
import type { Cluster, DoctorOrder, Patient } from "./doctor/patient.ts";
import { judgePrometheus } from "./doctor/prometheus.ts";
import { checkRetention } from "./doctor/retention.ts";
import { checkDuplicates, checkInterval } from "./doctor/scrapes.ts";
import { checkStore } from "./doctor/store.ts";
import { asScoutError, ConfigError } from "./errors.ts";
import type { ServerFacts } from "./poll/server.ts";
import type { Telemetry } from "./poll/telemetry.ts";
import { checkNames } from "./report/doctor.ts";

/** A check that asks Prometheus. */
type Asking = (asked: { telemetry: Telemetry; facts: ServerFacts; at: number }) => Promise<Said> | Said;

/** Every check of every cluster, and those about all; by name as in the contract, then by cluster. Never throws. */
export async function examine(patient: Patient, order: DoctorOrder): Promise<Check[]> {
  const whole = (name: Check["name"], work: () => Promise<Said>) => held(name, null, work, order);
  const names = patient.clusters.map(({ name }) => name);
  const all = await Promise.all([
    ...patient.clusters.map((cluster) => examineCluster(cluster, patient, order)),
    whole("dns", () => checkDns(patient, order)),
    whole("store", () => checkStore(patient.store, names)),
    whole("channels", () => checkChannels(patient, order)),
  ]);
  const rank = ({ name, cluster }: Check) => checkNames.indexOf(name) * names.length + names.indexOf(cluster ?? "");
  return all
    .flat()
    .map((check) => ({ ...check, found: patient.cut(check.found), mend: patient.cut(check.mend) }))
    .sort((a, b) => rank(a) - rank(b));
}

async function examineCluster(cluster: Cluster, patient: Patient, order: DoctorOrder): Promise<Check[]> {
  const known: { telemetry: Telemetry; facts: ServerFacts }[] = [];
  const logs = held("logs", cluster.name, () => checkLogs(cluster), order);
  const first = await held(
    "prometheus",
    cluster.name,
    async () => {
      const telemetry = cluster.metrics();
      const facts = await telemetry.about(order.now);
      known.push({ telemetry, facts });
      return judgePrometheus(cluster.place, facts);
    },
    order,
  );
  const at = order.now();
  const [server] = known;
  const ask = (name: Check["name"], work: Asking) =>
    held(name, cluster.name, async () => (server === undefined ? away : await work({ ...server, at })), order);
  const rest = Object.entries(asking(cluster, patient, order)).map(([name, work]) => ask(name as Check["name"], work));
  return [first, ...(await Promise.all(rest)), await logs];
}

const away = skip("Prometheus does not answer", "See the check prometheus: this one asks it.");

/** The checks that need an answer of Prometheus. */
function asking({ settings, replicaLabels, logs, groups }: Cluster, patient: Patient, { learn }: DoctorOrder) {
  const hasLogs = logs !== null || groups.length > 0;
  let covered: ReturnType<typeof coverage> | null = null;
  const once = (telemetry: Telemetry, at: number) => {
    covered ??= coverage(telemetry, settings, at);
    return covered;
  };
  return {
    "istio-metrics": ({ telemetry, at }) => checkIstioMetrics(telemetry, settings, at, hasLogs),
    "address-label": async ({ telemetry, at }) => judgeAddress(await once(telemetry, at), settings.labels),
    "sni-label": async ({ telemetry, at }) => judgeSni(await once(telemetry, at), settings.labels),
    "duplicate-scrapes": ({ telemetry, at }) => checkDuplicates(telemetry, settings, replicaLabels, at),
    "scrape-interval": ({ telemetry, at }) => checkInterval(telemetry, settings, at),
    retention: ({ telemetry, facts, at }) => checkRetention(telemetry, settings, facts.retention, learn, at),
    "owner-labels": ({ telemetry, at }) => checkOwnerLabels(telemetry, patient.ownerLabels, settings.matchers, at),
    clock: ({ facts }) => judgeClock(facts),
  } satisfies Partial<Record<Check["name"], Asking>>;
}

/** A check's result, whatever comes of it. */
async function held(
  name: Check["name"],
  cluster: string | null,
  work: () => Promise<Said>,
  { patience }: DoctorOrder,
): Promise<Check> {
  const late = Promise.withResolvers<Said>();
  const text = `no result within ${patience / 1000} s`;
  const mend = "see what hangs: the network, a proxy, or a server that is overloaded";
  const timer = setTimeout(() => late.resolve(fail(text, "Runs that need it wait as long.", mend)), patience);
  const said = await Promise.race([work().catch(failed), late.promise]);
  clearTimeout(timer);
  return { name, cluster, ...said };
}

function failed(thrown: unknown): Said {
  const error = asScoutError(thrown);
  const details = error instanceof ConfigError ? error.mistakes.join("; ") : "";
  return fail(`${error.code}: ${details || error.message}`, "Runs fail the same way.", error.mend);
}
