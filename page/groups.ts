/** Flows → the two columns of the map and the links between. Pure. */
import { type Row, type State, states } from "./flows.ts";

export type Side = "from" | "to";

/** A line of a column. */
export interface Node {
  /** Unique in its column. */
  key: string;
  label: string;
  kind: "group" | "leaf" | "more";
  depth: 0 | 1;
  /** Of a group that stands for its only destination, and of leaves: what it is called. */
  leaf: string | null;
  isOpen: boolean;
  /** Of `more`: what is not shown. */
  hidden: number;
  count: number;
  by: Readonly<Record<State, number>>;
}

export interface Link {
  from: number;
  to: number;
  state: State;
  count: number;
}

export interface Picture {
  from: Node[];
  to: Node[];
  links: Link[];
}

/** What is unfolded, and how many groups are shown. */
export interface Folding {
  open: ReadonlySet<string>;
  most: Readonly<Record<Side, number>>;
}

export const keyOf = (side: Side, group: string, leaf?: string) =>
  JSON.stringify(leaf === undefined ? [side, group] : [side, group, leaf]);

/** So many lines of an unfolded group. */
const mostLeaves = 60;

export function picture(rows: readonly Row[], { open, most }: Folding): Picture {
  const fromGroups = grouped(rows, (row) => row.flow.namespace).slice(0);
  const order = new Map(fromGroups.map(([group], index) => [group, index]));
  const all = grouped(rows, (row) => row.group);
  const near = (group: readonly Row[]) =>
    group.reduce((sum, row) => sum + (order.get(row.flow.namespace) ?? 0), 0) / group.length;
  const shown = all.slice(0, most.to).sort(([, one], [, other]) => near(one) - near(other));
  const from = column("from", fromGroups, { open, most: most.from, leafOf: (row) => row.flow.workload });
  const to = column("to", [...shown, ...all.slice(most.to)], { open, most: most.to, leafOf: (row) => row.destination });
  const links = new Map<string, Link>();
  for (const row of rows) {
    const [a, b] = [from.place(row), to.place(row)];
    const key = `${a} ${b} ${row.state}`;
    const link = links.get(key) ?? { from: a, to: b, state: row.state, count: 0 };
    link.count += 1;
    links.set(key, link);
  }
  const rank = (one: Link) => states.indexOf(one.state);
  return { from: from.nodes, to: to.nodes, links: [...links.values()].sort((a, b) => rank(b) - rank(a)) };
}

/** The largest first. */
function grouped(rows: readonly Row[], by: (row: Row) => string): [string, Row[]][] {
  return [...Map.groupBy(rows, by)].sort(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1));
}

interface Layout {
  open: ReadonlySet<string>;
  most: number;
  leafOf: (row: Row) => string;
}

function column(side: Side, groups: readonly [string, Row[]][], { open, most, leafOf }: Layout) {
  const nodes: Node[] = [];
  const places = new Map<Row, number>();
  const put = (node: Omit<Node, "count" | "by" | "hidden"> & { hidden?: number }, rows: readonly Row[]) => {
    for (const row of rows) places.set(row, nodes.length);
    nodes.push({ hidden: 0, ...node, count: rows.length, by: tally(rows) });
  };
  for (const [group, rows] of groups.slice(0, most)) {
    const leaves = grouped(rows, leafOf);
    const [only] = leaves;
    const key = keyOf(side, group);
    const isOpen = open.has(key);
    const leaf = side === "to" && leaves.length === 1 ? (only?.[0] ?? null) : null;
    put({ key, label: leaf ?? group, kind: "group", depth: 0, leaf, isOpen: leaf === null && isOpen }, rows);
    if (!isOpen || leaf !== null) continue;
    for (const [label, own] of leaves.slice(0, mostLeaves)) {
      put({ key: keyOf(side, group, label), label, kind: "leaf", depth: 1, leaf: label, isOpen: false }, own);
    }
    const rest = leaves.slice(mostLeaves);
    const hidden = rest.length;
    const label = `${hidden} more: search to see them`;
    if (hidden > 0)
      put(
        { key: `${key} more`, label, kind: "leaf", depth: 1, leaf: null, isOpen: false, hidden },
        rest.flatMap(([, own]) => own),
      );
  }
  const rest = groups.slice(most);
  const noun = side === "from" ? "namespaces" : "groups";
  const more = {
    key: `${side} more`,
    label: `${rest.length} more ${noun}`,
    kind: "more",
    depth: 0,
    leaf: null,
    isOpen: false,
  } as const;
  if (rest.length > 0)
    put(
      { ...more, hidden: rest.length },
      rest.flatMap(([, own]) => own),
    );
  return { nodes, place: (row: Row): number => places.get(row) ?? 0 };
}

function tally(rows: readonly Row[]): Record<State, number> {
  const by: Record<State, number> = { blocked: 0, new: 0, covered: 0, allowed: 0 };
  for (const { state } of rows) by[state] += 1;
  return by;
}
