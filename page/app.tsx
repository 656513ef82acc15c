/** One cluster at a time: how it stands, the map, the table, findings, readiness; and a destination's detail over them. */
import { useEffect, useMemo, useState } from "preact/hooks";
import type { PageCluster, PageData } from "../lib/report/page/data.ts";
import { Detail } from "./detail.tsx";
import { Findings } from "./findings.tsx";
import { everything, rowsOf, sifted } from "./flows.ts";
import { Head } from "./head.tsx";
import { FlowMap } from "./map.tsx";
import { hashOf, isPlace, type Place, placeIn } from "./place.ts";
import { Readiness } from "./readiness.tsx";
import { FlowTable } from "./table.tsx";
import { Toolbar } from "./toolbar.tsx";
import { number } from "./words.ts";

export function App({ data }: { data: PageData }) {
  const [place, setPlace] = useState(() => placeIn(location.hash, data));
  const cluster = data.clusters[place.cluster];
  // Somebody put another address into this very tab. What leads to a part of the page has led there by now: the address is as it was.
  useEffect(() => {
    const follow = () =>
      isPlace(location.hash)
        ? setPlace(placeIn(location.hash, data))
        : history.replaceState(null, "", hashOf(place, data));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, [data, place]);
  const go = (to: Place) => {
    history.replaceState(null, "", hashOf(to, data));
    setPlace(to);
  };
  return (
    <>
      <Head data={data} at={place.cluster} choose={(chosen) => go({ cluster: chosen, to: null })} />
      {cluster === undefined ? (
        <Nothing />
      ) : (
        <Cluster
          key={cluster.name}
          cluster={cluster}
          madeAt={data.at}
          shown={place.to}
          show={(to) => go({ ...place, to })}
        />
      )}
      <footer>
        Made by egress-scout. Times are UTC. “Last seen” is good to a day, and calls are a lower bound: a known
        destination is written at most once a day.
      </footer>
    </>
  );
}

function Nothing() {
  return (
    <main id="main" tabIndex={-1}>
      <h1>Nothing is remembered yet.</h1>
      <p class="lead">
        The first <code>egress-scout scan</code> learns what is called; then this page shows it.
      </p>
    </main>
  );
}

interface ClusterProps {
  cluster: PageCluster;
  madeAt: number;
  /** The destination whose details are open. */
  shown: string | null;
  show: (destination: string | null) => void;
}

function Cluster({ cluster, madeAt, shown, show }: ClusterProps) {
  const rows = useMemo(() => rowsOf(cluster), [cluster]);
  const [filter, setFilter] = useState(everything);
  const wanted = useMemo(() => sifted(rows, filter), [rows, filter]);
  const isEmpty = rows.length === 0;
  return (
    <main id="main" tabIndex={-1}>
      <h1>{cluster.headline}</h1>
      {cluster.leftOut > 0 && (
        <p class="lead">
          Shown are the flows with open findings, the blocked and the newest: all that is below is of these{" "}
          {number(rows.length)}, but for the readiness, which counts all. <code>egress-scout report</code> tells of all,{" "}
          <code>egress-scout plan</code> makes the manifests of all.
        </p>
      )}
      {!isEmpty && (
        <Toolbar
          isCoverageKnown={cluster.isCoverageKnown}
          rows={rows}
          wanted={wanted}
          filter={filter}
          change={setFilter}
        />
      )}
      {isEmpty ? (
        <p class="lead">No call to the outside is remembered of this cluster.</p>
      ) : (
        <>
          <FlowMap rows={wanted} all={rows.length} show={show} pick={(one) => setFilter({ ...filter, ...one })} />
          <FlowTable rows={wanted} show={show} isCoverageKnown={cluster.isCoverageKnown} />
        </>
      )}
      <Findings cluster={cluster} show={show} />
      {!isEmpty && <Readiness cluster={cluster} />}
      {shown !== null && (
        <Detail key={shown} cluster={cluster} rows={rows} label={shown} madeAt={madeAt} close={() => show(null)} />
      )}
    </main>
  );
}
