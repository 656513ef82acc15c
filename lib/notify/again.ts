/** Which findings that were open before are told in this run all the same. Pure. */
import { type Finding, isSilenced, type Telling } from "../model.ts";
import { type DigestTime, digestBefore } from "./calendar.ts";
import type { Said } from "./letters.ts";
import { firstTelling, type RepeatSettings, toldNow, whyTell } from "./telling.ts";

/** What is open, and how it was told. */
export interface StillOpen {
  /** Findings that were open before the run, by id. */
  before: ReadonlyMap<string, Finding>;
  /** Those to be kept open as they are now, and ids of those that are over. */
  opened: readonly Finding[];
  closed: readonly string[];
  /** What the run tells anyway. */
  findings: readonly Finding[];
  tellings: ReadonlyMap<string, Telling>;
}

export interface AgainSettings extends RepeatSettings {
  /** When the digest goes out; null for never. */
  digest: DigestTime | null;
}

/**
 * What changed, what is to be repeated, and in the first run after a digest was due, what is open and was not told since the digest before.
 * @param last when the last run ended, ms; null before the first
 * @param now when this one does
 */
export function again(open: StillOpen, settings: AgainSettings, last: number | null, now: number): Said[] {
  const told = new Set(open.findings.map((one) => one.id));
  const due = dueDigest(settings.digest, last, now);
  return [...openNow(open)].flatMap((finding): Said[] => {
    if (told.has(finding.id) || isSilenced(finding)) return [];
    const telling = open.tellings.get(finding.id) ?? firstTelling(finding);
    const why = whyTell(finding, telling, open.before.get(finding.id) ?? null, settings, now);
    if (why !== null) return [{ finding, reason: why, occasion: telling.told + 1 }];
    if (due === null || telling.at > due.before) return [];
    return [{ finding, reason: "digest", occasion: due.at }];
  });
}

function* openNow({ before, opened, closed }: StillOpen): Generator<Finding> {
  const now = new Map(opened.map((one) => [one.id, one]));
  const over = new Set(closed);
  for (const one of before.values()) if (!over.has(one.id)) yield now.get(one.id) ?? one;
  for (const one of opened) if (!before.has(one.id)) yield one;
}

/** The digest that is due, and the one before it; null where none is. */
function dueDigest(digest: DigestTime | null, last: number | null, now: number): { at: number; before: number } | null {
  if (digest === null || last === null) return null;
  const at = digestBefore(digest, now);
  return at <= last ? null : { at, before: digestBefore(digest, at - 1) };
}

/** How the open findings stand once all that is said is told; a digest counts as no telling. */
export function tellingsOf(
  said: readonly Said[],
  { opened, before, tellings }: Pick<StillOpen, "opened" | "before" | "tellings">,
  now: number,
): [id: string, telling: Telling][] {
  const open = new Set([...before.keys(), ...opened.map((one) => one.id)]);
  return said.flatMap(({ finding, reason }): [string, Telling][] => {
    if (reason === "resolved" || reason === "digest" || !open.has(finding.id)) return [];
    const earlier = before.get(finding.id) ?? null;
    const telling = earlier === null ? null : (tellings.get(finding.id) ?? firstTelling(finding));
    return [[finding.id, toldNow(finding, telling, earlier, reason, now)]];
  });
}
