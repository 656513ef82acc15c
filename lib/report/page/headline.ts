/** How a mesh stands, in one line. Pure. */

import { clock, formatDuration } from "../../words/duration.ts";
import { grouped } from "../../words/grouped.ts";
import type { PageFlow } from "./data.ts";
import type { ClusterTold } from "./told.ts";

const minute = 60_000;

/**
 * `prod-eu: 2 findings open, 1 critical; 990 flows from 96 workloads to 812 destinations: 3 blocked, 14 new in the last day; 61 % covered; the
 * last run ended at … UTC (4m before this page was made).` Blocked and new are counted as the filter counts them: a flow is one of them.
 * @param at when the page is made, ms
 */
export function headlineOf(
  {
    cluster,
    lastRun,
    open,
    leftOut,
    namespaces,
  }: Pick<ClusterTold, "cluster" | "lastRun" | "open" | "leftOut" | "namespaces">,
  flows: readonly PageFlow[],
  { destinations, isCoverageKnown, at }: { destinations: number; isCoverageKnown: boolean; at: number },
): string {
  const workloads = new Set(flows.map(({ namespace, workload }) => `${namespace}/${workload}`)).size;
  const count = (isOne: (flow: PageFlow) => boolean) => flows.filter(isOne).length;
  const sum = (all: readonly number[]) => all.reduce((one, other) => one + other, 0);
  const passing = sum(namespaces.map((one) => one.flows));
  const covered = sum(namespaces.map((one) => one.covered));
  const critical = open.filter(({ severity }) => severity === "critical").length;
  const blocked = count((one) => one.isBlocked);
  const all = `${leftOut === 0 ? "" : `${grouped(flows.length)} of `}${some(flows.length + leftOut, "flow")}`;
  const parts = [
    open.length === 0
      ? "no finding is open"
      : `${some(open.length, "finding")} open${critical === 0 ? "" : `, ${critical} critical`}`,
    `${all} from ${some(workloads, "workload")} to ${some(destinations, "destination")}: ${grouped(blocked)} blocked, ${grouped(count((one) => one.isNew && !one.isBlocked))} new in the last day`,
    isCoverageKnown ? `${passing === 0 ? 100 : Math.floor((100 * covered) / passing)} % covered` : "coverage not known",
    lastRun === null ? "no run has ended yet" : `the last run ended at ${clock(lastRun)} (${ago(at - lastRun)})`,
  ];
  return `${cluster}: ${parts.join("; ")}.`;
}

const some = (count: number, noun: string) => `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;

function ago(time: number): string {
  if (time < minute) return "less than a minute before this page was made";
  const unit = time < 60 * minute ? minute : time < 48 * 60 * minute ? 60 * minute : 24 * 60 * minute;
  return `${formatDuration(Math.floor(time / unit) * unit)} before this page was made`;
}
