/** Which questions cover a set of rows: queries short enough for every server, that name what they ask for. Pure. */
import type { Counter, Labels } from "../model.ts";
import { counters, oneOf, type QuerySettings } from "./queries.ts";

/** A label set of one counter, to be counted. */
export interface Row {
  counter: Counter;
  labels: Labels;
}

/** Label sets whose destinations one query names; where there are many more, it names the workloads alone. */
const mostNamed = 100;
/** Characters of names in one query: VictoriaMetrics takes 16 KB, and escaping may double them. */
const mostCharacters = 5000;
const manyRows = 1000;

/** A selector's counter and the matchers to add to it. */
export interface Question {
  counter: Counter;
  matchers: string;
}

/** Queries that together cover the rows' series, and few others. */
export function questions(rows: readonly Row[], settings: QuerySettings): Question[] {
  return counters.flatMap((counter) => {
    const own = rows.filter((row) => row.counter === counter);
    return own.length > manyRows ? callers(own) : chunked(own).map((chunk) => question(chunk, settings));
  });
}

/** Queries that cover all that the rows' workloads call, however much that is. */
export function callerQuestions(rows: readonly Row[]): Question[] {
  return counters.flatMap((counter) => callers(rows.filter((row) => row.counter === counter)));
}

function callers(rows: readonly Row[]): Question[] {
  const each = [...new Map(rows.map((row) => [workload(row), row])).values()];
  return chunked(each).map((chunk) => question(chunk, null));
}

const question = (rows: readonly Row[], settings: QuerySettings | null): Question => ({
  counter: rows[0]?.counter ?? "requests",
  matchers: matchersOf(rows, settings),
});

const workload = ({ labels }: Row) => JSON.stringify([labels.source_workload_namespace, labels.source_workload]);

function chunked(rows: readonly Row[]): Row[][] {
  const chunks: Row[][] = [];
  let room = 0;
  for (const row of rows) {
    const size = Object.values(row.labels).join("").length;
    const chunk = chunks.at(-1);
    if (chunk === undefined || chunk.length >= mostNamed || size > room) {
      chunks.push([row]);
      room = mostCharacters - size;
    } else {
      chunk.push(row);
      room -= size;
    }
  }
  return chunks;
}

/** Matchers of the rows' workloads and, by the labels that all the rows have, of their destinations; null leaves those out. */
function matchersOf(rows: readonly Row[], settings: QuerySettings | null): string {
  const places = settings === null ? [] : ["destination_service", ...settings.labels.address];
  const where = places.filter((name) => rows.every((row) => row.labels[name]));
  return ["source_workload_namespace", "source_workload", ...where]
    .map((name) =>
      oneOf(
        name,
        rows.map((row) => row.labels[name] ?? ""),
      ),
    )
    .join(",");
}
