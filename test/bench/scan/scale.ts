/** (a) A whole scan, from the start of its process to its end, beside the slowest single query that it must make, asked by curl in turn. */
import { toolPath } from "../../tools/ensure.ts";
import { bareMB, took, tookMemory } from "../process.ts";
import { median, type Row, rowOf } from "../row.ts";
import { endOf, expectCounts, type Held, hold, type Kind } from "./held.ts";
import { questions } from "./questions.ts";

export interface ScanSize {
  flows: number;
  pods: number;
  fresh: number;
  rounds: number;
  /** The size that the limits are for. */
  isFull: boolean;
}

const words: Record<Kind, string> = { quiet: "nothing new", new: "10 new" };

/** Rows of both kinds of fleet and of run; `details` has every round. */
export async function benchScan(size: ScanSize): Promise<{ rows: Row[]; details: object[] }> {
  const rows: Row[] = [];
  const details: object[] = [];
  for (const tls of size.isFull ? (["none", "half"] as const) : (["half"] as const)) {
    const held = await hold({ ...size, tls });
    try {
      for (const kind of ["quiet", "new"] as const) {
        const found = await compare(held, kind, size);
        const series = size.flows * size.pods;
        const name = `scan of ${size.flows} flows in ${series} series${tls === "half" ? ", half of them TLS" : ""}, ${words[kind]}`;
        const most = <T>(limit: T) => (size.isFull && kind === "quiet" ? limit : undefined);
        rows.push(
          rowOf("a", {
            ...{ figure: `${name}: from start to end`, unit: "ms", ours: found.ms, baseline: found.queryMs },
            ...{
              against: `the slowest query it must make, by ${found.asker}`,
              limit: most({ of: "ratio", most: 1.5 }),
            },
          }),
          rowOf("a", {
            ...{ figure: `${name}: most memory`, unit: "MB", ours: found.peakMB, baseline: found.bareMB },
            ...{ against: "a Node that does nothing", limit: most({ of: "ours", most: 120 }) },
          }),
        );
        details.push({ flows: size.flows, series, tls, kind, ...found });
      }
    } finally {
      await held.stop();
    }
  }
  return { rows, details };
}

/** In turns, so that what else the machine does meets both; medians. */
async function compare(held: Held, kind: Kind, { flows, fresh, rounds }: ScanSize) {
  const { asker, ask } = await slowest(held, kind);
  const times: { ms: number; queryMs: number }[] = [];
  const wanted = { known: flows, findings: kind === "new" ? fresh : 0 };
  for (let round = 0; round <= rounds; round++) {
    const queryMs = await ask();
    const scan = took(process.execPath, held.scan(kind));
    expectCounts(scan.stdout, wanted);
    // The first reads files into the machine's memory.
    if (round > 0) times.push({ ms: scan.ms, queryMs });
  }
  const peakMB = median([0, 1, 2].map(() => tookMemory(held.scan(kind)).peakMB));
  return {
    ms: median(times.map(({ ms }) => ms)),
    queryMs: median(times.map(({ queryMs }) => queryMs)),
    peakMB,
    bareMB: bareMB(),
    asker,
    times,
  };
}

/** Of the questions that every run asks, the one that takes longest; and who asks it: curl, or fetch where there is none. */
async function slowest({ prometheus }: Held, kind: Kind): Promise<{ asker: string; ask: () => Promise<number> }> {
  const { asker, timed } = asking(prometheus.url, endOf[kind] / 1000);
  const all: { query: string; ms: number }[] = [];
  for (const query of questions()) all.push({ query, ms: await timed(query) });
  const [first] = all.sort((a, b) => b.ms - a.ms);
  return { asker, ask: () => timed(first?.query ?? "") };
}

function asking(url: string, time: number): { asker: string; timed: (query: string) => Promise<number> } {
  const place = `${url}/api/v1/query`;
  try {
    const curl = toolPath("curl");
    const args = (query: string) => [
      "-sf",
      "-o",
      "/dev/null",
      "--data-urlencode",
      `query=${query}`,
      "--data-urlencode",
      `time=${time}`,
      place,
    ];
    return { asker: "curl", timed: async (query) => took(curl, args(query)).ms };
  } catch {
    const timed = async (query: string) => {
      const started = performance.now();
      const headers = { "accept-encoding": "identity" };
      await (
        await fetch(place, { method: "POST", headers, body: new URLSearchParams({ query, time: `${time}` }) })
      ).arrayBuffer();
      return performance.now() - started;
    };
    return { asker: "fetch", timed };
  }
}
