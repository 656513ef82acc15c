/**
 * Rows of cells as aligned columns, two spaces apart, numbers to the right. All rows have as many cells as the first.
 * @param paint colours a cell after it was padded
 */
export function table(
  rows: readonly (readonly string[])[],
  paint: (text: string, column: number, row: number) => string,
): string {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    rows.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 0),
  );
  const numeric = widths.map((_, column) => rows.slice(1).every((row) => /^\d+$/.test(row[column] ?? "")));
  return rows
    .map((row, index) =>
      row
        .map((cell, column) => {
          const last = column === columns - 1;
          const width = widths[column] ?? 0;
          return paint(numeric[column] ? cell.padStart(width) : last ? cell : cell.padEnd(width), column, index);
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
