/** A replay → its document (CONTRACT.md §2) and its text. Pure. */
import picocolors from "picocolors";
import * as z from "zod";
import type { Finding, Reason } from "../model.ts";
import { findingDocument, rfc3339 } from "./document.ts";
import { findingSchema } from "./scan-schema.ts";
import { table } from "./table.ts";
import type { TextSettings } from "./text.ts";

export interface ReplayTold {
  runs: number;
  found: readonly { at: number; finding: Finding; told: readonly { channel: string; reason: Reason }[] }[];
  warnings: readonly string[];
}

export const replaySchema = z.object({
  schema: z.literal("egress-scout/replay@1"),
  runs: z.int(),
  findings: z.array(findingSchema.extend({ at: z.iso.datetime() })),
  warnings: z.array(z.string()),
});

/** `notified` of a finding is who would have been told; `ok` is true, as nobody was asked. */
export function replayDocument({ runs, found, warnings }: ReplayTold): z.infer<typeof replaySchema> {
  const findings = found.map(({ at, finding, told }) => ({
    at: rfc3339(at),
    ...findingDocument(finding, []),
    notified: told.map(({ channel, reason }) => ({ channel, reason, ok: true })),
  }));
  return { schema: "egress-scout/replay@1", runs, findings, warnings: [...warnings] };
}

/** A table of days and owners, then every finding with its time. */
export function replayText(cluster: string, told: ReplayTold, { colour }: TextSettings): string {
  const colours = picocolors.createColors(colour);
  const { runs, found, warnings } = told;
  const head = `${colours.bold(cluster)}: ${runs} runs would have found ${found.length} findings.`;
  const lines = found.map(({ at, finding, told: letters }) => {
    const to = letters.length === 0 ? "nobody" : letters.map((one) => one.channel).join(", ");
    const state = finding.state === "resolved" ? "resolved" : finding.severity;
    return `${rfc3339(at)}  ${state.padEnd(8)}  ${finding.kind}  to ${finding.owner.team} (${to})\n  ${finding.summary}`;
  });
  const parts = [
    head,
    ...warnings.map((one) => `${colours.yellow("warning:")} ${one}`),
    ...days(found, colours.bold),
    ...lines,
  ];
  return `${parts.join("\n\n")}\n`;
}

/** Per day (UTC) and owner: messages, one for each owner and run, and findings. */
function days(found: ReplayTold["found"], bold: (text: string) => string): string[] {
  if (found.length === 0) return [];
  const rows = new Map<string, { runs: Set<number>; findings: number }>();
  for (const { at, finding } of found) {
    const key = `${rfc3339(at).slice(0, 10)} ${finding.owner.team}`;
    const row = rows.get(key) ?? { runs: new Set(), findings: 0 };
    row.runs.add(at);
    row.findings += 1;
    rows.set(key, row);
  }
  const cells = [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { runs, findings }]) => {
      return [key.slice(0, 10), key.slice(11), String(runs.size), String(findings)];
    });
  return [
    table([["DAY", "OWNER", "MESSAGES", "FINDINGS"], ...cells], (text, _, row) => (row === 0 ? bold(text) : text)),
  ];
}
