/** Flows as the page speaks of them: how each stands, which are asked for, in which order. Pure. */
import type { PageCluster, PageFlow } from "../lib/report/page/data.ts";

export const states = ["blocked", "new", "covered", "allowed"] as const;
/** Each flow is in one state: the first of these that holds. `allowed`: let through, and not known to be covered. */
export type State = (typeof states)[number];

export const meaning: Record<State, string> = {
  blocked: "stopped by the mesh",
  new: "let through, first seen in the last day",
  covered: "let through, and a manifest in force takes it",
  allowed: "let through, and no manifest in force is known to take it",
};

export interface Row {
  flow: PageFlow;
  state: State;
  destination: string;
  group: string;
  by: "domain" | "network" | "none";
  /** `api.stripe.com:443` */
  place: string;
  name: string;
  /** All that is searched, in lower case. */
  text: string;
}

export const stateOf = ({ isBlocked, isNew, isCovered }: PageFlow): State =>
  isBlocked ? "blocked" : isNew ? "new" : isCovered === true ? "covered" : "allowed";

export function rowsOf({ flows, destinations }: PageCluster): Row[] {
  return flows.map((flow) => {
    const { label = "", group = "", by = "none" } = destinations[flow.to] ?? {};
    const state = stateOf(flow);
    const place = `${/^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(label) ? `[${label}]` : label}${flow.port === null ? "" : `:${flow.port}`}`;
    const best = flow.names[0];
    const name = best === undefined ? "" : best.name === label ? best.trust : `${best.name} (${best.trust})`;
    const said = [flow.namespace, `${flow.namespace}/${flow.workload}`, place, group, flow.protocol, state, flow.id];
    const more = [flow.team ?? "", flow.verdict?.verdict ?? "", ...flow.names.map((one) => one.name)];
    const flags = [
      flow.isNew ? "new" : "",
      flow.isCovered === true ? "covered" : "",
      flow.address ?? "",
      flow.sni ?? "",
    ];
    const text = [...said, ...more, ...flags].join("\n").toLowerCase();
    return { flow, state, destination: label, group, by, place, name, text };
  });
}

export interface Filter {
  /** Words, all of which have to be there. */
  search: string;
  /** Empty: all. */
  states: ReadonlySet<State>;
  namespace: string;
  workload: string;
  team: string;
  verdict: string;
}

export const everything: Filter = { search: "", states: new Set(), namespace: "", workload: "", team: "", verdict: "" };

export const undecided = "undecided";

export function sifted(rows: readonly Row[], filter: Filter): Row[] {
  const words = filter.search
    .toLowerCase()
    .split(/\s+/)
    .filter((one) => one !== "");
  return rows.filter(
    ({ flow, state, text }) =>
      (filter.states.size === 0 || filter.states.has(state)) &&
      (filter.namespace === "" || flow.namespace === filter.namespace) &&
      (filter.workload === "" || flow.workload === filter.workload) &&
      (filter.team === "" || (flow.team ?? "") === filter.team) &&
      (filter.verdict === "" || (flow.verdict?.verdict ?? undecided) === filter.verdict) &&
      words.every((word) => text.includes(word)),
  );
}

export const columns = {
  workload: (row: Row) => `${row.flow.namespace}/${row.flow.workload}`,
  destination: (row: Row) => row.place,
  state: (row: Row) => states.indexOf(row.state),
  name: (row: Row) => row.name,
  calls: (row: Row) => row.flow.count,
  first: (row: Row) => row.flow.first,
  last: (row: Row) => row.flow.last,
  owner: (row: Row) => row.flow.team ?? "",
  verdict: (row: Row) => row.flow.verdict?.verdict ?? "",
};
export type Column = keyof typeof columns;

export interface Order {
  by: Column;
  isDown: boolean;
}

const words = new Intl.Collator("en", { numeric: true });

export function sorted(rows: readonly Row[], { by, isDown }: Order): Row[] {
  const value = columns[by];
  const sign = isDown ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [a, b] = [value(one), value(other)];
    const order = typeof a === "number" && typeof b === "number" ? a - b : words.compare(String(a), String(b));
    return (
      sign * order ||
      words.compare(columns.workload(one), columns.workload(other)) ||
      words.compare(one.place, other.place)
    );
  });
}
