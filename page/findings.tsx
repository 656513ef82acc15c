/** What is open: the findings whose cause lasts. */
import { useState } from "preact/hooks";
import type { PageCluster, PageFinding } from "../lib/report/page/data.ts";
import { Spark } from "./spark.tsx";
import { clock, number, some } from "./words.ts";

const first = 10;

export function Findings({ cluster, show }: { cluster: PageCluster; show: (destination: string) => void }) {
  const { findings, destinations } = cluster;
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? findings : findings.slice(0, first);
  return (
    <section aria-labelledby="findings">
      <div class="title">
        <h2 id="findings">Open findings</h2>
        <p class="hint">
          {findings.length === 0
            ? "None: nothing lasts that somebody should look at."
            : some(findings.length, "finding")}
        </p>
      </div>
      {shown.length > 0 && (
        <ul class="findings">
          {shown.map((one) => (
            <Finding
              key={one.id}
              finding={one}
              to={one.to === null ? null : (destinations[one.to]?.label ?? null)}
              show={show}
            />
          ))}
        </ul>
      )}
      {!isWhole && findings.length > first && (
        <p class="rest">
          <button type="button" onClick={() => setWhole(true)}>
            Show all {number(findings.length)}
          </button>
        </p>
      )}
    </section>
  );
}

interface FindingProps {
  finding: PageFinding;
  /** Whose details it opens; null for none. */
  to: string | null;
  show: (destination: string) => void;
}

export function Finding({ finding, to, show }: FindingProps) {
  const { kind, severity, summary, source, last, verdict, recent } = finding;
  return (
    <li class={severity}>
      <p class="kind">
        <b>{kind}</b> <span class={`severity ${severity}`}>{severity}</span>
        {verdict !== null && <span class="quiet"> {verdict}</span>}
      </p>
      <p>
        <bdi>{summary === "" ? source : summary}</bdi>
      </p>
      <p class="quiet">
        since {clock(finding.first)}, last {clock(last)} UTC
        {to !== null && (
          <>
            {" · "}
            <button type="button" class="plain" aria-haspopup="dialog" onClick={() => show(to)}>
              details of <bdi>{to}</bdi>
            </button>
          </>
        )}
      </p>
      {recent !== null && <Spark values={recent} />}
    </li>
  );
}
