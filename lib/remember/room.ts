/** What is remembered of one cluster, and how each call changes it. Pure; the memory of a process, and what DynamoDB's log is replayed onto. */
import type { Answer, Failure, Finding, Habit, Letter, Sighting, Telling, ToldFinding } from "../model.ts";
import { answersKept, type Change, mostFindings, type Progress, receiptsKept, type Unsent } from "./store.ts";

export interface Room {
  progress: Progress | null;
  sightings: Map<string, Sighting>;
  letters: Map<string, Letter>;
  open: Map<string, Finding>;
  tellings: Map<string, Telling>;
  outages: Map<string, Failure>;
  habits: Map<string, Habit>;
  answers: Map<string, Answer>;
  findings: Map<string, ToldFinding>;
  /** By channel, then key. */
  receipts: Map<string, Map<string, Kept>>;
}

/** A receipt, and when it was written. */
export interface Kept {
  receipt: string;
  at: number;
}

export const emptyRoom = (): Room => ({
  progress: null,
  sightings: new Map(),
  letters: new Map(),
  open: new Map(),
  tellings: new Map(),
  outages: new Map(),
  habits: new Map(),
  answers: new Map(),
  findings: new Map(),
  receipts: new Map(),
});

/** @param isRuled did somebody decide about the finding of this id? */
export function noteChange(room: Room, change: Change, isRuled: (id: string) => boolean): void {
  const { sightings, letters, open, tellings, habits, answers, findings } = room;
  for (const one of change.sightings) sightings.set(one.key, one);
  for (const one of change.letters) if (!letters.has(one.id)) letters.set(one.id, one);
  for (const one of change.opened) open.set(one.id, one);
  for (const [id, telling] of change.tellings) if (open.has(id)) tellings.set(id, telling);
  for (const id of change.closed) {
    open.delete(id);
    tellings.delete(id);
  }
  for (const one of change.habits) habits.set(one.key, one);
  for (const one of change.answers) answers.set(one.question, one);
  forgetAnswers(room, change.progress.end);
  for (const one of change.findings) if (!findings.has(one.id)) findings.set(one.id, one);
  if (change.findings.length > 0) forgetFindings(room, isRuled);
  room.progress = { ...change.progress };
}

/** What was held for long enough is gone, and where there are too many the newest stay. */
export function forgetAnswers({ answers }: Room, end: number): void {
  for (const [question, one] of answers) if (one.until < end - answersKept.after) answers.delete(question);
  if (answers.size <= answersKept.most) return;
  const newest = [...answers.values()].sort(
    (one, other) => other.at - one.at || (one.question < other.question ? -1 : 1),
  );
  for (const { question } of newest.slice(answersKept.most)) answers.delete(question);
}

function forgetFindings({ findings }: Room, isRuled: (id: string) => boolean): void {
  if (findings.size <= mostFindings) return;
  const newest = [...findings.values()].sort((one, other) => other.at - one.at || (one.id < other.id ? -1 : 1));
  for (const { id } of newest.slice(mostFindings)) if (!isRuled(id)) findings.delete(id);
}

export function noteUnsent({ letters, outages }: Room, unsent: Unsent): void {
  for (const [id, failure] of unsent.failures) {
    const one = letters.get(id);
    if (one !== undefined) letters.set(id, { ...one, failure });
  }
  for (const [channel, outage] of unsent.outages) {
    if (outage === null) outages.delete(channel);
    else outages.set(channel, outage);
  }
  for (const one of unsent.letters) if (!letters.has(one.id)) letters.set(one.id, one);
}

export function noteReceipts(
  { receipts, open }: Room,
  channel: string,
  changes: Iterable<readonly [key: string, receipt: string | null]>,
  at: number,
): void {
  const own = receipts.get(channel) ?? new Map<string, Kept>();
  receipts.set(channel, own);
  for (const [key, one] of own) if (one.at < at - receiptsKept && !open.has(key)) own.delete(key);
  for (const [key, receipt] of changes) {
    if (receipt === null) own.delete(key);
    else own.set(key, { receipt, at });
  }
}

export const receiptsOf = ({ receipts }: Room, channel: string): Map<string, string> =>
  new Map([...(receipts.get(channel) ?? [])].map(([key, { receipt }]) => [key, receipt]));
