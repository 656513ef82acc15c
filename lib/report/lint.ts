/** What `lint` found → its document (`schema lint`) and its text. Pure. */
import picocolors from "picocolors";
import * as z from "zod";
import type { TextSettings } from "./text.ts";

const problemSchema = z.strictObject({
  file: z.string(),
  document: z.int().min(0),
  path: z.string(),
  level: z.enum(["error", "warning"]),
  code: z.string().regex(/^(?:ES|IST|KIA)\d{4}$/),
  by: z.enum(["yaml", "api-server", "istiod", "istioctl", "kiali", "egress-scout"]),
  message: z.string(),
});

const count = z.int().min(0);

export const lintSchema = z.strictObject({
  schema: z.literal("egress-scout/lint@1"),
  problems: z.array(problemSchema),
  /** What was looked at: `passedOver` are objects of other kinds. */
  checked: z.strictObject({ files: count, documents: count, serviceEntries: count, passedOver: count }),
});

export type LintProblem = z.infer<typeof problemSchema>;

export interface Linted {
  problems: readonly LintProblem[];
  checked: z.infer<typeof lintSchema>["checked"];
}

export function lintDocument({ problems, checked }: Linted): z.infer<typeof lintSchema> {
  return { schema: "egress-scout/lint@1", problems: [...problems], checked };
}

/** A cell longer than this is not waited for by those of other lines. */
const widest = 44;

/** A line for each problem, `FILE:document path level code message` in columns, and one with the counts. */
export function lintText(linted: Linted, { colour }: TextSettings): string {
  const colours = picocolors.createColors(colour);
  const rows = linted.problems.map(({ file, document, path, level, code, message }) => [
    `${visible(file)}:${document}`,
    path === "" ? "-" : path,
    level,
    code,
    message,
  ]);
  const widths = [0, 1, 2, 3].map((column) =>
    rows.reduce((most, row) => Math.max(most, Math.min(row[column]?.length ?? 0, widest)), 0),
  );
  const painted = (cell: string, column: number): string => {
    const padded = cell.padEnd(widths[column] ?? 0);
    return column !== 2 ? padded : cell === "error" ? colours.red(padded) : colours.yellow(padded);
  };
  const lines = rows.map((row) => row.map(painted).join("  "));
  return `${[...lines, colours.bold(summary(linted))].join("\n")}\n`;
}

/** A file's name may hold anything but a slash; here it is one printable word. */
const visible = (file: string): string => file.replace(/[^\x21-\x7e]/gu, (one) => (one === " " ? " " : "?"));

const some = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

function summary({ problems, checked }: Linted): string {
  const errors = problems.filter(({ level }) => level === "error").length;
  const found =
    problems.length === 0
      ? "No problems"
      : `${some(problems.length, "problem")} (${some(errors, "error")}, ${some(problems.length - errors, "warning")})`;
  const where = `${some(checked.serviceEntries, "ServiceEntry", "ServiceEntries")} of ${some(checked.files, "file")}`;
  const others = checked.passedOver === 0 ? "" : `; ${some(checked.passedOver, "object")} of other kinds passed over`;
  return `${found} in ${where}${others}.`;
}
