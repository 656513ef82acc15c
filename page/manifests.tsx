/** The manifests for a destination, each once with the callers' namespaces that it is for, or why there is none. */
import { useRef } from "preact/hooks";
import type { PageCluster, PageManifest } from "../lib/report/page/data.ts";
import { CopyButton } from "./copy.tsx";
import type { Row } from "./flows.ts";

export function Manifests({ cluster, rows }: { cluster: PageCluster; rows: readonly Row[] }) {
  const made = new Map<number, { manifest: PageManifest; namespaces: Set<string> }>();
  const without = new Map<number, Set<string>>();
  for (const { flow } of rows) {
    const { manifest, noManifest, namespace } = flow;
    if (manifest !== null) {
      const known = made.get(manifest.yaml) ?? { manifest, namespaces: new Set<string>() };
      known.namespaces.add(namespace);
      made.set(manifest.yaml, known);
    } else if (noManifest !== null)
      without.set(noManifest, (without.get(noManifest) ?? new Set()).add(`${namespace}/${flow.workload}`));
  }
  return (
    <>
      {[...made].map(([key, { manifest, namespaces }]) => (
        <Shown key={key} cluster={cluster} manifest={manifest} namespaces={[...namespaces]} />
      ))}
      {[...without].map(([why, callers]) => (
        <p key={why} class="none">
          None for <bdi>{[...callers].slice(0, 5).join(", ")}</bdi>
          {callers.size > 5 ? ` and ${callers.size - 5} more` : ""}: <bdi>{cluster.texts[why]}</bdi>
        </p>
      ))}
    </>
  );
}

function Shown({
  cluster,
  manifest,
  namespaces,
}: {
  cluster: PageCluster;
  manifest: PageManifest;
  namespaces: readonly string[];
}) {
  const pre = useRef<HTMLPreElement>(null);
  const yaml = cluster.texts[manifest.yaml] ?? "";
  return (
    <div class="manifest">
      <div class="bar">
        <span>
          for <bdi>{namespaces.join(", ")}</bdi>, confidence {manifest.confidence}
        </span>
        <CopyButton label="Copy the manifest" text={() => yaml} shown={pre} />
      </div>
      <pre ref={pre} tabIndex={0} role="region" aria-label={`Manifest for ${namespaces.join(", ")}`}>
        {yaml}
      </pre>
      <ul>
        {manifest.warnings.map((one) => (
          <li key={one} class="mind">
            Mind: <bdi>{cluster.texts[one]}</bdi>
          </li>
        ))}
        {manifest.why.map((one) => (
          <li key={one} class="quiet">
            <bdi>{cluster.texts[one]}</bdi>
          </li>
        ))}
      </ul>
    </div>
  );
}
