/** What a run's rows cannot show. Pure. */
import type { Blindness, Counted, LabelNames, Series } from "../model.ts";
import { known } from "./source.ts";

/** Looks at the TCP rows: without an address label their destinations are one, without an SNI label they have no name. */
export function blindSpots(counted: readonly Counted<Series>[], names: LabelNames): Blindness[] {
  const tcp = counted
    .filter((one) => one.counter === "opened" || one.counter === "closed")
    .flatMap((one) => one.series);
  if (tcp.length === 0) return [];
  const without = (labels: readonly string[]) =>
    tcp.filter((one) => labels.every((name) => known(one.labels, name) === null)).length;
  const blind: Blindness[] = [];
  const bare = without(names.address);
  const mend = "connections of one workload cannot be told apart (Istio's Telemetry API adds destination_address)";
  if (bare === tcp.length) blind.push({ code: "no-address", text: `tcp destinations have no address label: ${mend}` });
  else if (bare > 0) {
    const text = `tcp destinations have no address label in ${bare} of ${tcp.length} rows: ${mend}`;
    blind.push({ code: "some-addresses", text });
  }
  if (without(names.sni) === tcp.length) {
    blind.push({ code: "no-sni", text: "tls destinations have no SNI label: they are known by address only" });
  }
  return blind;
}
