import { number } from "./words.ts";

/** Calls of each five minutes, the last ones, as bars. */
export function Spark({ values }: { values: readonly number[] }) {
  const shown = values.slice(-60);
  const most = Math.max(1, ...shown);
  const told = `Calls of each five minutes, ${shown.length} of them: the most ${number(most)}, the last ${number(shown.at(-1) ?? 0)}`;
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${shown.length * 4} 24`}
      width={shown.length * 4}
      height="24"
      role="img"
      aria-label={told}
    >
      <title>{told}</title>
      {shown.map((value, at) => {
        const height = Math.max(1, (22 * value) / most);
        return <rect key={at} x={at * 4} y={24 - height} width="3" height={height} />;
      })}
    </svg>
  );
}
