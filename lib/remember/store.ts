import type {
  Answer,
  AskedRun,
  Failure,
  Finding,
  Habit,
  Letter,
  Sighting,
  Telling,
  ToldFinding,
  Verdict,
} from "../model.ts";
import type { Memory } from "../words/memory.ts";

/** How far the runs of one cluster have come. */
export interface Progress {
  /** End of the last finished window. */
  end: number;
  /** While the first run still learns: how far back it began; null once learned. */
  learningSince: number | null;
  /** End of the last five-minute bucket whose blocked calls were judged, ms; null before the first. */
  judgedUntil: number | null;
}

/** What one run leaves behind, written in one step. */
export interface Change {
  sightings: readonly Sighting[];
  letters: readonly Letter[];
  /** Findings that stay open after the run, or are open no longer. */
  opened: readonly Finding[];
  closed: readonly string[];
  /** Of open findings that were told, by id. */
  tellings: readonly (readonly [id: string, telling: Telling])[];
  habits: readonly Habit[];
  /** What the DNS said anew. */
  answers: readonly Answer[];
  /** Findings that are told; of one that was told before, the first time stays. */
  findings: readonly ToldFinding[];
  progress: Progress;
}

/** A change of nothing but the progress. */
export const nothingNew = (progress: Progress): Change => ({
  sightings: [],
  letters: [],
  opened: [],
  closed: [],
  tellings: [],
  habits: [],
  answers: [],
  findings: [],
  progress,
});

/** What a run could not send, written in one step. */
export interface Unsent {
  /** Of letters that still wait, by id. */
  failures: readonly (readonly [letterId: string, failure: Failure])[];
  /** Channels that take nothing, by name; null for one that takes letters again. */
  outages: readonly (readonly [channel: string, outage: Failure | null])[];
  /** Letters about those that could not be sent. */
  letters: readonly Letter[];
}

/** How long answers are kept after they hold no longer, ms, and how many at most of one cluster. */
export const answersKept = { after: 7 * 24 * 60 * 60_000, most: 20_000 };

/** Told findings that are kept of one cluster: the newest, and those that have a verdict in the store. */
export const mostFindings = 20_000;
/** How long a receipt is kept after it was written last, ms; that of a finding that is open stays. */
export const receiptsKept = 30 * 24 * 60 * 60_000;

/** How long a run that was asked for is kept after that, ms, and how many at least of the newest. */
export const runsKept = { after: 7 * 24 * 60 * 60_000, most: 100 };

/** Where we remember. All methods throw ScoutError `store/…`. */
export interface Store {
  /**
   * Waits for its turn, so that one cluster has one run at a time. A run that is killed leaves no lock behind.
   * @throws ScoutError `store/busy` when the other run takes longer than `patience` milliseconds
   */
  lease(cluster: string, patience: number): Promise<Lease>;
  progress(cluster: string): Promise<Progress | null>;
  /** All sightings of a cluster by key. */
  recall(cluster: string): Promise<Memory>;
  /** Findings whose cause lasts, by id. */
  open(cluster: string): Promise<Map<string, Finding>>;
  /** How open findings were told, by id. What is damaged is left out. */
  tellings(cluster: string): Promise<Map<string, Telling>>;
  /** Habits by key. */
  habits(cluster: string): Promise<Map<string, Habit>>;
  /**
   * What the DNS said, by question. An answer is gone when a run ends that is a week later than it held, and where there are more than
   * `answersKept.most` the newest are kept. What was damaged is left out: it is asked again.
   */
  answers(cluster: string): Promise<Map<string, Answer>>;
  /** Everything of the change, or nothing. A letter that is already there stays as it is. */
  remember(cluster: string, change: Change): Promise<void>;
  /** Writes as `remember` does, and leaves nothing behind. */
  rehearse(cluster: string): Promise<void>;
  /** Letters not yet told, oldest first. */
  letters(cluster: string): Promise<Letter[]>;
  /** The channel said yes. */
  told(cluster: string, letterId: string): Promise<void>;
  /** Clusters that anything is remembered of, sorted. */
  clusters(): Promise<string[]>;
  /** What persons decided, by finding id, whatever cluster it is of (an id is of one cluster alone); those that ended as well. */
  verdicts(): Promise<Map<string, Verdict>>;
  /** In the place of an earlier one on the same finding. */
  rule(verdict: Verdict): Promise<void>;
  /** False where there is none. */
  unrule(id: string): Promise<boolean>;
  /** Told findings by id: of these ids, or all that are kept. */
  findings(cluster: string, ids?: ReadonlySet<string>): Promise<Map<string, ToldFinding>>;
  /** Channels that took nothing when they were tried last, by name. What is damaged is left out. */
  outages(cluster: string): Promise<Map<string, Failure>>;
  /** Everything of it, or nothing. A failure of a letter that is not there is passed over; a letter that is already there stays as it is. */
  unsent(cluster: string, unsent: Unsent): Promise<void>;
  /**
   * What a channel answered for what it took, by key. Notes of our own that hold for as long are kept here as well, under names that no
   * channel has since they begin with a parenthesis: what a fallback was told, what verdicts' ids were
   * looked up, and from when on an access log is to be read again.
   */
  receipts(cluster: string, channel: string): Promise<Map<string, string>>;
  /** Keeps some, and takes away those that are null and those that are older than `receiptsKept`. `at`: ms, the run's end. */
  keepReceipts(
    cluster: string,
    channel: string,
    changes: ReadonlyMap<string, string | null>,
    at: number,
  ): Promise<void>;
  /**
   * Keeps a run that is asked for, unless one of its cluster that was asked for after `since` (ms) waits or goes on still. Of two that are
   * asked for at once, one gets false. Runs older than `runsKept` may go, and those beyond its number.
   */
  askRun(run: AskedRun, since: number): Promise<boolean>;
  /** In the place of what was kept of it, whatever others do. */
  keepRun(run: AskedRun): Promise<void>;
  /** Null for one that is not kept, or older than `runsKept.after` at `now` (ms). */
  askedRun(id: string, now: number): Promise<AskedRun | null>;
  close(): Promise<void>;
}

export interface Lease {
  release(): Promise<void>;
}
