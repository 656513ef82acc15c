/** Globs of the config: over the whole of a text. Pure. */
import picomatch from "picomatch";

/**
 * Does the glob match the whole text? Nothing but `*` (any characters, none too) and `?` (one) means anything: all else is escaped,
 * and a slash or a leading dot is a character like any other. Throws nothing.
 */
export function globMatches(glob: string, text: string): boolean {
  if (glob === "*" || glob === text) return true;
  if (!/[*?]/.test(glob)) return false;
  const known =
    compiled.get(glob) ?? picomatch(glob.replace(/[^\w*?-]/g, "\\$&"), { bash: true, dot: true, windows: false });
  compiled.set(glob, known);
  return known(text);
}

/** The config has a few globs and a run thousands of sources. */
const compiled = new Map<string, (text: string) => boolean>();
