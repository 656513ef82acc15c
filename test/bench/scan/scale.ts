/** (a) A whole scan, from the start of its process to its end, beside what it must ask, asked by curl in turn. */
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

type Tls = "none" | "half";

const words: Record<Kind, string> = { quiet: "nothing new", new: "10 new" };

/** Rows of both kinds of fleet and of run; `details` has every round. */
export async function benchScan(size: ScanSize): Promise<{ rows: Row[]; details: object[] }> {
  const rows: Row[] = [];
  const details: object[] = [];
  for (const tls of size.isFull ? (["none", "half"] as const) : (["half"] as const)) {
    const held = await hold({ ...size, tls });
    try {
      for (const kind of ["quiet", "new"] as const) {
        const found = await compare(held, kind, { ...size, tls });
        const series = size.flows * size.pods;
        const name = `scan of ${size.flows} flows in ${series} series${tls === "half" ? ", half of them TLS" : ""}, ${words[kind]}`;
        const isLimited = size.isFull && kind === "quiet";
        rows.push(
          rowOf("a", {
            ...{ figure: `${name}: from start to end`, unit: "ms", ours: found.ms, baseline: found.queryMs },
            // The limit is for one large question.
            ...{ against: found.against, limit: isLimited && tls === "none" ? { of: "ratio", most: 1.5 } : undefined },
          }),
          rowOf("a", {
            ...{ figure: `${name}: most memory`, unit: "MB", ours: found.peakMB, baseline: found.bareMB },
            ...{ against: "a Node that does nothing", limit: isLimited ? { of: "ours", most: 120 } : undefined },
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
async function compare(held: Held, kind: Kind, { flows, fresh, rounds, tls }: ScanSize & { tls: Tls }) {
  const { against, ask } = await asking(held, kind, tls);
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
    against,
    times,
  };
}

/** Of the questions that every run asks, the one that takes longest; where two of them are large, all at once. */
async function asking(
  { prometheus }: Held,
  kind: Kind,
  tls: Tls,
): Promise<{ against: string; ask: () => Promise<number> }> {
  const { asker, timed } = client(prometheus.url, endOf[kind] / 1000);
  if (tls === "half") return { against: `all that it must ask at once, by ${asker}`, ask: () => timed(questions()) };
  const all: { query: string; ms: number }[] = [];
  for (const query of questions()) all.push({ query, ms: await timed([query]) });
  const [first] = all.sort((a, b) => b.ms - a.ms);
  return { against: `the slowest query it must make, by ${asker}`, ask: () => timed([first?.query ?? ""]) };
}

/** curl, or fetch where there is none: how long it takes to ask these at once, ms. */
function client(url: string, time: number): { asker: string; timed: (queries: readonly string[]) => Promise<number> } {
  const place = `${url}/api/v1/query`;
  try {
    const curl = toolPath("curl");
    const args = (query: string) =>
      ["-sf", "-o", "/dev/null"].concat([
        "--data-urlencode",
        `query=${query}`,
        "--data-urlencode",
        `time=${time}`,
        place,
      ]);
    const all = (queries: readonly string[]) => queries.flatMap((query) => ["--next", ...args(query)]).slice(1);
    return { asker: "curl", timed: async (queries) => took(curl, ["--parallel", ...all(queries)]).ms };
  } catch {
    const headers = { "accept-encoding": "identity" };
    const ask = async (query: string) => {
      const body = new URLSearchParams({ query, time: `${time}` });
      await (await fetch(place, { method: "POST", headers, body })).arrayBuffer();
    };
    const timed = async (queries: readonly string[]) => {
      const started = performance.now();
      await Promise.all(queries.map(ask));
      return performance.now() - started;
    };
    return { asker: "fetch", timed };
  }
}
