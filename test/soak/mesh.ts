/** A mesh that lives for weeks: destinations come and go, pods are replaced, blocked calls burst. It knows the truth, call by call. */

import { randomOf } from "../bench/detect/random.ts";
import { blocked, http, tcp } from "../observe/make.ts";
import type { Stored } from "../poll/fake-telemetry.ts";

const minute = 60_000;
const hour = 60 * minute;
export const day = 24 * hour;
/** How often it is scraped, ms. */
export const scrape = 10 * minute;
/** Older samples nobody asks for. */
const kept = 27 * hour;
/** So many samples of a series there are at most: those, and what comes before the oldest go. */
const mostSamples = kept / scrape + 60;

/** One workload calling one destination. */
export interface Flow {
  /** `namespace/workload place blocked|allowed`. */
  name: string;
  workload: string;
  /** Host or `ip:port`. */
  place: string;
  isTcp: boolean;
  isBlocked: boolean;
  /** Does it burst? */
  isJumpy: boolean;
  isOn: boolean;
  wasCalled: boolean;
}

/** What was scraped of one counter, without a hole. Numbers lie outside the heap: how many there are goes up and down with the pods. */
interface Counter {
  flow: Flow;
  pod: string;
  /** When the first sample was taken, ms. */
  first: number;
  length: number;
  values: Float64Array;
}

export interface Mesh {
  /** As Prometheus has it, made anew each time. */
  stored(): Stored[];
  /** Lives until then, ms. Returns the calls of each flow since it was asked last, by name, as far as they were scraped. */
  live(to: number): ReadonlyMap<string, number>;
  /** How many flows were ever called. */
  called(): number;
  /** How many bursts there were. */
  bursts(): number;
}

/** So many flows live at once. */
const mostFlows = 50;
const workloads = ["web", "cart", "checkout", "search", "mail", "batch", "login", "media"];

/** @param newEach how many new destinations there are in each scrape, on average */
export function soakMesh(seed: number, begin: number, newEach: number): Mesh {
  const random = randomOf(seed);
  const pick = <T>(all: readonly T[]): T | undefined => all[Math.floor(random.next() * all.length)];
  const flows: Flow[] = [];
  const generation = new Map(workloads.map((name) => [name, 1]));
  const counters = new Map<string, Counter>();
  let [now, oldest, bursts, number, called] = [begin, begin, 0, 0, 0];
  let truth = new Map<string, number>();

  const addFlow = (isJumpy = false) => {
    number += 1;
    const workload = pick(workloads) ?? "web";
    const isTcp = !isJumpy && random.next() < 0.2;
    const isBlocked = isJumpy || (!isTcp && random.next() < 0.15);
    const place = isTcp
      ? `203.0.${Math.floor(number / 250)}.${number % 250}:5432`
      : `api-${number}.partner-${number % 40}.example`;
    const name = `shop/${workload} ${place} ${isBlocked ? "blocked" : "allowed"}`;
    flows.push({ name, workload, place, isTcp, isBlocked, isJumpy, isOn: true, wasCalled: false });
    // As many go as come, for good: what grows with the weeks is not the mesh.
    if (flows.length > mostFlows)
      flows.splice(
        flows.findIndex((one) => !one.isJumpy),
        1,
      );
  };

  const callsOf = (flow: Flow): number => {
    if (flow.isJumpy) {
      const isBurst = random.next() < scrape / (4 * day);
      if (isBurst) bursts += 1;
      return random.poisson(2) + (isBurst ? 400 : 0);
    }
    // On for half a day, off for two.
    if (random.next() < scrape / (flow.isOn ? 12 * hour : 2 * day)) flow.isOn = !flow.isOn;
    return flow.isOn ? random.poisson(1.5) : 0;
  };

  const count = (flow: Flow, at: number) => {
    const calls = flow.wasCalled || flow.isOn ? callsOf(flow) : 0;
    const pod = `${flow.workload}-${generation.get(flow.workload)}`;
    const key = `${flow.name} ${pod}`;
    const one = counters.get(key) ?? { flow, pod, first: at, length: 0, values: new Float64Array(mostSamples) };
    if (calls === 0 && one.length === 0) return;
    if (calls > 0) {
      if (!flow.wasCalled) called += 1;
      flow.wasCalled = true;
      truth.set(flow.name, (truth.get(flow.name) ?? 0) + calls);
    }
    one.values[one.length] = (one.values[one.length - 1] ?? 0) + calls;
    one.length += 1;
    counters.set(key, one);
  };

  for (let index = 0; index < mostFlows; index++) addFlow(index < 3);

  return {
    called: () => called,
    bursts: () => bursts,
    stored: () => [upOf(oldest, now), ...[...counters.values()].map(storedOf)],
    live(to) {
      for (; now + scrape <= to; now += scrape) {
        const at = now + scrape;
        for (const name of workloads) {
          if (random.next() < scrape / (3 * day)) generation.set(name, (generation.get(name) ?? 0) + 1);
        }
        for (let left = random.poisson(newEach); left > 0; left--) addFlow();
        for (const flow of flows) count(flow, at);
      }
      oldest = Math.max(oldest, to - kept);
      for (const [key, one] of counters) {
        forget(one, oldest);
        if (one.length === 0) counters.delete(key);
      }
      const lived = truth;
      truth = new Map();
      return lived;
    },
  };
}

/** Forgets the samples until then. */
function forget(one: Counter, until: number): void {
  const gone = Math.min(one.length, Math.max(0, Math.floor((until - one.first) / scrape) + 1));
  one.values.copyWithin(0, gone);
  one.first += gone * scrape;
  one.length -= gone;
}

const storedOf = ({ flow, pod, first, length, values }: Counter): Stored => ({
  ...seriesOf(flow, pod),
  values: Array.from({ length }, (_, index) => [first + index * scrape, values[index] ?? 0]),
});

/** It was there at each scrape in (from, to]. */
function upOf(from: number, to: number): Stored {
  const length = Math.ceil((to - from) / scrape);
  return {
    ...{ metric: "up", labels: {} },
    values: Array.from({ length }, (_, index) => [to - (length - 1 - index) * scrape, 1]),
  };
}

function seriesOf({ workload, place, isTcp, isBlocked }: Flow, pod: string): Pick<Stored, "metric" | "labels"> {
  const change = { source_workload: workload, pod, ...(isBlocked ? blocked : {}) };
  return isTcp
    ? { metric: "istio_tcp_connections_opened_total", labels: tcp(place, change) }
    : { metric: "istio_requests_total", labels: http(place, change) };
}
