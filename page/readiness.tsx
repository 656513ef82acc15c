/** How far each namespace is from REGISTRY_ONLY. */
import type { PageCluster, PageNamespace } from "../lib/report/page/data.ts";
import { number, percent } from "./words.ts";

export function Readiness({ cluster }: { cluster: PageCluster }) {
  const { namespaces, isCoverageKnown, warnings } = cluster;
  return (
    <section aria-labelledby="readiness">
      <div class="title">
        <h2 id="readiness">Ready for REGISTRY_ONLY</h2>
        <p class="hint">
          {isCoverageKnown
            ? "The share of the flows let through, of all that are remembered, that manifests in force take for certain. “egress-scout plan” counts a period exactly."
            : "Not known: no manifests in force were given (--existing). “With manifests” is what the suggested ones alone would take."}
        </p>
      </div>
      <div class="scroll" role="group" aria-labelledby="readiness" tabIndex={0}>
        <table class="readiness">
          <thead>
            <tr>
              <th scope="col">Namespace</th>
              <th scope="col">Ready</th>
              <th scope="col" class="number">
                Covered
              </th>
              <th scope="col" class="number">
                Would break
              </th>
              <th scope="col">With manifests</th>
              <th scope="col" class="number">
                Blocked already
              </th>
            </tr>
          </thead>
          <tbody>
            {namespaces.map((one) => (
              <Line key={one.namespace} one={one} />
            ))}
          </tbody>
        </table>
      </div>
      {warnings.length > 0 && (
        <ul class="warnings">
          {warnings.map((one) => (
            <li key={one}>
              <bdi>{one}</bdi>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

const Line = ({ one: { namespace, flows, covered, closed, blocked } }: { one: PageNamespace }) => (
  <tr>
    <th scope="row">
      <bdi>{namespace}</bdi>
    </th>
    <td>{covered === null ? <span class="quiet">not known</span> : <Share part={covered} whole={flows} />}</td>
    <td class="number">{covered === null ? "–" : `${number(covered)} of ${number(flows)}`}</td>
    <td class="number">{covered === null ? "–" : number(flows - covered)}</td>
    <td>
      <Share part={closed} whole={flows} />
    </td>
    <td class="number">{number(blocked)}</td>
  </tr>
);

const Share = ({ part, whole }: { part: number; whole: number }) =>
  whole === 0 ? (
    <span class="quiet">nothing is let through</span>
  ) : (
    <span class="share">
      <svg viewBox="0 0 100 8" width="100" height="8" preserveAspectRatio="none" aria-hidden="true">
        <rect class="whole" width="100" height="8" />
        <rect class="part" width={(100 * part) / whole} height="8" />
      </svg>{" "}
      {percent(part, whole)}
    </span>
  );
