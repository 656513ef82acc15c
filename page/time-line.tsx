/** When a destination was called, as far as it is remembered: from first to last seen, and what was found in between. */
import type { Row } from "./flows.ts";
import { clock, some } from "./words.ts";

const most = 20;

interface TimeLineProps {
  rows: readonly Row[];
  /** Of the last run, ms. */
  end: number;
}

export function TimeLine({ rows, end }: TimeLineProps) {
  const marks = rows.flatMap(({ flow }) => flow.marks);
  const from = Math.min(...rows.map(({ flow }) => flow.first), ...marks.map(({ at }) => at));
  const to = Math.max(end, ...rows.map(({ flow }) => flow.last), from + 60_000);
  const x = (time: number) => (1000 * (time - from)) / (to - from);
  return (
    <div class="times">
      <ul>
        {rows.slice(0, most).map(({ flow, state }) => (
          <li key={flow.id}>
            <bdi class="who">
              {flow.namespace}/{flow.workload}
              {flow.port === null ? "" : ` :${flow.port}`}
            </bdi>
            <svg viewBox="0 0 1000 16" height="16" preserveAspectRatio="none" aria-hidden="true">
              <path class="track" d="M0 8H1000" />
              <path class={`seen ${state}`} d={`M${x(flow.first)} 8H${Math.max(x(flow.last), x(flow.first) + 4)}`} />
              {flow.marks.map(({ kind, at }) => (
                <path key={`${kind} ${at}`} class="mark" d={`M${Math.min(996, Math.max(4, x(at)))} 0V16`} />
              ))}
            </svg>
            <span class="quiet">
              {clock(flow.first)} – {clock(flow.last)}
              {flow.marks.map(({ kind, at, until }) => (
                <span key={`${kind} ${at}`} class="told">
                  <span aria-hidden="true">┃</span> {kind} {until === null ? "told" : "open since"} {clock(at)}
                </span>
              ))}
            </span>
          </li>
        ))}
      </ul>
      <p class="axis quiet" aria-hidden="true">
        <span>{clock(from)}</span>
        <span>{clock(to)}</span>
      </p>
      <p class="quiet">
        First and last call, good to a day; calls in between are not remembered one by one.
        {rows.length > most && ` ${some(rows.length - most, "more flow")} not drawn.`}
      </p>
    </div>
  );
}
