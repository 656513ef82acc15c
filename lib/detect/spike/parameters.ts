import { bucketsPerWeek } from "./bucket.ts";

/** What may differ from one set-up to the next. All else of the detector is fixed by its design and stands beside its use. */
export interface SpikeParameters {
  /** Evidence (nats) at which an episode opens. */
  threshold: number;
  /** Calls above the expected ones that the counted run must reach; not whole, see `spikeParameters`. */
  minExcess: number;
  /** Times the expected calls that the counted run must reach. A key younger than a week needs at least 2. */
  minRatio: number;
}

/** `detect.spike` of the config. */
export interface SpikeSettings {
  /** False alarms that all keys together may cost in a week. */
  falseAlarmsPerWeek: number;
  /** Fewest calls above the expected ones worth telling. */
  floor: number;
  /** Times the expected calls that are worth telling. */
  ratio: number;
}

/**
 * Evidence (nats) at which an episode opens: h = ln(2016 · keys / falseAlarmsPerWeek), 2016 being the buckets of a week.
 * In: the false alarms a week allowed for all keys together (> 0), and how many keys are watched (at least one is assumed).
 * Out: nats; 9.0 for 0.25 a key and week, 13.8 for 500 keys with one a week in all.
 * A CUSUM of log likelihood ratios needs e^h polls or more to a false alarm on average if the forecast is
 * right (Lorden 1971, by the Shiryaev–Roberts martingale), so K keys give at most K · 2016 / e^h a week. The forecast is estimated,
 * so it is a rule, not a guarantee. Never below 0: a budget above one alarm a bucket would open on no evidence at all.
 */
export function threshold(falseAlarmsPerWeek: number, keys: number): number {
  return Math.max(0, Math.log((bucketsPerWeek * Math.max(1, keys)) / falseAlarmsPerWeek));
}

/**
 * The config's words as the detector's numbers. In: `detect.spike`, and how many keys share its budget.
 * - `floor` is whole calls and the excess is not: 5 calls where 0.0001 were expected are an excess of 4.9999, which a person reads as 5.
 *   So the excess must *round* to the floor: minExcess = floor − ½ (the default 5 is the design's 4.5).
 * - `ratio` is taken as it is written: below it nothing opens. The default 2 is stricter than the design's 1.5, with which the golden vectors were made.
 */
export function spikeParameters(settings: SpikeSettings, keys: number): SpikeParameters {
  return {
    threshold: threshold(settings.falseAlarmsPerWeek, keys),
    minExcess: settings.floor - 0.5,
    minRatio: settings.ratio,
  };
}
