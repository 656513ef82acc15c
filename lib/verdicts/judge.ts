/** What verdicts make of a run's findings: silence, alarm, or word of their own end. Pure. */
import { finding } from "../detect/detector.ts";
import { findingId } from "../detect/finding-id.ts";
import { followed, gathered } from "../detect/lasting.ts";
import { type Finding, isSilenced, type Observation, type Sighting, type Verdict, type Window } from "../model.ts";
import { afterEnd, againThough, endText, type Note, over, stillThere, withDenial } from "./notes.ts";
import { isNewKind, type Ruled, type Rulings } from "./rulings.ts";
import { newKind } from "./subjects.ts";

/** A call that a verdict concerns. */
export interface Concerned {
  observation: Observation;
  said: Verdict;
}

/** What a run knows when its findings are judged. */
export interface Judging {
  rulings: Rulings;
  window: Window;
  /** Findings that were open before, by id. */
  open: ReadonlyMap<string, Finding>;
  calls: readonly Concerned[];
  memory: ReadonlyMap<string, Sighting>;
}

/** The conclusion of a run with its verdicts. */
export interface Judged {
  findings: Finding[];
  opened: Finding[];
  closed: string[];
  /** Ids of findings that are told because a verdict is on them, or no longer is. */
  changed: ReadonlySet<string>;
  /** By id: what is to be said of it beside what enrich says. */
  notes: ReadonlyMap<string, Note>;
  warnings: string[];
}

type Conclusion = Pick<Judged, "findings" | "opened" | "closed">;

/**
 * Marks what somebody decided about: `finding.verdict`. Denied findings become critical, and are told as changed; a denied sighting that
 * is called is found though it is known, and stays open while it is called. What was silenced, lasts and is silenced no longer is told.
 */
export function judge({ findings, opened, closed }: Conclusion, judging: Judging): Judged {
  const { rulings, open } = judging;
  const notes = new Map<string, Note>();
  const changed = new Set<string>();
  const found = new Map<string, Finding>();
  const kept = new Map<string, Finding>();
  for (const one of opened) kept.set(one.id, marked(one, rulings));
  for (const one of findings) found.set(one.id, one.state === "open" ? marked(one, rulings) : ended(one, judging));
  for (const [id, one] of kept) {
    const before = open.get(id);
    if (found.has(id) || before === undefined) continue;
    if (isDenied(one) && !isDenied(before)) found.set(id, one);
    if (one.verdict === undefined && isSilenced(before) && before.verdict !== undefined) {
      found.set(id, one);
      changed.add(id);
      notes.set(id, stillThere(before.verdict, judging.window.to));
    }
  }
  const episodes = deniedCalls(judging, new Set(opened.map(({ id }) => id)));
  for (const one of episodes.opened) kept.set(one.id, one);
  for (const one of episodes.findings) found.set(one.id, one);
  for (const one of found.values()) {
    if (!isDenied(one) || one.verdict === undefined) continue;
    if (one.state === "open") changed.add(one.id);
    // Without it the next run would tell it once more.
    if (one.state === "open" && isNewKind(one) && !kept.has(one.id)) kept.set(one.id, one);
    if (!isNewKind(one)) notes.set(one.id, withDenial(one.verdict));
    else if (one.state === "resolved") notes.set(one.id, over);
  }
  const warnings: string[] = [];
  for (const one of rulings.ended) {
    const said = notice(one, judging, { found, notes });
    if (typeof said === "string") warnings.push(said);
    else if (said !== null) {
      found.set(said.id, said);
      changed.add(said.id);
      notes.set(said.id, afterEnd(one.verdict, said));
    }
  }
  const all = [...found.values()];
  return {
    findings: all,
    opened: [...kept.values()],
    closed: [...closed, ...episodes.closed],
    changed,
    notes,
    warnings,
  };
}

const isDenied = ({ verdict }: Finding): boolean => verdict?.verdict === "denied";

/** As the detector left it, with the verdict that holds now; one of an earlier run may hold no longer. */
function marked({ verdict: _, ...one }: Finding, rulings: Rulings): Finding {
  const verdict = rulings.on(one);
  if (verdict === undefined) return one;
  if (verdict.verdict !== "denied") return { ...one, verdict };
  const summary = isNewKind(one) ? againThough(verdict) : one.summary;
  return { ...one, verdict, severity: "critical", summary };
}

/** Nobody hears the end of what nobody heard of. */
function ended(one: Finding, { rulings, open }: Judging): Finding {
  const before = open.get(one.id);
  const now = marked(one, rulings);
  return now.verdict === undefined && before !== undefined && isSilenced(before)
    ? { ...now, ...verdictOf(before) }
    : now;
}

const verdictOf = ({ verdict }: Finding) => (verdict === undefined ? {} : { verdict });

/**
 * Calls of denied sightings, as findings of what is new there: open while it is called, over after an hour. Where the denial is of a
 * finding that its own detector keeps open, that one speaks.
 * @param spoken ids of what detectors keep open
 */
function deniedCalls({ rulings, open, calls, window }: Judging, spoken: ReadonlySet<string>): Conclusion {
  const denied = calls.filter(({ observation, said }) => rulings.denied.has(observation.key) && !spoken.has(said.id));
  const now = [...gathered(denied, ({ observation }) => ownId(observation))].map(([id, { observation, said }]) => {
    const before = open.get(id);
    const seen = {
      ...observation,
      count: (before?.count ?? 0) + (observation.count ?? 0),
      firstSeen: before?.firstSeen ?? observation.firstSeen,
    };
    const made = finding(newKind(observation.destination), "critical", id, seen);
    return { ...made, verdict: said, summary: againThough(said) };
  });
  const episodes = new Map([...open].filter(([, one]) => isNewKind(one) && isDenied(one)));
  const denies = (one: Finding) => rulings.denied.has(one.key);
  const lasting = new Map([...episodes].filter(([, one]) => denies(one)));
  const ends = [...episodes.values()].filter((one) => !denies(one)).map(({ id }) => id);
  const all = (["new-destination", "new-blocked"] as const).map((kind) =>
    followed(
      kind,
      now.filter((one) => one.kind === kind),
      { open: lasting, window },
    ),
  );
  return {
    findings: all.flatMap((one) => one.findings),
    opened: now,
    closed: [...ends, ...all.flatMap((one) => one.closed)],
  };
}

const ownId = ({ key, destination }: Observation): string => findingId(newKind(destination), key);

/**
 * Word of the end of a verdict: a finding where it was on a destination that was new; where what it was on lasts, that one is told
 * again as it is; a sentence for the run where nothing of it is left.
 */
function notice(
  { verdict, subject }: Ruled,
  { calls, memory }: Judging,
  { found, notes }: { found: ReadonlyMap<string, Finding>; notes: ReadonlyMap<string, Note> },
): Finding | string | null {
  if (notes.has(verdict.id) && found.has(verdict.id)) return null;
  if (subject === null || !isNewKind(subject)) return endText(verdict, subject);
  const called = [...gathered(calls, ({ observation }) => observation.key).values()];
  const call = called.find(({ observation }) => observation.key === subject.key)?.observation;
  const known = memory.get(subject.key);
  const at = verdict.until ?? 0;
  const seen = call ?? { ...subject, count: 0, firstSeen: known?.firstSeen ?? at, lastSeen: known?.lastSeen ?? at };
  return finding(subject.kind, "info", verdict.id, { ...seen, ...subject });
}
