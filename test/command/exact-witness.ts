/** Sees every sample of every counter, and nothing else: what can be known of a mesh through scrapes, worked out without lib/. */
import type { Pod } from "../mesh/mesh.ts";

/** What one scrape saw of one flow. */
export interface Glimpse {
  at: number;
  flow: string;
  grown: number;
}

export interface Witness {
  glimpses: readonly Glimpse[];
  /** The pod counted so many of a flow, in the counter that `variant` tells from others of that flow. */
  counts(pod: Pod, flow: string, variant: string, times: number): void;
  /** The pod's counters are gone. */
  forgets(pod: Pod): void;
  scrapes(at: number): void;
}

/** Mirrors what each pod's counters show, and adds up their growth from scrape to scrape. */
export function createWitness(): Witness {
  const shown = new Map<Pod, Map<string, { flow: string; value: number }>>();
  const before = new Map<string, number>();
  const glimpses: Glimpse[] = [];
  return {
    glimpses,
    counts(pod, flow, variant, times) {
      const counters = shown.get(pod) ?? new Map<string, { flow: string; value: number }>();
      shown.set(pod, counters);
      const counter = counters.get(`${flow} ${variant}`) ?? { flow, value: 0 };
      counters.set(`${flow} ${variant}`, { flow, value: counter.value + times });
    },
    forgets: (pod) => void shown.delete(pod),
    scrapes(at) {
      for (const [pod, counters] of shown) {
        for (const [name, { flow, value }] of counters) {
          const last = before.get(`${pod.name} ${name}`) ?? 0;
          before.set(`${pod.name} ${name}`, value);
          glimpses.push({ at, flow, grown: value >= last ? value - last : value });
        }
      }
    },
  };
}

/** The flows first glimpsed in (from, to], each with its count there. */
export function news(glimpses: readonly Glimpse[], from: number, to: number): string[] {
  const known = new Set(glimpses.filter((one) => one.at <= from).map((one) => one.flow));
  const counts = new Map<string, number>();
  for (const { at, flow, grown } of glimpses) {
    if (at > from && at <= to && !known.has(flow)) counts.set(flow, (counts.get(flow) ?? 0) + grown);
  }
  return [...counts].map(([flow, count]) => `${flow} ${count}`).sort();
}
