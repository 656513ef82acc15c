/** How much a run saw, and what it passed over, in numbers and warnings. Pure. */
import type { Policies } from "./policy/index.ts";
import type { Told } from "./report/document.ts";
import type { Seen } from "./watch.ts";
import { printable } from "./words/printable.ts";

type Sums = Pick<Told, "series" | "observations" | "known" | "blind" | "warnings">;

/** @param policies those of the run; what they ask of labels that are not there is said */
export function tally(seen: Seen, policies: Policies): Sums {
  const { series, keys, known, odd, unjudged, uncounted, unpassed } = seen;
  const byLabel = policies.byLabel.map((name) => printable(name)).join(", ");
  const said: [isSo: boolean, text: string][] = [
    [odd > 0, `${odd} rows hold a value that no counter has (NaN, infinite, negative or huge): they were passed over`],
    [
      unjudged > 0,
      `${unjudged} more known destinations violate a policy than are counted in one run: they are not told`,
    ],
    [
      unpassed > 0,
      `${unpassed} more known destinations go past an entry in force than are counted in one run: they are not told`,
    ],
    [uncounted > 0, `${uncounted} more denied destinations are called than are counted in one run: they are not told`],
    [
      byLabel !== "",
      `policies for workloads by label decide nothing here, since no kube_pod_labels or the like tell those labels: ${byLabel}`,
    ],
  ];
  const warnings = [...said.flatMap(([isSo, text]) => (isSo ? [text] : [])), ...seen.warnings];
  return { series, observations: keys.size, known, blind: seen.blind.map((one) => one.text), warnings };
}
