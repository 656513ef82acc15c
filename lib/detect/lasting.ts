/** Findings that stay open while something is called: what name-mismatch, policy-violation and entry-bypassed share. Pure. */
import type { Finding, FindingKind, Observation, Window } from "../model.ts";

/** Such a finding is over when nobody called for so long, ms. */
const quietFor = 60 * 60_000;

/** By finding: a long window comes in slices, each with what was called in it. */
export function gathered<T extends { observation: Observation }>(all: readonly T[], idOf: (one: T) => string) {
  const now = new Map<string, T>();
  for (const one of all) now.set(idOf(one), together(now.get(idOf(one)), one));
  return now;
}

function together<T extends { observation: Observation }>(before: T | undefined, later: T): T {
  if (before === undefined) return later;
  const { count, firstSeen, lastSeen } = before.observation;
  const observation = {
    ...later.observation,
    count: (count ?? 0) + (later.observation.count ?? 0),
    firstSeen: Math.min(firstSeen, later.observation.firstSeen),
    lastSeen: Math.max(lastSeen, later.observation.lastSeen),
  };
  return { ...later, observation };
}

/** The findings of a kind that were open before, and those of now: what is told, kept open and closed. */
export function followed(
  kind: FindingKind,
  opened: readonly Finding[],
  { open, window }: { open: ReadonlyMap<string, Finding>; window: Window },
): { findings: Finding[]; opened: Finding[]; closed: string[] } {
  const now = new Set(opened.map((one) => one.id));
  const over = [...open.values()].filter(
    (one) => one.kind === kind && !now.has(one.id) && window.to - one.lastSeen >= quietFor,
  );
  const news = opened.filter((one) => !open.has(one.id));
  return {
    findings: [...news, ...over.map((one): Finding => ({ ...one, state: "resolved" }))],
    opened: [...opened],
    closed: over.map((one) => one.id),
  };
}
