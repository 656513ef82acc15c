/** Host names and the wildcards that cover them, looked up without walking through all of them. */

/**
 * Does the pattern cover the host (istio pkg/config/host Name.SubsetOf)? Either may begin with `*`, which stands for one character
 * or more, dots included; a wildcard is covered by a wider one only.
 */
export function isNameCovered(host: string, pattern: string): boolean {
  if (!pattern.startsWith("*")) return host === pattern;
  const suffix = pattern.slice(1);
  return host.startsWith("*") ? host.slice(1).endsWith(suffix) : host.length > suffix.length && host.endsWith(suffix);
}

/** A value for each pattern: a host, `*.suffix` or `*part`. */
export interface NameIndex<T> {
  at(pattern: string): T | undefined;
  set(pattern: string, value: T): void;
  /** Values of the patterns that cover a name: itself first, then the longest wildcard. */
  covering(name: string): T[];
  /** The first of those. */
  nearest(name: string): T | undefined;
}

export function nameIndex<T>(): NameIndex<T> {
  const exact = new Map<string, T>();
  const suffixes = new Map<string, T>();
  let hasPartial = false;

  function* matches(name: string): Generator<T> {
    const whole = exact.get(name);
    if (whole !== undefined) yield whole;
    if (suffixes.size === 0) return;
    // A star stands for at least one character, hence from 1. Without `*part`, only dots begin a suffix.
    for (let from = hasPartial ? 1 : name.indexOf(".", 1); from > 0 && from < name.length; ) {
      const found = suffixes.get(name.slice(from));
      if (found !== undefined) yield found;
      from = hasPartial ? from + 1 : name.indexOf(".", from + 1);
    }
  }

  return {
    at: (pattern) => (pattern.startsWith("*") ? suffixes.get(pattern.slice(1)) : exact.get(pattern)),
    set(pattern, value) {
      if (!pattern.startsWith("*")) return void exact.set(pattern, value);
      hasPartial ||= !pattern.startsWith("*.");
      suffixes.set(pattern.slice(1), value);
    },
    covering: (name) => [...matches(name)],
    nearest: (name) => matches(name).next().value ?? undefined,
  };
}
