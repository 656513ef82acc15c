/** What a run's rows cannot show, in sentences for `run.blind`. Pure. */
import type { Counted, LabelNames, Series } from "../model.ts";
import { known } from "./source.ts";

/** Looks at the TCP rows: without an address label their destinations are one, without an SNI label they have no name. */
export function blindSpots(counted: readonly Counted<Series>[], names: LabelNames): string[] {
  const tcp = counted
    .filter((one) => one.counter === "opened" || one.counter === "closed")
    .flatMap((one) => one.series);
  if (tcp.length === 0) return [];
  const without = (labels: readonly string[]) =>
    tcp.filter((one) => labels.every((name) => known(one.labels, name) === null)).length;
  const blind: string[] = [];
  const bare = without(names.address);
  if (bare > 0) {
    const some = bare === tcp.length ? "" : ` in ${bare} of ${tcp.length} rows`;
    blind.push(
      `tcp destinations have no address label${some}: connections of one workload cannot be told apart ` +
        "(Istio's Telemetry API adds destination_address)",
    );
  }
  if (without(names.sni) === tcp.length)
    blind.push("tls destinations have no SNI label: they are known by address only");
  return blind;
}
