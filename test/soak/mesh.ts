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
}

export interface Mesh {
  stored: Stored[];
  /** Lives until then, ms. Returns the calls of each flow since it was asked last, by name, as far as they were scraped. */
  live(to: number): ReadonlyMap<string, number>;
  /** Flows that were ever called. */
  called: ReadonlySet<string>;
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
  const called = new Set<string>();
  const generation = new Map(workloads.map((name) => [name, 1]));
  const series = new Map<string, Stored>();
  const up: Stored = { metric: "up", labels: {}, values: [] };
  let [now, bursts, number] = [begin, 0, 0];
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
    flows.push({ name, workload, place, isTcp, isBlocked, isJumpy, isOn: true });
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
    const calls = called.has(flow.name) || flow.isOn ? callsOf(flow) : 0;
    const pod = `${flow.workload}-${generation.get(flow.workload)}`;
    const key = `${flow.name} ${pod}`;
    const one = series.get(key);
    if (calls === 0 && one === undefined) return;
    if (calls > 0) {
      called.add(flow.name);
      truth.set(flow.name, (truth.get(flow.name) ?? 0) + calls);
    }
    const last = one?.values.at(-1)?.[1] ?? 0;
    if (one !== undefined) one.values.push([at, last + calls]);
    else series.set(key, { ...seriesOf(flow, pod), values: [[at, calls]] });
  };

  for (let index = 0; index < mostFlows; index++) addFlow(index < 3);

  return {
    called,
    bursts: () => bursts,
    get stored() {
      return [up, ...series.values()];
    },
    live(to) {
      for (; now + scrape <= to; now += scrape) {
        const at = now + scrape;
        for (const name of workloads) {
          if (random.next() < scrape / (3 * day)) generation.set(name, (generation.get(name) ?? 0) + 1);
        }
        for (let left = random.poisson(newEach); left > 0; left--) addFlow();
        for (const flow of flows) count(flow, at);
        up.values.push([at, 1]);
      }
      for (const [key, one] of series) {
        one.values = one.values.filter(([time]) => time > to - kept);
        if (one.values.length === 0) series.delete(key);
      }
      up.values = up.values.filter(([time]) => time > to - kept);
      const lived = truth;
      truth = new Map();
      return lived;
    },
  };
}

function seriesOf({ workload, place, isTcp, isBlocked }: Flow, pod: string): Pick<Stored, "metric" | "labels"> {
  const change = { source_workload: workload, pod, ...(isBlocked ? blocked : {}) };
  return isTcp
    ? { metric: "istio_tcp_connections_opened_total", labels: tcp(place, change) }
    : { metric: "istio_requests_total", labels: http(place, change) };
}
