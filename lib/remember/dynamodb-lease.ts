/**
 * The lease of a cluster: a name and a time in its head. It is renewed while its run lives, and ends by itself where that was killed. A run that
 * lost its lease cannot write any more: each write asks for the name (fencing), so that clocks that differ cost a run, never the state.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { busyCluster } from "./dynamodb-error.ts";
import { type Head, version } from "./dynamodb-head.ts";
import type { Table } from "./dynamodb-table.ts";

export interface LeaseSettings {
  /** A clock, ms. */
  now: () => number;
  /** For how long a lease is taken at a time, ms. */
  leaseFor: number;
  /** When this process ends at the latest, ms; null where nobody knows. */
  endsBy: number | null;
}

export interface Held {
  owner: string;
  /** The head as it was when the lease was taken. */
  head: Head;
  /** Until when it is ours by our own clock, if it is written now. */
  until(): number;
  /** It is renewed no more, and ends by itself. */
  abandon(): void;
  release(): Promise<void>;
}

/** Clocks may differ by so much, ms, before a run takes a lease too early. */
export const skew = 5_000;
/**
 * A lease is never taken for longer, ms: one that seems to last longer was taken by a clock that was ahead, which may be by a year. A run that
 * has it all the same loses it, and cannot write.
 */
const longestLease = 20 * 60_000;

const isOver = (until: number, now: number): boolean => until < now - skew || until > now + longestLease + skew;
/** The same, for DynamoDB to judge. */
export const free = {
  condition: "(attribute_not_exists(#owner) OR #until < :past OR #until > :beyond)",
  at: (now: number) => ({ past: now - skew, beyond: now + longestLease + skew }),
};

const firstStep = 100;
const longestStep = 2_000;

/** @throws ScoutError `store/busy` when the other run takes longer than `patience` milliseconds */
export async function takeLease(
  table: Table,
  cluster: string,
  patience: number,
  { now, leaseFor, endsBy }: LeaseSettings,
): Promise<Held> {
  const owner = randomUUID();
  // So much before the end that whoever comes then need not wait for the margin.
  const until = () => Math.min(now() + leaseFor, (endsBy ?? Number.POSITIVE_INFINITY) - skew);
  let head: Head | null = null;
  let step = firstStep;
  for (let waited = 0; head === null; waited += step, step = Math.min(longestStep, step * 1.5)) {
    head = await tryToTake(table, cluster, owner, { until: until(), now: now() });
    for (; head === null; waited += step, step = Math.min(longestStep, step * 1.5)) {
      const { lease } = await table.head(cluster);
      if (lease === null || isOver(lease.until, now())) break;
      if (waited >= patience) {
        const left = Math.ceil((lease.until + skew - now()) / 1000);
        throw busyCluster(table.name, cluster, `its lease ends in ${left} s, unless it is renewed`);
      }
      await wait(Math.min(step, patience - waited));
    }
  }
  const renewing = setInterval(() => void renew(table, cluster, owner, until()), leaseFor / 3);
  renewing.unref();
  return {
    owner,
    head,
    until,
    abandon: () => clearInterval(renewing),
    async release() {
      clearInterval(renewing);
      // Where this fails the run is done all the same: the lease ends by itself.
      await table
        .updateHead(cluster, { set: {}, remove: ["owner", "until"], condition: "#owner = :owner", values: { owner } })
        .catch(() => null);
    },
  };
}

/** Null where another has it. */
async function tryToTake(
  table: Table,
  cluster: string,
  owner: string,
  { until, now }: { until: number; now: number },
): Promise<Head | null> {
  const taken = await table.updateHead(cluster, {
    set: { owner, until, version },
    condition: `(attribute_not_exists(#version) OR #version <= :version) AND ${free.condition}`,
    values: free.at(now),
  });
  if (taken !== null) return taken;
  // A request that was sent twice may have been ours.
  const head = await table.head(cluster);
  return head.lease?.owner === owner ? head : null;
}

/** Where it fails it is tried again, and a lease that is lost shows when the run writes. */
async function renew(table: Table, cluster: string, owner: string, until: number): Promise<void> {
  await table
    .updateHead(cluster, { set: { until }, condition: "#owner = :owner", values: { owner } })
    .catch(() => null);
}
