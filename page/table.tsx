/** Every flow, a line each: the map in words. */
import { options } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { type Column, type Order, type Row, sorted } from "./flows.ts";
import { clock, number, sign } from "./words.ts";

const heads: Record<Column, string> = {
  workload: "Workload",
  destination: "Destination",
  state: "State",
  name: "Name",
  calls: "Calls",
  first: "First seen",
  last: "Last seen",
  owner: "Owner",
  verdict: "Verdict",
};
const order = Object.keys(heads) as Column[];
const pageful = 100;

interface TableProps {
  rows: readonly Row[];
  show: (destination: string) => void;
  isCoverageKnown: boolean;
}

export function FlowTable({ rows, show, isCoverageKnown }: TableProps) {
  const [by, setBy] = useState<Order>({ by: "state", isDown: false });
  const [most, setMost] = useState(pageful);
  const all = useMemo(() => sorted(rows, by), [rows, by]);
  useEffect(() => {
    const whole = () => atOnce(() => setMost(Number.POSITIVE_INFINITY));
    addEventListener("beforeprint", whole);
    return () => removeEventListener("beforeprint", whole);
  }, []);
  const sort = (column: Column) =>
    setBy({ by: column, isDown: by.by === column ? !by.isDown : column === "calls" || column === "last" });
  return (
    <section aria-labelledby="flows">
      <div class="title">
        <h2 id="flows" tabIndex={-1}>
          Flows
        </h2>
        {!isCoverageKnown && (
          <p class="hint">
            Which of them are covered is not known: no manifests in force were given (<code>--existing</code>).
          </p>
        )}
      </div>
      <div class="scroll" role="group" aria-labelledby="flows" tabIndex={0}>
        <table class="flows">
          <thead>
            <tr>
              {order.map((column) => (
                <th
                  key={column}
                  class={column}
                  scope="col"
                  aria-sort={by.by !== column ? "none" : by.isDown ? "descending" : "ascending"}
                >
                  <button type="button" onClick={() => sort(column)}>
                    {heads[column]}
                    <span aria-hidden="true">{by.by !== column ? "" : by.isDown ? " ↓" : " ↑"}</span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {all.slice(0, most).map((row) => (
              <FlowLine key={row.flow.id} row={row} show={show} />
            ))}
          </tbody>
        </table>
      </div>
      {all.length > most && (
        <p class="rest">
          {number(most)} of {number(all.length)} shown.{" "}
          <button type="button" onClick={() => setMost(most + 2 * pageful)}>
            Show {number(Math.min(2 * pageful, all.length - most))} more
          </button>{" "}
          <button type="button" onClick={() => setMost(Number.POSITIVE_INFINITY)}>
            Show all
          </button>
        </p>
      )}
      {all.length === 0 && <p class="none">No flow is of that kind.</p>}
    </section>
  );
}

/** Drawn when it returns: what prints does not wait. */
function atOnce(change: () => void): void {
  options.debounceRendering = (draw) => draw();
  change();
  delete options.debounceRendering;
}

function FlowLine({ row, show }: { row: Row; show: (destination: string) => void }) {
  const { flow, state, place, name, destination } = row;
  return (
    <tr>
      <th scope="row" class="workload">
        <bdi class="quiet">{flow.namespace}/</bdi>
        <bdi>{flow.workload}</bdi>
      </th>
      <td class="destination">
        <button type="button" class="plain" aria-haspopup="dialog" onClick={() => show(destination)}>
          <bdi>{place}</bdi>
        </button>{" "}
        <span class="quiet">{flow.protocol}</span>
      </td>
      <td class="state">
        <span class={`badge ${state}`}>
          <span aria-hidden="true">{sign[state]}</span> {state}
        </span>
        {state === "new" && flow.isCovered === true && <span class="quiet"> covered</span>}
        {state === "blocked" && flow.isNew && <span class="quiet"> new</span>}
      </td>
      <td class="name">
        <bdi>{name}</bdi>
      </td>
      <td class="calls">{number(flow.count)}</td>
      <td class="first">{clock(flow.first)}</td>
      <td class="last">{clock(flow.last)}</td>
      <td class="owner">{flow.team === null ? <span class="quiet">not known</span> : <bdi>{flow.team}</bdi>}</td>
      <td class="verdict">{flow.verdict === null ? <span class="quiet">–</span> : flow.verdict.verdict}</td>
    </tr>
  );
}
