/** A textfile that several clusters share: what one run tells goes in, what the others told stays. Pure. */
import { exposition, type Sample, sampleLine } from "../report/exposition.ts";
import { lastSuccess, ownMetricNames } from "../report/self.ts";

/**
 * The file's new text.
 * @param before the old one; what is not ours is dropped, so that a damaged file mends itself
 * @param isDone the run finished: nothing of the cluster's earlier runs stays. Else all stays but what the failed run tells anew
 */
export function merged(before: string, samples: readonly Sample[], cluster: string, isDone: boolean): string {
  const told = new Set(samples.map(({ name }) => name));
  const isOver = (name: string) => isDone || told.has(name);
  const lines = new Map<string, string[]>();
  for (const line of before.split("\n")) {
    const name = nameOf(line);
    if (name === null || (isOf(line, name, cluster) && isOver(name))) continue;
    lines.set(name, [...(lines.get(name) ?? []), line]);
  }
  const known = new Map(samples.map((one) => [one.name, one]));
  const names = ownMetricNames.filter((name) => lines.has(name) || known.has(name));
  const heads = new Map(headLines(before));
  return names
    .map((name) => {
      const own = exposition(samples.filter((one) => one.name === name))
        .split("\n")
        .slice(0, -1);
      const [help = heads.get(`# HELP ${name}`) ?? `# HELP ${name} Of egress-scout.`, type = `# TYPE ${name} gauge`] =
        own;
      return [help, type, ...own.slice(2), ...(lines.get(name) ?? [])].map((line) => `${line}\n`).join("");
    })
    .join("");
}

/** The metric of a whole line that is ours; null for all else. */
function nameOf(line: string): string | null {
  const [, name = ""] = /^(egress_scout_[a-z_]+)\{(?:[a-z]+="(?:[^"\\]|\\["\\n])*",?)+\} [0-9eE.+-]+$/.exec(line) ?? [];
  return ownMetricNames.includes(name) ? name : null;
}

function isOf(line: string, name: string, cluster: string): boolean {
  const begin = sampleLine({ name, labels: { cluster }, value: 0 }).slice(0, -"} 0".length);
  return line.startsWith(`${begin},`) || line.startsWith(`${begin}}`);
}

const headLines = (text: string): [string, string][] =>
  text.split("\n").flatMap((line) => {
    const [, head] = /^(# HELP \S+) /.exec(line) ?? [];
    return head === undefined ? [] : [[head, line] as [string, string]];
  });

/** When a cluster's last run finished, Unix seconds, by such a file; null where it tells none. */
export function lastSuccessIn(text: string, cluster: string): number | null {
  const line = text.split("\n").find((one) => nameOf(one) === lastSuccess && isOf(one, lastSuccess, cluster));
  return line === undefined ? null : Number(line.slice(line.lastIndexOf(" ") + 1));
}
