/** A button that decides → verdicts, and what is said of them. No I/O of its own. */

import type { Ruling, Verdict } from "../../model.ts";
import { subjectText } from "../../report/verdicts.ts";
import { decideAll, type Outcome, usualSnooze } from "../../verdicts/decide.ts";
import { byWhom } from "../../verdicts/in-force.ts";
import { clock } from "../../words/duration.ts";
import type { ApiParts, PressJob } from "../parts.ts";
import { lines, type Reply } from "./reply.ts";

interface Button {
  verdict: Ruling;
  /** ms; null for a verdict without end. */
  lasts: number | null;
}

const day = 24 * 60 * 60_000;

/** By action id, as lib/notify/slack-buttons.ts names them. */
const buttons: ReadonlyMap<string, Button> = new Map([
  ["acknowledge", { verdict: "snoozed", lasts: day }],
  ["snooze-7d", { verdict: "snoozed", lasts: usualSnooze }],
  ["expected", { verdict: "expected", lasts: null }],
  ["deny", { verdict: "denied", lasts: null }],
]);

/** What a button decides; undefined for one that decides nothing. */
export const decisionOf = (action: string): Button | undefined => buttons.get(action);

/**
 * Keeps the verdicts and says what became of each. What was decided about a finding after the press stands.
 * @param signal of nobody waiting any more: from then on nothing is kept
 * @throws ScoutError `store/…`, `config/…`
 */
export async function rule(
  { verdict, lasts }: Button,
  { by, at, ids: pressed }: PressJob,
  parts: Pick<ApiParts, "store" | "reviewed">,
  signal?: AbortSignal,
): Promise<Reply> {
  const store = await parts.store();
  const until = lasts === null ? null : at + lasts;
  const before = await store.verdicts();
  const isLater = (id: string) => (before.get(id)?.at ?? 0) > at;
  const ids = pressed.filter((id) => !isLater(id));
  const verdicts = ids.map((id): Verdict => ({ id, verdict, until, reason: null, by, at }));
  const outcomes = await decideAll(store, parts.reviewed(), verdicts, { toldOnly: true, signal });
  const later = pressed.flatMap((id) => (isLater(id) ? [before.get(id) ?? []].flat() : []));
  return lines([...outcomes.flatMap(outcomeLines), ...later.map(laterLine)]);
}

const byHand = "'egress-scout verdict set' looks for it among all that was ever seen.";

function outcomeLines({ verdict, subject, overruled }: Outcome): string[] {
  const { id, verdict: ruling, until } = verdict;
  if (subject === null)
    return [
      `${id}: nobody was told of such a finding, as far as is remembered here: nothing is decided about it. ${byHand}`,
    ];
  const end = until === null ? "without end" : `until ${clock(until)}`;
  const kept = `${id} (${subjectText(subject)}): ${ruling}, ${end}.`;
  if (overruled === null) return [kept];
  return [kept, `The reviewed file says ${overruled.verdict} of ${id}${byWhom(overruled)}, and the file wins.`];
}

const laterLine = (one: Verdict): string =>
  `${one.id}: ${one.verdict} was decided after this button was pressed${byWhom(one)}, and stands.`;
