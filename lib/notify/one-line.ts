/**
 * Untrusted text as part of a line of ours, without quotes around it: a summary, a team, a host name. In goes anything, out
 * comes printable ASCII of at most `most` characters, on one line. What a terminal, HTML or Slack could take for more than
 * text is written as a JSON escape, as lib/words/printable.ts does; text that went through `printable` before comes out unchanged.
 */
export function oneLine(text: string, most: number): string {
  let out = "";
  for (const character of text) {
    const piece = /[\x20-\x7e]/.test(character) && !/[<>&`]/.test(character) ? character : escaped(character);
    if (out.length + piece.length > most) return cut(out, most);
    out += piece;
  }
  return out;
}

/** Three dots at the end, inside the limit: whoever reads a shortened name has to see that it is one. */
function cut(out: string, most: number): string {
  return `${out.slice(0, Math.max(0, most - 3))}...`.slice(0, most);
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
    .map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`)
    .join("");
}
