/** What waits for a channel that takes nothing for weeks is folded, so that it does not grow without end. Pure. */
import type { Finding, Letter } from "../model.ts";
import { compose, part } from "./compose.ts";
import { letterTo } from "./deliver.ts";
import { time } from "./headline.ts";
import type { Waiting } from "./undelivered.ts";

const day = 24 * 60 * 60_000;
/** What may wait for one channel; beyond it, what is older than a day is folded until half of it waits. `age`: ms of runs. */
const most = { letters: 200, findings: 2_000, age: 30 * day };
/** A folded letter keeps so many findings, the most severe ones. */
const mostKept = 100;

export interface Folded {
  /** To be written before `gone` is struck off. */
  letters: Letter[];
  gone: Letter[];
  /** Letters to others about findings that no letter has any more. */
  reports: Letter[];
  warnings: string[];
}

/**
 * For each channel that has too much waiting, the oldest letters become one for each team: every finding once, as it was last, without those
 * that a later letter tells of. What a letter has no room for is told to others and said in a warning; where nobody else can be told, there
 * are as many letters as it takes.
 */
export function fold(waiting: Waiting): Folded {
  const out: Folded = { letters: [], gone: [], reports: [], warnings: [] };
  for (const channel of [...new Set(waiting.letters.map((one) => one.channel))].sort()) {
    const own = waiting.letters.filter((one) => one.channel === channel);
    const gone = tooMuch(own, waiting.now);
    if (gone.length > 0) foldAll(gone, own, waiting, out);
  }
  return out;
}

/** The letters to fold, oldest first. */
function tooMuch(own: readonly Letter[], now: number): Letter[] {
  const old = own.filter(({ message }) => message.at <= now - day);
  const rest = { letters: own.length, findings: own.reduce((sum, { message }) => sum + message.findings.length, 0) };
  const isOver = rest.letters > most.letters || rest.findings > most.findings;
  if (!isOver && !old.some(({ message }) => message.at < now - most.age)) return [];
  const gone: Letter[] = [];
  for (const letter of old) {
    const isOld = letter.message.at < now - most.age + day;
    const isMuch = isOver && (rest.letters > most.letters / 2 || rest.findings > most.findings / 2);
    if (!isOld && !isMuch) continue;
    gone.push(letter);
    rest.letters -= 1;
    rest.findings -= letter.message.findings.length;
  }
  const [first, ...others] = gone;
  return others.length === 0 && (first?.message.findings.length ?? 0) <= mostKept ? [] : gone;
}

function foldAll(gone: readonly Letter[], own: readonly Letter[], waiting: Waiting, out: Folded): void {
  const { cluster, now, outages } = waiting;
  const [{ channel, message: oldest }] = gone as [Letter];
  const before = new Set(gone);
  const later = new Set(own.flatMap((one) => (before.has(one) ? [] : one.message.findings.map(({ id }) => id))));
  const byId = new Map(gone.flatMap(({ message }) => message.findings.map((one) => [one.id, one] as const)));
  const findings = [...byId.values()].filter(({ id }) => !later.has(id));
  const [reason = "first", ...mixed] = new Set(gone.map(({ message }) => message.reason));
  const said = mixed.length > 0 ? "first" : reason;
  const write = (some: readonly Finding[]) => compose(some, cluster, now, said, () => [-2, now]);
  const others = waiting.others.filter((one) => one !== channel && !outages.has(one));
  const made: Letter[] = [];
  const dropped: Finding[] = [];
  for (const message of write(findings)) {
    const pieces = piecesOf(message.findings);
    // With nobody else to tell, nothing may be left out.
    const kept = others.length === 0 ? pieces : pieces.slice(0, 1);
    dropped.push(...pieces.slice(kept.length).flat());
    for (const piece of kept) {
      const size = `${piece.length} of ${message.findings.length} findings, the most severe first`;
      const note = `In the place of what waited for ${channel} since ${time(oldest.at)}: ${size}.`;
      made.push(letterTo(channel, { ...part(message, piece), note }));
    }
  }
  if (others.length === 0 && made.length >= gone.length) return;
  const count = `${dropped.length} finding${dropped.length === 1 ? " has" : "s have"}`;
  const left = dropped.length === 0 ? "" : ` ${count} no room there.`;
  const note = `${channel} could not be told since ${time(oldest.at)}: ${gone.length} messages became ${made.length}.${left}`;
  out.letters.push(...made);
  out.gone.push(...gone);
  out.warnings.push(note.slice(0, -1));
  for (const message of write(dropped)) out.reports.push(...others.map((one) => letterTo(one, { ...message, note })));
}

/** As many findings as a letter keeps, each. */
const piecesOf = (findings: readonly Finding[]): Finding[][] =>
  Array.from({ length: Math.ceil(findings.length / mostKept) }, (_, n) =>
    findings.slice(n * mostKept, (n + 1) * mostKept),
  );
