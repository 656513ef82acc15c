/** Durations as Prometheus writes them (`90s`, `15m`, `1h30m`, `7d`, `2w`), in milliseconds. Pure. */

const units: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000,
};

/** Milliseconds of a Prometheus duration (units from large to small, each once), or null where it is none. */
export function parseDuration(text: string): number | null {
  const match = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/.exec(text);
  if (text === "" || match === null) return null;
  const names = ["y", "w", "d", "h", "m", "s", "ms"];
  const total = names.reduce((sum, name, index) => sum + Number(match[index + 1] ?? 0) * (units[name] ?? 0), 0);
  return Number.isSafeInteger(total) ? total : null;
}

/** `300000` → `5m`, `5400000` → `1h30m`: the shortest Prometheus duration that means exactly so many milliseconds. */
export function formatDuration(milliseconds: number): string {
  let rest = milliseconds;
  let out = "";
  for (const name of ["d", "h", "m", "s", "ms"]) {
    const unit = units[name] ?? 1;
    const whole = Math.floor(rest / unit);
    if (whole > 0) out += `${whole}${name}`;
    rest -= whole * unit;
  }
  return out === "" ? "0s" : out;
}

/** Milliseconds since the epoch of an RFC 3339 time (with a zone) or Unix seconds, or null where it is neither. */
export function parseTime(text: string): number | null {
  if (/^\d{1,12}(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  if (!/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(text)) return null;
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? null : parsed;
}

/** `2026-11-22 10:05 UTC`, as people read it. */
export const clock = (time: number): string => `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;

const large: readonly (readonly [unit: string, letter: string, length: number])[] = [
  ["day", "d", 86_400_000],
  ["hour", "h", 3_600_000],
  ["minute", "m", 60_000],
  ["second", "s", 1000],
];

/** In its largest unit, rounded down: `11m`, `3d`; under a second `0s`. */
export function age(milliseconds: number): string {
  const [, letter, length] = large.find(([, , one]) => milliseconds >= one) ?? ["", "s", 1000];
  return `${Math.max(0, Math.floor(milliseconds / length))}${letter}`;
}

/** `11 minutes ago`, `just now`; empty for what is yet to come. */
export function ago(time: number, now: number): string {
  if (time > now) return "";
  const [unit, , length] = large.find(([, , one]) => now - time >= one) ?? ["", "", 0];
  if (length === 0) return "just now";
  const count = Math.floor((now - time) / length);
  return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
}
