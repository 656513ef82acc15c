/** One destination: its names with evidence, its callers, its time line, what was decided, and its manifests. */
import { useEffect, useRef } from "preact/hooks";
import type { PageCluster } from "../lib/report/page/data.ts";
import { Callers } from "./callers.tsx";
import { Finding } from "./findings.tsx";
import { type Row, states } from "./flows.ts";
import { Manifests } from "./manifests.tsx";
import { TimeLine } from "./time-line.tsx";
import { clock, number, sign, some } from "./words.ts";

interface DetailProps {
  cluster: PageCluster;
  rows: readonly Row[];
  label: string;
  madeAt: number;
  close: () => void;
}

export function Detail({ cluster, rows, label, madeAt, close }: DetailProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const own = rows.filter(({ destination }) => destination === label);
  const group = own[0]?.group ?? "";
  const findings = cluster.findings.filter(({ to }) => to !== null && cluster.destinations[to]?.label === label);
  const total = own.reduce((sum, { flow }) => sum + flow.count, 0);
  const [first, last] = [Math.min(...own.map(({ flow }) => flow.first)), Math.max(...own.map(({ flow }) => flow.last))];
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click beside the sheet closes it, as Escape does by itself
    <dialog
      ref={dialog}
      class="detail"
      aria-labelledby="detail-title"
      onClose={close}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <div class="sheet">
        <div class="top">
          <div>
            <h2 id="detail-title">
              <bdi>{label}</bdi>
            </h2>
            <p class="quiet">
              {group !== label && (
                <>
                  <bdi>{group}</bdi> ·{" "}
                </>
              )}
              at least {some(total, "call")} in {some(own.length, "flow")}, {clock(first)} to {clock(last)} UTC
            </p>
            <p class="badges">
              {states.map((state) => {
                const count = own.filter((row) => row.state === state).length;
                return count === 0 ? null : (
                  <span key={state} class={`badge ${state}`}>
                    <span aria-hidden="true">{sign[state]}</span> {number(count)} {state}
                  </span>
                );
              })}
            </p>
          </div>
          <button type="button" class="close" aria-label="Close" onClick={() => dialog.current?.close()}>
            ✕
          </button>
        </div>
        {findings.length > 0 && (
          <>
            <h3>Open findings</h3>
            <ul class="findings">
              {findings.map((one) => (
                <Finding key={one.id} finding={one} to={null} show={() => undefined} />
              ))}
            </ul>
          </>
        )}
        <h3>Names, and how far to trust them</h3>
        <Names cluster={cluster} rows={own} />
        <h3>Time line</h3>
        <TimeLine rows={own} end={cluster.lastRun ?? madeAt} />
        <h3>Callers</h3>
        <Callers cluster={cluster} rows={own} />
        <h3>Manifest</h3>
        <Manifests cluster={cluster} rows={own} />
      </div>
    </dialog>
  );
}

const mostReasons = 3;

function Names({ cluster, rows }: { cluster: PageCluster; rows: readonly Row[] }) {
  const all = Map.groupBy(
    rows.flatMap(({ flow }) => flow.names),
    ({ name, trust }) => JSON.stringify([name, trust]),
  );
  if (all.size === 0) return <p class="quiet">Nobody has a name for it yet.</p>;
  return (
    <ul class="names">
      {[...all].map(([key, same]) => {
        const reasons = [...new Set(same.map(({ why }) => why))];
        const more = reasons.length - mostReasons;
        return (
          <li key={key}>
            <bdi>{same[0]?.name}</bdi> <span class={`trust ${same[0]?.trust}`}>{same[0]?.trust}</span>{" "}
            <span class="quiet">by {[...new Set(same.map(({ from }) => from))].join(", ")}</span>
            {reasons.slice(0, mostReasons).map((why) => (
              <p key={why} class="quiet">
                <bdi>{cluster.texts[why]}</bdi>
              </p>
            ))}
            {more > 0 && <p class="quiet">and {some(more, "more reason")}, of other flows</p>}
          </li>
        );
      })}
    </ul>
  );
}
