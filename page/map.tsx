/** The map: namespaces and workloads on the left, domains, networks and destinations on the right, and who calls what between. */
import { useMemo, useState } from "preact/hooks";
import type { Row } from "./flows.ts";
import { type Node, picture, type Side } from "./groups.ts";
import { Links } from "./links.tsx";
import { number, sign, some } from "./words.ts";

/** Heights of a line in px, from an overview to large. */
const sizes = [14, 18, 22, 26, 32, 40, 52] as const;
const usual = 3;
const moreBy = 24;

interface MapProps {
  rows: readonly Row[];
  all: number;
  show: (destination: string) => void;
  pick: (source: { namespace: string; workload: string }) => void;
}

export function FlowMap({ rows, all, show, pick }: MapProps) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [most, setMost] = useState({ from: moreBy, to: moreBy });
  const [size, setSize] = useState(usual);
  const [hot, setHot] = useState<{ side: Side; at: number } | null>(null);
  const drawn = useMemo(() => picture(rows, { open, most }), [rows, open, most]);
  const zoom = (by: number) => setSize((now) => Math.min(sizes.length - 1, Math.max(0, now + by)));
  const height = sizes[size] ?? 26;
  const press = (side: Side, node: Node) => {
    if (node.kind === "more") setMost({ ...most, [side]: most[side] + moreBy });
    else if (side === "to" && node.leaf !== null) show(node.leaf);
    else if (node.kind === "leaf") pick({ namespace: groupOf(node), workload: node.leaf ?? "" });
    else
      setOpen((now) =>
        now.has(node.key) ? new Set([...now].filter((one) => one !== node.key)) : new Set([...now, node.key]),
      );
  };
  const column = (side: Side) => (
    <Column
      side={side}
      nodes={drawn[side]}
      press={(node) => press(side, node)}
      touch={(at) => setHot(at === null ? null : { side, at })}
    />
  );
  const style = { "--row": `${height}px`, "--wide": `${Math.max(100, (100 * height) / (sizes[usual] ?? 26))}%` };
  return (
    <section aria-labelledby="map-title">
      <div class="title">
        <h2 id="map-title">Who calls what</h2>
        <a class="skip" href="#flows">
          Skip the map: the table has every flow
        </a>
        <p class="hint">Unfold a namespace or a group; a destination opens its details.</p>
        <div class="zoom" role="group" aria-label="Zoom">
          <button type="button" onClick={() => zoom(-1)} disabled={size === 0} aria-label="Smaller">
            −
          </button>
          <button type="button" onClick={() => setSize(usual)}>
            {Math.round((100 * height) / (sizes[usual] ?? 26))} %<span class="unseen"> of the usual size</span>
          </button>
          <button type="button" onClick={() => zoom(1)} disabled={size === sizes.length - 1} aria-label="Larger">
            +
          </button>
          {open.size > 0 && (
            <button type="button" onClick={() => setOpen(new Set())}>
              Fold all
            </button>
          )}
        </div>
      </div>
      <div
        class="map"
        role="group"
        aria-labelledby="map-title"
        onWheel={(event) => {
          if (!event.ctrlKey) return;
          event.preventDefault();
          zoom(event.deltaY < 0 ? 1 : -1);
        }}
        onKeyDown={(event) => {
          const by = event.key === "+" || event.key === "=" ? 1 : event.key === "-" ? -1 : 0;
          if (by !== 0 && !event.ctrlKey && !event.metaKey) zoom(by);
        }}
      >
        {rows.length === 0 ? (
          <p class="none">
            No flow is of that kind{all === 0 ? "" : ": search for something else, or clear the filter"}.
          </p>
        ) : (
          <div class="drawing" style={style}>
            {column("from")}
            <Links
              drawn={drawn}
              row={height}
              hot={hot === null ? null : { side: hot.side, first: hot.at, last: lastOf(drawn[hot.side], hot.at) }}
            />
            {column("to")}
          </div>
        )}
      </div>
    </section>
  );
}

/** The last line that is unfolded from one. */
function lastOf(nodes: readonly Node[], at: number): number {
  if (nodes[at]?.isOpen !== true) return at;
  const next = nodes.findIndex((one, index) => index > at && one.depth === 0);
  return next === -1 ? nodes.length - 1 : next - 1;
}

const groupOf = (node: Node): string => {
  const key: unknown = JSON.parse(node.key);
  return Array.isArray(key) ? String(key[1]) : "";
};

interface ColumnProps {
  side: Side;
  nodes: readonly Node[];
  press: (node: Node) => void;
  touch: (at: number | null) => void;
}

const titles = { from: "Namespaces and their workloads", to: "Destinations, by domain and network" };

const Column = ({ side, nodes, press, touch }: ColumnProps) => (
  <ul class={`column ${side}`} aria-label={titles[side]} onMouseLeave={() => touch(null)}>
    {nodes.map((node, at) => (
      <li key={node.key} class={`${node.kind} depth${node.depth}`} onMouseEnter={() => touch(at)}>
        <button
          type="button"
          onClick={() => press(node)}
          onFocus={() => touch(at)}
          onBlur={() => touch(null)}
          disabled={node.kind === "leaf" && node.leaf === null}
          title={toldOf(node)}
          {...(node.kind === "group" && node.leaf === null ? { "aria-expanded": node.isOpen } : {})}
          {...(side === "to" && node.leaf !== null ? { "aria-haspopup": "dialog" as const } : {})}
        >
          <span class="fold" aria-hidden="true">
            {node.kind === "group" && node.leaf === null ? (node.isOpen ? "▾" : "▸") : ""}
          </span>
          <bdi class="label">{node.label}</bdi>
          {node.by.blocked > 0 && <Tally state="blocked" count={node.by.blocked} />}
          {node.by.new > 0 && <Tally state="new" count={node.by.new} />}
          <span class="count">{number(node.count)}</span>
          <span class="unseen">{node.count === 1 ? "flow" : "flows"}</span>
        </button>
      </li>
    ))}
  </ul>
);

const Tally = ({ state, count }: { state: "blocked" | "new"; count: number }) => (
  <span class={`tally ${state}`}>
    <span aria-hidden="true">{sign[state]}</span>
    <span class="value">{number(count)}</span>
    <span class="unseen"> {state}, </span>
  </span>
);

function toldOf({ label, count, by }: Node): string {
  const parts = Object.entries(by).filter(([, one]) => one > 0);
  return `${label}: ${some(count, "flow")}, ${parts.map(([state, one]) => `${number(one)} ${state}`).join(", ")}`;
}
