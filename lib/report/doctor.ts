/** What `doctor` found → its document (`schema doctor`) and its text. Pure. */
import picocolors from "picocolors";
import * as z from "zod";
import { table } from "./table.ts";
import type { TextSettings } from "./text.ts";

export const checkNames = [
  "prometheus",
  "istio-metrics",
  "address-label",
  "sni-label",
  "duplicate-scrapes",
  "scrape-interval",
  "retention",
  "owner-labels",
  "logs",
  "dns",
  "store",
  "channels",
  "clock",
] as const;

const checkSchema = z.strictObject({
  name: z.enum(checkNames),
  /** The cluster it is about; null where it is about all of them. */
  cluster: z.string().nullable(),
  status: z.enum(["ok", "warn", "fail", "skip"]),
  found: z.string(),
  means: z.string(),
  /** Empty where there is nothing to do. */
  mend: z.string(),
});

export const doctorSchema = z.strictObject({
  schema: z.literal("egress-scout/doctor@1"),
  checks: z.array(checkSchema),
});

export type Check = z.infer<typeof checkSchema>;

export const doctorDocument = (checks: readonly Check[]): z.infer<typeof doctorSchema> => ({
  schema: "egress-scout/doctor@1",
  checks: [...checks],
});

const statusColour = { ok: "green", warn: "yellow", fail: "red", skip: "dim" } as const;

/** A line with the counts, a table of all, and below it what to do about each that is not well, the worst first. */
export function doctorText(checks: readonly Check[], { colour }: TextSettings): string {
  const colours = picocolors.createColors(colour);
  const several = new Set(checks.flatMap(({ cluster }) => cluster ?? [])).size > 1;
  const paint = (status: Check["status"], text: string) => colours[statusColour[status]](text);
  const head = ["STATUS", "CHECK", ...(several ? ["CLUSTER"] : []), "FOUND"];
  const rows = checks.map(({ status, name, cluster, found }) => [
    status,
    name,
    ...(several ? [cluster ?? "(all)"] : []),
    found,
  ]);
  const all = table([head, ...rows], (text, column, row) => {
    const check = checks[row - 1];
    if (check === undefined) return colours.bold(text);
    return column === 0 ? paint(check.status, text) : text;
  });
  const unwell = (["fail", "warn"] as const).flatMap((status) => checks.filter((one) => one.status === status));
  const advice = unwell.map(({ status, name, cluster, means, mend }) => {
    const title = `${paint(status, status)} ${name}${several && cluster !== null ? ` (${cluster})` : ""}`;
    return [title, `  ${means}`, ...(mend === "" ? [] : [`  ${colours.bold("Mend:")} ${mend}`])].join("\n");
  });
  return `${[colours.bold(counts(checks)), all, ...advice].join("\n\n")}\n`;
}

function counts(checks: readonly Check[]): string {
  const parts = (["fail", "warn", "ok", "skip"] as const)
    .map((status) => [checks.filter((one) => one.status === status).length, status] as const)
    .filter(([count]) => count > 0)
    .map(([count, status]) => `${count} ${status}`);
  return `${checks.length} checks: ${parts.join(", ")}.`;
}
