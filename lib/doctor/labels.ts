/** Do TCP connections tell where they go (address) and by which name (SNI)? By connections, since one without a label is one series however many it stands for. */
import type { LabelNames, Series } from "../model.ts";
import { readTcp } from "../observe/destination.ts";
import { isCount } from "../observe/is-count.ts";
import { growthQuery, type QuerySettings } from "../poll/queries.ts";
import type { Telemetry } from "../poll/telemetry.ts";
import { fail, listed, ok, percent, type Said, skip, some, warn } from "./check.ts";

const hour = 3_600_000;
/** TLS by custom (IANA's registry, and what Kubernetes and message brokers use). */
const tlsPorts = new Set([443, 465, 636, 853, 990, 993, 995, 5061, 5671, 6443, 8443, 8883, 9443]);
const good = 90;

/** Connections by port, and how many of them have what. `port` is null where no label tells it. */
export interface Coverage {
  /** ms */
  range: number;
  total: number;
  addressed: number;
  ports: { port: number | null; total: number; named: number }[];
}

/** Of the last hour, or of the last day where there was none; null where there was none then either. */
export async function coverage(telemetry: Telemetry, settings: QuerySettings, at: number): Promise<Coverage | null> {
  for (const range of [hour, 24 * hour]) {
    // Mixer counted blocked connections only as closed.
    for (const counter of ["opened", "closed"] as const) {
      const rows = await telemetry.vector(growthQuery(counter, settings, range, hour, ["response_flags"]), at);
      const covered = cover(rows, settings.labels, range);
      if (covered.total > 0) return covered;
    }
  }
  return null;
}

function cover(rows: readonly Series[], names: LabelNames, range: number): Coverage {
  const ports = new Map<number | null, { port: number | null; total: number; named: number }>();
  let [total, addressed] = [0, 0];
  for (const { labels, value } of rows) {
    if (!(value > 0 && isCount(value))) continue;
    const { address, port, sni, claim } = readTcp(labels, names, "allowed");
    const one = ports.get(port) ?? { port, total: 0, named: 0 };
    ports.set(port, one);
    one.total += value;
    total += value;
    if (sni !== null || claim !== null) one.named += value;
    if (address !== null) addressed += value;
  }
  return { range, total, addressed, ports: [...ports.values()].sort((a, b) => b.total - a.total) };
}

const addLabels = "apply what `egress-scout telemetry` prints";
const nothing = skip("no TCP connection through the catch-alls in the last day", "There is nothing to judge by.");
const when = (range: number) => (range === hour ? "the last hour" : "the last day");

export function judgeAddress(covered: Coverage | null, names: LabelNames): Said {
  if (covered === null) return nothing;
  const { total, addressed, range } = covered;
  const share = percent(addressed, total);
  const of = `of ${some(Math.round(total), "TCP connection")} of ${when(range)}`;
  const found = `${share}% ${of} have an address label (${names.address.join(", ")})`;
  const means =
    "TCP and TLS destinations cannot be told apart without it: all of a workload's are one, which is new once and never again, and no manifest is proposed.";
  if (addressed === 0) return fail(found, means, addLabels);
  if (share === 100) return ok(found, "TCP and TLS destinations are told apart by address.");
  return warn(
    found,
    `Of the rest, ${means.charAt(0).toLowerCase()}${means.slice(1)}`,
    "counters of before the label stay until their pods are gone; else see which namespaces have a Telemetry of their own (kubectl get telemetry -A)",
  );
}

export function judgeSni(covered: Coverage | null, names: LabelNames): Said {
  if (covered === null) return nothing;
  const judged = covered.ports.filter(({ port }) => port === null || tlsPorts.has(port));
  const others = covered.ports.filter(({ port, named }) => port !== null && !tlsPorts.has(port) && named > 0);
  const all = [...judged, ...others];
  if (all.length === 0) return skip("no connection to a port that is TLS's by custom", "There is nothing to judge by.");
  const shares = all.map(({ port, total, named }) => `${port ?? "unknown port"} ${percent(named, total)}%`);
  const found = `connections of ${when(covered.range)} with an SNI label (${names.sni.join(", ")}), by port: ${listed(shares, 8)}`;
  const poor = judged.filter(({ total, named }) => percent(named, total) < good);
  if (poor.length === 0) return ok(found, "TLS destinations are known by the name that the client asked for.");
  const means =
    "Without it TLS destinations are known by their address alone, and named by reverse DNS where that says more. No label means not visible, not that the client sent none.";
  const mend = `${addLabels}, and make a TLS ServiceEntry of that port visible to the workloads: without one their sidecars have no TLS inspector there (docs/telemetry.md)`;
  return warn(found, means, mend);
}
