/** How wide text is on a terminal, and how it is made to fit. Pure. Nothing here knows escape sequences: text is painted afterwards. */

/** Made when it is first needed: it takes 3 MB, and most text is ASCII. */
let segmenter: Intl.Segmenter | null = null;
function graphemesOf(text: string): string[] {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}

/** Unicode's East Asian Wide and Fullwidth (UAX #11), emoji aside: blocks, since signs such as the Japanese long vowel are of no one script. */
const wide =
  /^[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{1b2fb}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]/u;
const picture = /^\p{Emoji_Presentation}|\ufe0f/u;

/** Cells that a terminal gives to the text. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const one of graphemesOf(text)) width += widthOf(one);
  return width;
}

function widthOf(grapheme: string): number {
  if (/^\p{M}+$/u.test(grapheme)) return 0;
  return picture.test(grapheme) || wide.test(grapheme) ? 2 : 1;
}

export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}

export function padStart(text: string, width: number): string {
  return " ".repeat(Math.max(0, width - displayWidth(text))) + text;
}

/** As much of the text as `width` cells hold, most of what is left from its end: how a host ends says whose it is. */
export function cutMiddle(text: string, width: number, dots = "..."): string {
  if (displayWidth(text) <= width) return text;
  const room = Math.max(0, width - dots.length);
  const all = graphemesOf(text);
  const head = fitting(all, Math.floor(room / 3));
  const tail = fitting(all.toReversed(), room - displayWidth(head.join(""))).toReversed();
  return `${head.join("")}${dots}${tail.join("")}`;
}

/** As much of its beginning as `width` cells hold. */
export function cutEnd(text: string, width: number, dots = "..."): string {
  if (displayWidth(text) <= width) return text;
  const all = graphemesOf(text);
  return `${fitting(all, Math.max(0, width - dots.length)).join("")}${dots.slice(0, Math.max(0, width))}`;
}

function fitting(all: readonly string[], width: number): string[] {
  let left = width;
  const more = all.findIndex((one) => {
    left -= widthOf(one);
    return left < 0;
  });
  return all.slice(0, more === -1 ? all.length : more);
}

/**
 * Lines of at most `width` cells, broken between words, all but the first behind `indent` blanks. A word that is longer stays whole:
 * whoever copies an id or a host gets all of it. Without a width, one line.
 */
export function wrap(text: string, width: number | null, indent = 0): string {
  if (width === null || displayWidth(text) <= width) return text;
  const before = " ".repeat(indent);
  const begin = /^ */.exec(text)?.[0] ?? "";
  const lines: string[] = [];
  let line = begin;
  for (const word of text.slice(begin.length).split(" ")) {
    const isFirst = line === begin || line === before;
    const longer = isFirst ? `${line}${word}` : `${line} ${word}`;
    if (!isFirst && displayWidth(longer) > width) {
      lines.push(line);
      line = `${before}${word}`;
    } else {
      line = longer;
    }
  }
  return [...lines, line].join("\n");
}

/** A command to copy, whole on a line, and what it is good for: behind it, or above it where there is no room. */
export function step(command: string, why: string, { width }: { width: number | null }): string {
  const line = `  ${command}   # ${why}`;
  return width === null || displayWidth(line) <= width ? line : `${wrap(`  # ${why}`, width, 4)}\n  ${command}`;
}
