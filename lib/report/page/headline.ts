/** How a mesh stands, in one line. Pure. */
import { clock, formatDuration } from "../../words/duration.ts";
import type { PageFlow } from "./data.ts";
import type { ClusterTold } from "./told.ts";

const minute = 60_000;

/**
 * `prod-eu: 812 destinations of 96 workloads; 14 new in the last day, 3 blocked; 61 % covered; the last run ended at … UTC (4m ago)`.
 * @param at when the page is made, ms
 */
export function headlineOf(
  { cluster, lastRun }: Pick<ClusterTold, "cluster" | "lastRun">,
  flows: readonly PageFlow[],
  { destinations, isCoverageKnown, at }: { destinations: number; isCoverageKnown: boolean; at: number },
): string {
  const workloads = new Set(flows.map(({ namespace, workload }) => `${namespace}/${workload}`)).size;
  const count = (isOne: (flow: PageFlow) => boolean) => flows.filter(isOne).length;
  const passing = count((one) => !one.isBlocked);
  const covered = count((one) => one.isCovered === true);
  const parts = [
    `${cluster}: ${some(destinations, "destination")} of ${some(workloads, "workload")}`,
    `${count((one) => one.isNew)} new in the last day, ${count((one) => one.isBlocked)} blocked`,
    isCoverageKnown ? `${passing === 0 ? 100 : Math.floor((100 * covered) / passing)} % covered` : "coverage not known",
    lastRun === null ? "no run has ended yet" : `the last run ended at ${clock(lastRun)} (${ago(at - lastRun)})`,
  ];
  return `${parts.join("; ")}.`;
}

const some = (count: number, noun: string) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

function ago(time: number): string {
  if (time < minute) return "less than a minute before this page was made";
  const unit = time < 60 * minute ? minute : time < 48 * 60 * minute ? 60 * minute : 24 * 60 * minute;
  return `${formatDuration(Math.floor(time / unit) * unit)} before this page was made`;
}
