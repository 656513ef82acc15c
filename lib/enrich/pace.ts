/** How fast and for how long we may ask: a token bucket and a total budget. Pure arithmetic; the clock is passed in, the caller sleeps. */

export interface PaceSettings {
  /** Questions a second in the long run; more than 0, fractions allowed. */
  perSecond: number;
  /** How many may go at once after a quiet spell; at least 1. */
  burst: number;
  /** Milliseconds from the first question on, after which none is asked. */
  budget: number;
  /** Milliseconds of any clock; one that goes back is taken as standing still. */
  now: () => number;
}

export interface Pace {
  /** Takes a token: the milliseconds to wait before asking (0: at once), or null where the budget ends before that. */
  take(): number | null;
  /** Milliseconds of the budget left; 0 when it is used up. The first call starts the clock. */
  left(): number;
}

/**
 * The generic cell rate algorithm (ITU-T I.371): one number, the time the next token falls due, instead of a counter to refill.
 * The budget is time, not questions: a server that answers nothing must not hold a run up, however few the addresses.
 */
export function pace(settings: PaceSettings): Pace {
  const gap = 1000 / settings.perSecond;
  const slack = (Math.max(1, settings.burst) - 1) * gap;
  let latest = Number.NEGATIVE_INFINITY;
  let started: number | null = null;
  let due = Number.NEGATIVE_INFINITY;

  function tick(): number {
    latest = Math.max(latest, settings.now());
    return latest;
  }

  function left(): number {
    const at = tick();
    started ??= at;
    return Math.max(0, started + settings.budget - at);
  }

  function take(): number | null {
    const rest = left();
    const from = Math.max(due, latest - slack);
    const wait = Math.max(0, from - latest);
    if (wait >= rest) return null;
    due = from + gap;
    return wait;
  }

  return { take, left };
}
