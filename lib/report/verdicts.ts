/** Verdicts → their document (`schema verdicts`) and their text. Pure. */
import * as z from "zod";
import type { Subject, Verdict } from "../model.ts";
import { placeText } from "../words/address.ts";
import { age, clock } from "../words/duration.ts";
import { legible, quoted } from "../words/printable.ts";
import { verdictDocument } from "./document.ts";
import { verdictSchema } from "./scan-schema.ts";
import { screen, type TextSettings } from "./screen.ts";
import { type Paint, table } from "./table.ts";

export const verdictsSchema = z.strictObject({
  schema: z.literal("egress-scout/verdicts@1"),
  verdicts: z.array(verdictSchema),
});

/** A verdict, what it is about, and whether it stands in the reviewed file. */
export interface VerdictTold {
  verdict: Verdict;
  subject: Subject | null;
  from: "file" | "state";
}

export const verdictsDocument = (all: readonly VerdictTold[]): z.infer<typeof verdictsSchema> => ({
  schema: "egress-scout/verdicts@1",
  verdicts: all.map(({ verdict }) => verdictDocument(verdict)),
});

/** A line each, in columns; `now` (ms) tells which have ended. */
export function verdictsText(all: readonly VerdictTold[], now: number, settings: TextSettings): string {
  const { colours, fit } = screen(settings);
  if (all.length === 0) return "No verdicts.\n";
  const head = ["ID", "VERDICT", "UNTIL", "FROM", "BY", "ON", "REASON"];
  const rows = all.map(({ verdict, subject, from }) => [
    verdict.id,
    verdict.verdict,
    endText(verdict, now),
    from,
    plain(verdict.by),
    subjectText(subject),
    plain(verdict.reason),
  ]);
  const paint: Paint = (text, column, row) =>
    row === 0 ? colours.bold(text) : column === -1 ? colours.dim(text) : text;
  return `${table([head, ...rows], paint, { ...fit, whole: ["ID", "VERDICT", "UNTIL"], extra: ["REASON"], below: ["FROM", "BY", "REASON", "ON", "UNTIL"] })}\n`;
}

const hour = 60 * 60_000;

/** `-`, or `2026-11-29 10:05 UTC` and how soon that is, rounded up, or `(ended)`. */
export function endText({ until }: Verdict, now: number): string {
  if (until === null) return "-";
  if (until <= now) return `${clock(until)} (ended)`;
  const unit = until - now < hour ? hour / 60 : hour;
  return `${clock(until)} (in ${age(Math.ceil((until - now) / unit) * unit)})`;
}

export function subjectText(subject: Subject | null): string {
  if (subject === null) return "not known here";
  const { kind, source, destination } = subject;
  if (kind === "blind") return `${kind} of ${source.cluster}`;
  const who = `${source.namespace}/${source.workload}`;
  return kind === "fan-out" ? `${kind} of ${who}` : `${kind} of ${who} to ${placeText(destination)}`;
}

/** What a person wrote, or `-`: quoted where it is more than words of any script. */
function plain(text: string | null): string {
  if (text === null || text === "") return "-";
  return /^[\p{L}\p{M}\p{N}\p{Emoji_Presentation}_ .,:;!?()/@+'-]+$/u.test(text)
    ? legible(text, 500)
    : quoted(text, 500);
}
