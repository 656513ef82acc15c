/** Rows as columns, which compress to three quarters, and back. Pure; the page in the browser does the way back. */
export type Columns<Row> = { [Key in keyof Row]: Row[Key][] };

/** All rows have the same keys. */
export function columnsOf<Row extends object>(rows: readonly Row[]): Columns<Row> {
  const keys = Object.keys(rows[0] ?? {}) as (keyof Row)[];
  return Object.fromEntries(keys.map((key) => [key, rows.map((row) => row[key])])) as Columns<Row>;
}

export function rowsOf<Row extends object>(columns: Columns<Row>): Row[] {
  const entries = Object.entries(columns) as [keyof Row, Row[keyof Row][]][];
  const [first] = entries;
  return (first?.[1] ?? []).map(
    (_, index) => Object.fromEntries(entries.map(([key, values]) => [key, values[index]])) as Row,
  );
}
