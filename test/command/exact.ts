/** What a test of counts compares: findings and the truth, each spelled as a line. */
import type { FindingDocument } from "../../lib/report/scan-schema.ts";
import type { Flow } from "../mesh/truth.ts";
import type { Scan } from "./exact-servers.ts";

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** Of a source and a destination, what tells them from others. */
export type Who = { source: Pick<Flow["source"], "namespace" | "workload"> } & Pick<
  Flow,
  "verdict" | "protocol" | "host" | "address" | "port"
>;

export function spelled({ source, verdict, protocol, host, address, port }: Who): string {
  return JSON.stringify([source.namespace, source.workload, verdict, protocol, host ?? address, port]);
}

/** What one scan is to find. */
export interface Found {
  window: [from: number, to: number];
  /** `spelled` and the count, sorted. */
  found: string[];
}

/** Learns up to `learned`, scans at each time, and answers what was new in each. */
export async function findings(scan: Scan, learned: number, times: readonly number[]): Promise<Found[]> {
  await scan(learned, "--learn", "3h");
  const all: Found[] = [];
  for (const time of times) {
    const { run, findings } = await scan(time);
    const found = findings.filter((one) => one.kind.startsWith("new-")).map(told);
    all.push({ window: [Date.parse(run.from), Date.parse(run.to)], found: found.sort() });
  }
  return all;
}

const told = ({ source, destination, count }: FindingDocument) => `${spelled({ source, ...destination })} ${count}`;
