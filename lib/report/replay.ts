/** A replay → its document (`schema replay`) and its text. Pure. */
import * as z from "zod";
import type { Finding, Reason } from "../model.ts";
import { legible } from "../words/printable.ts";
import { findingDocument, rfc3339 } from "./document.ts";
import { findingSchema } from "./scan-schema.ts";
import { type Screen, screen, type TextSettings } from "./screen.ts";
import { table } from "./table.ts";
import { wrap } from "./width.ts";

export interface ReplayTold {
  runs: number;
  found: readonly { at: number; finding: Finding; told: readonly { channel: string; reason: Reason; at: number }[] }[];
  messages: readonly MessageTold[];
  warnings: readonly string[];
}

interface MessageTold {
  at: number;
  team: string;
  /** Null where the owner has none. */
  channel: string | null;
  reason: Reason;
  findings: readonly Finding[];
}

export const replaySchema = z.object({
  schema: z.literal("egress-scout/replay@1"),
  runs: z.int(),
  findings: z.array(findingSchema.extend({ at: z.iso.datetime() })),
  /** What would have been sent, repeats and digests as well; `findings` are ids. */
  messages: z.array(
    z.object({
      at: z.iso.datetime(),
      owner: z.string(),
      channel: z.string().nullable(),
      reason: z.enum(["first", "changed", "repeat", "resolved", "digest"]),
      findings: z.array(z.string()),
    }),
  ),
  warnings: z.array(z.string()),
});

/** `notified` of a finding is who would have been told; `ok` is true, as nobody was asked. */
export function replayDocument({ runs, found, messages, warnings }: ReplayTold): z.infer<typeof replaySchema> {
  const findings = found.map(({ at, finding, told }) => ({
    at: rfc3339(at),
    ...findingDocument(finding, []),
    notified: told.map(({ channel, reason }) => ({ channel, reason, ok: true })),
  }));
  const sent = messages.map(({ at, team, channel, reason, findings: all }) => ({
    ...{ at: rfc3339(at), owner: team, channel, reason },
    findings: all.map(({ id }) => id),
  }));
  return { schema: "egress-scout/replay@1", runs, findings, messages: sent, warnings: [...warnings] };
}

/** A table of days and owners, then every finding with its time, and what would have been said again of those that lasted. */
export function replayText(cluster: string, told: ReplayTold, settings: TextSettings): string {
  const on = screen(settings);
  const { colours, width } = on;
  const { runs, found, messages, warnings } = told;
  const head = `${colours.bold(legible(cluster))}: ${runs} runs would have found ${found.length} findings.`;
  const lines = [...found.map(foundLine), ...againLines(messages)].sort((one, other) => one.at - other.at);
  const parts = [
    head,
    ...warnings.map((one) => wrap(`warning: ${one}`, width, 2).replace("warning:", () => colours.yellow("warning:"))),
    ...days(told, on),
    ...lines.map(({ text }) =>
      text
        .split("\n")
        .map((line) => wrap(line, width, 4))
        .join("\n"),
    ),
  ];
  return `${parts.join("\n\n")}\n`;
}

interface Line {
  at: number;
  text: string;
}

function foundLine({ at, finding, told }: ReplayTold["found"][number]): Line {
  const late = (time: number) => (time === at ? "" : ` at ${rfc3339(time)}`);
  const to = told.length === 0 ? "nobody" : told.map((one) => `${one.channel}${late(one.at)}`).join(", ");
  const state = finding.state === "resolved" ? "resolved" : finding.severity;
  const head = `${rfc3339(at)}  ${state.padEnd(8)}  ${finding.kind}  to ${legible(finding.owner.team)} (${to})`;
  return { at, text: `${head}\n  ${finding.summary}` };
}

const isAgain = ({ reason }: MessageTold): boolean => reason === "repeat" || reason === "digest";

/** One for each owner, run and reason, however many channels are told. */
function againLines(messages: ReplayTold["messages"]): Line[] {
  return [...Map.groupBy(messages.filter(isAgain), occasionOf).values()].map((group) => {
    const [{ at, team, reason } = { at: 0, team: "", reason: "" }] = group;
    const to = [...new Set(group.map(({ channel }) => channel ?? "nobody"))].join(", ");
    const summaries = new Map(group.flatMap(({ findings }) => findings.map(({ id, summary }) => [id, summary])));
    const text = [`${rfc3339(at)}  ${reason.padEnd(8)}  to ${legible(team)} (${to})`, ...summaries.values()].join(
      "\n  ",
    );
    return { at, text };
  });
}

const occasionOf = ({ at, team, reason }: MessageTold): string => JSON.stringify([at, team, reason]);

/** Per day (UTC) and owner: messages, one for each owner, run and reason, how many of them said something again, and findings. */
function days({ found, messages }: ReplayTold, { colours, fit }: Screen): string[] {
  if (messages.length === 0 && found.length === 0) return [];
  const rows = new Map<string, { messages: Set<string>; again: Set<string>; findings: number }>();
  const rowOf = (at: number, team: string) => {
    const key = `${rfc3339(at).slice(0, 10)} ${team}`;
    const row = rows.get(key) ?? { messages: new Set(), again: new Set(), findings: 0 };
    rows.set(key, row);
    return row;
  };
  for (const { at, finding } of found) rowOf(at, finding.owner.team).findings += 1;
  for (const one of messages) {
    const row = rowOf(one.at, one.team);
    row.messages.add(occasionOf(one));
    if (isAgain(one)) row.again.add(occasionOf(one));
  }
  const cells = [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, row]) => {
      return [
        key.slice(0, 10),
        legible(key.slice(11)),
        ...[row.messages.size, row.again.size, row.findings].map(String),
      ];
    });
  const head = ["DAY", "OWNER", "MESSAGES", "REPEATS", "FINDINGS"];
  return [table([head, ...cells], (text, _, row) => (row === 0 ? colours.bold(text) : text), fit)];
}
