/** What is said of a finding because of a verdict, in sentences. Pure. */

import type { Finding, Subject, Verdict } from "../model.ts";
import { placeText } from "../words/address.ts";
import { clock } from "../words/duration.ts";
import { byWhom } from "./in-force.ts";

/** What enrich said of a finding → what is told. */
export type Note = (summary: string, finding: Finding) => string;

/** Findings as they are told. */
export function withNotes(findings: readonly Finding[], notes: ReadonlyMap<string, Note>): Finding[] {
  return findings.map((one) => {
    const note = notes.get(one.id);
    return note === undefined ? one : { ...one, summary: note(one.summary, one) };
  });
}

/** In the place of "for the first time". */
export const againThough = (verdict: Verdict): string => `again, though it was denied${byWhom(verdict)}`;

export const withDenial =
  (verdict: Verdict): Note =>
  (summary) =>
    `${summary} It was denied${byWhom(verdict)}.`;

export const over: Note = (summary) => `${summary} Over: not called for an hour.`;

/** Of a finding that was silenced, lasts, and is silenced no longer. */
export const stillThere =
  (verdict: Verdict, now: number): Note =>
  (summary) =>
    `${endOf(verdict, now)}, and it lasts: ${summary}`;

function endOf(verdict: Verdict, now: number): string {
  const what = `The verdict "${verdict.verdict}"${byWhom(verdict)}`;
  return verdict.until !== null && verdict.until <= now
    ? `${what} ended at ${clock(verdict.until)}`
    : `${what} was taken back`;
}

/** Of a destination that was new once, on which a verdict ended. */
export const afterEnd =
  (verdict: Verdict, subject: Subject): Note =>
  (_, { count }) => {
    const calls =
      count === 0 ? "not called since the last run" : `${count} call${count === 1 ? "" : "s"} since the last run`;
    const next = verdict.verdict === "denied" ? "further calls are no alarm" : "what is found of it is told again";
    return `${endText(verdict, subject).replace(/^t/, "T")}: ${next}; ${calls}. Decide anew, or let it be.`;
  };

/** That a verdict ended, and on what, as the beginning of a sentence. */
export function endText(verdict: Verdict, subject: Subject | null): string {
  const who =
    subject === null || subject.kind === "blind" ? "" : `${subject.source.namespace}/${subject.source.workload}`;
  const place = subject === null || who === "" ? "" : ` to ${placeText(subject.destination)}`;
  const on =
    subject === null ? `the finding ${verdict.id}, of which nothing is known` : `${subject.kind} of ${who}${place}`;
  const at = verdict.until === null ? "" : ` at ${clock(verdict.until)}`;
  return `the verdict "${verdict.verdict}"${byWhom(verdict)} on ${on} ended${at}`;
}
