/** What could not be delivered for a day is itself reported: in every run, and once to whoever else can be told. Pure. */
import type { Failure, Letter } from "../model.ts";
import { compose } from "./compose.ts";
import { letterTo } from "./deliver.ts";
import { time } from "./headline.ts";

/** So long after a letter or its channel failed first, ms of runs. */
const patience = 24 * 60 * 60_000;

export interface Waiting {
  /** Letters that nobody took, oldest first. */
  letters: readonly Letter[];
  /** Channels that take nothing, by name, as they are after the run. */
  outages: ReadonlyMap<string, Failure>;
  /** Whom to tell: the default owner's channels that are there. */
  others: readonly string[];
  cluster: string;
  /** The run's end, ms. */
  now: number;
}

export interface Undelivered {
  warnings: string[];
  /** To be written in one step: letters about what waits, and that it was reported. */
  letters: Letter[];
  failures: (readonly [letterId: string, failure: Failure])[];
  outages: (readonly [channel: string, outage: Failure])[];
}

/**
 * One warning for each channel, and one letter for each channel, team and other channel: it holds the findings that wait. An outage is
 * reported once, however many letters come to wait; so is a letter that its channel refuses while it takes others.
 */
export function undelivered(waiting: Waiting): Undelivered {
  const out: Undelivered = { warnings: [], letters: [], failures: [], outages: [] };
  for (const channel of [...new Set(waiting.letters.map((one) => one.channel))].sort()) {
    const outage = waiting.outages.get(channel);
    const own = waiting.letters.filter((one) => one.channel === channel).map((one) => withOwn(one, outage));
    const isLate = (failure: Failure | undefined) => failure !== undefined && waiting.now - failure.since >= patience;
    const late = isLate(outage) ? own : own.filter((one) => isLate(one.failure));
    const first = isLate(outage) ? outage : late[0]?.failure;
    if (first === undefined) continue;
    const messages = `${late.length} message${late.length === 1 ? "" : "s"}`;
    const note = `${channel} could not be told since ${time(first.since)}: ${messages} wait${late.length === 1 ? "s" : ""}.`;
    out.warnings.push(`${note.slice(0, -1)} (${first.text})`);
    const fresh =
      first === outage ? (outage.reported ? [] : late) : late.filter((one) => one.failure?.reported !== true);
    const letters = report(fresh, channel, first.since, note, waiting);
    if (letters.length === 0) continue;
    out.letters.push(...letters);
    if (first === outage) out.outages.push([channel, { ...outage, reported: true }]);
    else for (const { id, failure } of fresh) if (failure) out.failures.push([id, { ...failure, reported: true }]);
  }
  return out;
}

/** A channel that takes some and then no more never came to the others: they wait since they were written. */
const withOwn = (letter: Letter, outage: Failure | undefined): Letter =>
  letter.failure !== undefined || outage === undefined
    ? letter
    : { ...letter, failure: { ...outage, since: Math.min(outage.since, letter.message.at), reported: false } };

function report(late: readonly Letter[], channel: string, since: number, note: string, waiting: Waiting): Letter[] {
  const { cluster, now, outages } = waiting;
  const others = waiting.others.filter((one) => one !== channel && !outages.has(one));
  const findings = new Map(late.flatMap(({ message }) => message.findings.map((one) => [one.id, one] as const)));
  const [reason = "first", ...mixed] = new Set(late.map(({ message }) => message.reason));
  const messages = compose([...findings.values()], cluster, now, mixed.length > 0 ? "first" : reason, () => [
    -1,
    since,
  ]);
  return messages.flatMap((message) => others.map((one) => letterTo(one, { ...message, note })));
}
