/** Globs of the config: over the whole of a text. Pure. */

/**
 * Does the glob match the whole text? Nothing but `*` (any characters, none too) and `?` (one) means anything. Takes no more than the
 * product of both lengths, whatever is written: a mismatch goes back to the last `*` alone, which then takes one character more.
 */
export function globMatches(glob: string, text: string): boolean {
  let [at, place] = [0, 0];
  let star: { at: number; place: number } | null = null;
  while (place < text.length) {
    const wanted = glob[at];
    if (wanted === "*") {
      star = { at, place };
      at++;
    } else if (wanted === "?" || wanted === text[place]) {
      at++;
      place++;
    } else if (star !== null) {
      star.place++;
      at = star.at + 1;
      place = star.place;
    } else return false;
  }
  return /^\**$/.test(glob.slice(at));
}
