/** What a soak came to: by quarter, and whether it is flat. Pure. */
import type { Mark, Soaked } from "./soak.ts";

/** The heap may grow by so much a run, in bytes, over the later half of the runs, once the process has made such runs before. */
export const mostGrowth = 100;
/** The state file may hold so much for each destination that was ever called, in bytes, and so much whatever was called. */
export const mostForEach = 4_000;
export const mostAtAll = 300_000;

/** Bytes of heap a run, over the later half: least squares over the marks. */
export function growth({ marks, runs }: Pick<Soaked, "marks" | "runs">): number {
  const late = marks.filter(({ run }) => run > runs / 2);
  const mean = (all: readonly number[]) => all.reduce((sum, one) => sum + one, 0) / all.length;
  const [middle, level] = [mean(late.map(({ run }) => run)), mean(late.map(({ heap }) => heap))];
  const covariance = mean(late.map(({ run, heap }) => (run - middle) * (heap - level)));
  return covariance / mean(late.map(({ run }) => (run - middle) ** 2));
}

/** What is not as it should be; none where all is. */
export function faultsOf(soaked: Soaked): string[] {
  const { marks, quiet } = soaked;
  const grown = growth(soaked);
  const often = new Set(quiet.map((one) => [...one].sort((a, b) => b[1] - a[1])[0]?.[0]));
  return [
    ...soaked.faults,
    ...(grown > mostGrowth ? [`the heap grows by ${Math.round(grown)} bytes a run`] : []),
    ...marks.flatMap(({ run, bytes, called }) =>
      bytes > mostAtAll + mostForEach * called
        ? [`after ${run} runs the state has ${bytes} bytes for ${called} destinations`]
        : [],
    ),
    ...(often.size > 1 ? [`a quiet run asks ${[...often].join(", ")} queries`] : []),
  ];
}

export function table(soaked: Soaked): Record<string, string | number>[] {
  const { marks, runs, quiet } = soaked;
  return [1, 2, 3, 4].map((quarter) => {
    const mark: Mark | undefined = marks.findLast(({ run }) => run <= (runs * quarter) / 4);
    const {
      sighting = 0,
      told_finding: told = 0,
      answer = 0,
      receipt = 0,
      open_finding: open = 0,
      habit = 0,
    } = mark?.rows ?? {};
    const own = quiet[quarter - 1] ?? new Map<number, number>();
    const [usual = 0] = [...own].sort((a, b) => b[1] - a[1])[0] ?? [];
    return {
      "after runs": mark?.run ?? 0,
      "heap, MB": Number(((mark?.heap ?? 0) / 1e6).toFixed(2)),
      "state, KB": Math.round((mark?.bytes ?? 0) / 1000),
      destinations: mark?.called ?? 0,
      sightings: sighting,
      "told findings": told,
      "open findings": open,
      answers: answer,
      receipts: receipt,
      habits: habit,
      "queries of a quiet run": usual,
    };
  });
}
