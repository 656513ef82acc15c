/** Durations of the config, as numbers. */
import { parseDuration } from "../words/duration.ts";

/** Durations of a checked config are durations. @returns milliseconds */
export const milliseconds = (text: string): number => parseDuration(text) ?? 0;
