/**
 * Untrusted text for people: a workload writes its Host, a stranger writes PTR records.
 * The result is printable ASCII in double quotes, at most `most` characters of it and then three dots, with everything that a terminal,
 * HTML, Slack or a log reader could take for more than text written as a JSON escape.
 */
export function printable(text: string, most = 120): string {
  let out = "";
  for (const character of text) {
    const piece = /[\x20-\x7e]/.test(character) && !/["\\<>&`]/.test(character) ? character : escaped(character);
    if (out.length + piece.length > most) return `"${out}…"`.replace("…", "...");
    out += piece;
  }
  return `"${out}"`;
}

/**
 * Text for a terminal that a person may have written in any script: a name of a team, a reason. Letters, marks, digits and signs stay as
 * they are; what is unseen, moves the cursor or turns the direction is written as a JSON escape. At most `most` characters and then
 * three dots.
 */
export function legible(text: string, most = 200): string {
  let out = "";
  for (const character of text) {
    const piece = /[\p{C}\p{Zl}\p{Zp}]/u.test(character) ? escaped(character) : character;
    if (out.length + piece.length > most) return `${out}...`;
    out += piece;
  }
  return out;
}

/** Legible text in double quotes, which it cannot end. */
export function quoted(text: string, most = 200): string {
  return `"${legible(text.replaceAll(/["\\]/g, "\\$&"), most)}"`;
}

function escaped(character: string): string {
  if (character === '"' || character === "\\") return `\\${character}`;
  return [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`)
    .join("");
}
