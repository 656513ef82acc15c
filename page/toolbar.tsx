/** What is asked for: words, states, namespace, owner, verdict. The states are the map's legend, too. */
import { useMemo } from "preact/hooks";
import { everything, type Filter, meaning, type Row, type State, states, undecided } from "./flows.ts";
import { number, sign, some } from "./words.ts";

interface ToolbarProps {
  isCoverageKnown: boolean;
  rows: readonly Row[];
  wanted: readonly Row[];
  filter: Filter;
  change: (filter: Filter) => void;
}

export function Toolbar({ isCoverageKnown, rows, wanted, filter, change }: ToolbarProps) {
  const counts = useMemo(() => Map.groupBy(rows, ({ state }) => state), [rows]);
  const of = (values: (row: Row) => string) => [...new Set(rows.map(values))].sort();
  const choices = useMemo(
    () => ({
      namespace: of(({ flow }) => flow.namespace),
      team: of(({ flow }) => flow.team ?? ""),
      verdict: of(({ flow }) => flow.verdict?.verdict ?? undecided),
    }),
    [rows],
  );
  const toggle = (state: State) => {
    const chosen = new Set(filter.states);
    if (!chosen.delete(state)) chosen.add(state);
    change({ ...filter, states: chosen });
  };
  return (
    <search class="toolbar" aria-label="Filter the map and the table">
      <input
        type="search"
        aria-label="Search: workload, destination, name, owner, finding id"
        placeholder="Search flows …"
        value={filter.search}
        onInput={(event) => change({ ...filter, search: event.currentTarget.value })}
      />
      <fieldset class="states">
        <legend class="unseen">States</legend>
        {states.map((state) => (
          <button
            key={state}
            type="button"
            class={`chip ${state}`}
            aria-pressed={filter.states.has(state)}
            title={state === "covered" && !isCoverageKnown ? unknown : meaning[state]}
            disabled={state === "covered" && !isCoverageKnown}
            onClick={() => toggle(state)}
          >
            <Line state={state} />
            <span aria-hidden="true">{sign[state]}</span> {state}{" "}
            <b>{state === "covered" && !isCoverageKnown ? "?" : number(counts.get(state)?.length ?? 0)}</b>
          </button>
        ))}
      </fieldset>
      <Choice
        label="Namespace"
        all="all namespaces"
        from={choices.namespace}
        value={filter.namespace}
        set={(namespace) => change({ ...filter, namespace, workload: "" })}
      />
      <Choice
        label="Owner"
        all="all owners"
        from={choices.team.filter((one) => one !== "")}
        value={filter.team}
        set={(team) => change({ ...filter, team })}
      />
      <Choice
        label="Verdict"
        all="all verdicts"
        from={choices.verdict}
        value={filter.verdict}
        set={(verdict) => change({ ...filter, verdict })}
      />
      {filter.workload !== "" && (
        <button type="button" class="chip" onClick={() => change({ ...filter, workload: "", namespace: "" })}>
          {filter.namespace}/{filter.workload} <span aria-hidden="true">×</span>
          <span class="unseen">: no longer this workload alone</span>
        </button>
      )}
      <p class="shown" role="status">
        {wanted.length === rows.length
          ? some(rows.length, "flow")
          : `${number(wanted.length)} of ${some(rows.length, "flow")}`}
        {wanted.length !== rows.length && (
          <button type="button" class="plain" onClick={() => change(everything)}>
            clear
          </button>
        )}
      </p>
    </search>
  );
}

const unknown = "not known: no manifests in force were given (--existing)";

/** As the map draws it. */
export const Line = ({ state }: { state: State }) => (
  <svg class="line" width="26" height="10" viewBox="0 0 26 10" aria-hidden="true">
    <path class={state} d="M0 5H26" />
  </svg>
);

interface ChoiceProps {
  label: string;
  all: string;
  from: readonly string[];
  value: string;
  set: (value: string) => void;
}

function Choice({ label, all, from, value, set }: ChoiceProps) {
  if (from.length < 2) return null;
  return (
    <select aria-label={label} value={value} onChange={(event) => set(event.currentTarget.value)}>
      <option value="">{all}</option>
      {from.map((one) => (
        <option key={one} value={one}>
          {one === "" ? "(none)" : one}
        </option>
      ))}
    </select>
  );
}
