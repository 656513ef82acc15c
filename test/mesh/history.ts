/** A past for Prometheus: the same simulated mesh, driven by a timetable and sampled as a scrape would, as OpenMetrics text. */
import { type Counter, labelText } from "./counters.ts";
import { createMesh, type Mesh, type Target } from "./mesh.ts";
import { type JobKind, jobKinds, type ScrapeOptions, targetLabels, usualJobs } from "./serve.ts";
import type { Telling } from "./telling.ts";

export interface Span {
  /** Milliseconds since the Unix epoch, both ends included. */
  from: number;
  to: number;
  everyMs: number;
}

export interface Timetable {
  /** Does something once at that time. */
  at(timeMs: number, does: () => void): void;
  /** Does something again and again; it gets how often it was done before. */
  every(span: Span, does: (before: number) => void): void;
}

export interface Past {
  /** For `createBlocks`, a series at a time: the text of a long past is larger than a string may be. */
  chunks(): Iterable<string>;
  /** The same as one string. */
  text(): string;
  /** Knows the truth; its clock stands at the end of the past until `now` moves it. */
  mesh: Mesh;
  /** Sets the mesh's clock, for calls after the past. */
  now(timeMs: number): void;
}

/**
 * Lets `script` make pods and fill the timetable, then plays it and scrapes all pods at `from`, `from + everyMs`, … up to `to`. What is
 * done at the very time of a scrape is in that scrape.
 */
export function history(
  script: (mesh: Mesh, timetable: Timetable) => void,
  span: Span,
  settings: Telling & ScrapeOptions = {},
): Past {
  let clock = span.from;
  const mesh = createMesh({ ...settings, clock: () => clock });
  const steps: { at: number; does: () => void }[] = [];
  script(mesh, {
    at: (at, does) => void steps.push({ at, does }),
    every({ from, to, everyMs }, does) {
      for (let at = from, n = 0; at <= to; at += everyMs, n++) {
        const before = n;
        steps.push({ at, does: () => does(before) });
      }
    },
  });
  // Stable: what is due at one time is done in the order it was asked for.
  steps.sort((a, b) => a.at - b.at);
  const kinds = settings.jobs?.map((job) => jobKinds[job]) ?? usualJobs(mesh);
  const samples = createSamples(kinds, settings.replicas ?? [""]);
  let next = 0;
  for (let scrape = span.from; scrape <= span.to; scrape += span.everyMs) {
    for (let step = steps[next]; step !== undefined && step.at <= scrape; step = steps[++next]) {
      clock = step.at;
      step.does();
    }
    clock = scrape;
    for (const target of mesh.targets()) samples.scrape(target, scrape);
  }
  return {
    chunks: samples.chunks,
    text: () => [...samples.chunks()].join(""),
    mesh,
    now(timeMs) {
      clock = timeMs;
    },
  };
}

interface Sampled {
  /** The series as both formats spell it. */
  series: string;
  times: number[];
  values: number[];
}

/** Samples by metric and series, since OpenMetrics wants each metric in one piece and promtool each series in order of time. */
function createSamples(kinds: readonly JobKind[], replicas: readonly string[]) {
  const families = new Map<string, Map<string, Sampled>>();
  // Spares the long spelling at every scrape; a restarted pod's counters are others, and find their series again.
  const known = new WeakMap<Counter, Sampled[]>();
  const sampledOf = (target: Target, { metric, text }: Counter): Sampled[] => {
    const family = families.get(metric) ?? new Map<string, Sampled>();
    families.set(metric, family);
    const ends = kinds.flatMap((kind) => replicas.map((replica) => suffixOf(target, kind, replica)));
    return ends.map((end) => {
      const series = `${metric}{${text},${end}}`;
      const sampled = family.get(series) ?? { series, times: [], values: [] };
      family.set(series, sampled);
      return sampled;
    });
  };
  return {
    scrape(target: Target, timeMs: number): void {
      for (const counter of target.counters.all()) {
        const all = known.get(counter) ?? sampledOf(target, counter);
        known.set(counter, all);
        for (const sampled of all) {
          sampled.times.push(timeMs);
          sampled.values.push(counter.value);
        }
      }
    },
    *chunks(): Generator<string> {
      for (const [metric, family] of families) {
        yield `# TYPE ${metric.replace(/_total$/, "")} counter\n`;
        for (const { series, times, values } of family.values()) {
          yield times.map((time, n) => `${series} ${values[n]} ${(time / 1000).toFixed(3)}\n`).join("");
        }
      }
      yield "# EOF\n";
    },
  };
}

function suffixOf(target: Target, kind: JobKind, replica: string): string {
  const { __metrics_path__, ...labels } = targetLabels(target, kind);
  return labelText(replica === "" ? labels : { ...labels, replica });
}
