/** The lines of the map: one for each pair of lines and state. Their height is known, so nothing is measured. */
import { states } from "./flows.ts";
import type { Link, Picture, Side } from "./groups.ts";
import { some } from "./words.ts";

interface LinksProps {
  drawn: Picture;
  /** The height of a line of the columns, px. */
  row: number;
  /** What is pointed at: a line and those that are unfolded from it. */
  hot: { side: Side; first: number; last: number } | null;
}

/** So many can be followed without pointing at one. */
const few = 120;
/** So many blocked and new ones would hide all else. */
const crowd = 250;

export function Links({ drawn, row, hot }: LinksProps) {
  const height = Math.max(drawn.from.length, drawn.to.length) * row;
  const loud = drawn.links.filter(({ state }) => state === "blocked" || state === "new").length;
  const told = `${some(drawn.links.length, "line")} from ${drawn.from.length} to ${drawn.to.length}; the table below has every flow`;
  return (
    <svg
      class={`links${hot === null ? "" : " some"}${drawn.links.length < few ? " few" : loud > crowd ? " crowd" : ""}`}
      viewBox={`0 0 100 ${height}`}
      height={height}
      preserveAspectRatio="none"
      role="img"
      aria-label={`Map of flows: ${told}`}
    >
      {drawn.links.map((link) => (
        <path
          key={`${link.from} ${link.to} ${link.state}`}
          class={classOf(link, drawn, hot)}
          d={curve(link, row)}
          stroke-dashoffset={(link.from * 7 + link.to * 5) % 34}
          stroke-width={Math.min(6, 1.2 + 0.8 * Math.log2(link.count))}
        />
      ))}
    </svg>
  );
}

function classOf(link: Link, { from, to }: Picture, hot: LinksProps["hot"]): string {
  if (hot !== null && hot.first <= link[hot.side] && link[hot.side] <= hot.last) return `${link.state} hot`;
  return from[link.from]?.kind === "more" || to[link.to]?.kind === "more" ? `${link.state} away` : link.state;
}

/** Beside each other where there are several states, so that none hides another. */
function curve({ from, to, state }: Link, row: number): string {
  const beside = (states.indexOf(state) - 1.5) * (row / 9);
  const [a, b] = [from, to].map((at) => Math.round((at + 0.5) * row + beside));
  return `M0 ${a}C45 ${a} 55 ${b} 100 ${b}`;
}
