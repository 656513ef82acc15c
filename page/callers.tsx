/** Who calls a destination, whose they are, and what was decided about it. */
import { useState } from "preact/hooks";
import type { PageCluster, PageVerdict } from "../lib/report/page/data.ts";
import { CopyButton } from "./copy.tsx";
import type { Row } from "./flows.ts";
import { clock, number, sign } from "./words.ts";

/** The manifests are below them: who wants to read of more callers says so. */
const first = 5;

export function Callers({ cluster, rows }: { cluster: PageCluster; rows: readonly Row[] }) {
  const [isWhole, setWhole] = useState(false);
  return (
    <>
      <ul class="callers">
        {(isWhole ? rows : rows.slice(0, first)).map((row) => (
          <Caller key={row.flow.id} cluster={cluster} row={row} />
        ))}
      </ul>
      {!isWhole && rows.length > first && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {number(rows.length)} callers
        </button>
      )}
    </>
  );
}

function Caller({ cluster, row: { flow, state } }: { cluster: PageCluster; row: Row }) {
  const where = [
    flow.protocol,
    flow.port === null ? "port not known" : `port ${flow.port}`,
    ...(flow.address === null ? [] : [`at ${flow.address}`]),
    ...(flow.sni === null ? [] : [`SNI ${flow.sni}`]),
  ];
  return (
    <li>
      <p>
        <b>
          <bdi>
            {flow.namespace}/{flow.workload}
          </bdi>
        </b>{" "}
        <span class={`badge ${state}`}>
          <span aria-hidden="true">{sign[state]}</span> {state}
        </span>{" "}
        <bdi class="quiet">{where.join(", ")}</bdi>
      </p>
      <dl>
        <dt>Calls</dt>
        <dd>
          at least {number(flow.count)}, {clock(flow.first)} to {clock(flow.last)}
        </dd>
        <dt>Owner</dt>
        <dd>
          {flow.team === null ? (
            "not known: a label of Prometheus would tell"
          ) : (
            <bdi>{`${flow.team} (${flow.teamFrom})`}</bdi>
          )}
        </dd>
        <dt>Verdict</dt>
        <dd>{flow.verdict === null ? "none yet" : <bdi>{verdictText(flow.verdict)}</bdi>}</dd>
        {flow.why !== null && (
          <>
            <dt>{flow.isCovered === true ? "Covered" : "Not covered"}</dt>
            <dd>
              <bdi>{cluster.texts[flow.why]}</bdi>
            </dd>
          </>
        )}
        <dt>Finding</dt>
        <dd>
          <code>{flow.id}</code> <CopyButton label="Copy the id" text={() => flow.id} />
        </dd>
      </dl>
    </li>
  );
}

function verdictText({ verdict, by, reason, at, until }: PageVerdict): string {
  const parts = [
    by === null ? "" : `by ${by}`,
    at === null ? "" : `on ${clock(at)}`,
    until === null ? "" : `until ${clock(until)}`,
  ];
  return [verdict, ...parts.filter((one) => one !== ""), ...(reason === null ? [] : [`(${reason})`])].join(" ");
}
