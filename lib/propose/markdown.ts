/** Markdown that others' words cannot leave. Pure. */

const longest = 200;

/**
 * Others' words as a span of code, on one line: there Markdown, HTML, links, mentions (`@`) and references (`#`, `!`) mean nothing. What ends
 * a span or a table's cell is escaped as JSON does, and so is what nobody can see. Throws nothing.
 */
export const code = (text: string): string => span(text, /[\x20-\x7e]/);

/** A person's words, such as a team, which keep the letters of any script; for the rest, as `code`. */
export const spoken = (text: string): string => span(text, /[\x20-\x7e\p{L}\p{M}\p{N}]/u);

function span(text: string, harmless: RegExp): string {
  let out = "";
  for (const character of text) {
    if (out.length >= longest) {
      out += "...";
      break;
    }
    out += harmless.test(character) && !/[`|<>]/.test(character) ? character : escaped(character);
  }
  return out.trim() === "" ? "-" : `\`${out}\``;
}

const escaped = (character: string): string =>
  [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`)
    .join("");

/** Others' words in a title, which is plain text. */
export const titled = (text: string): string =>
  [...text.replaceAll(/[^\p{L}\p{M}\p{N} ._/-]+/gu, "_")].slice(0, 60).join("");

/**
 * A sentence of ours that quotes others' words, as text: what means anything to Markdown is escaped. Mentions (`@`), references (`#`, `!`,
 * `%`, `~`, …) and bare links are found by GitHub and GitLab in what Markdown gives, backslash or not: an empty comment takes them apart.
 */
export const sentence = (text: string): string =>
  text
    .replaceAll(/[^\x20-\x7e]+/g, " ")
    .slice(0, 1_000)
    .replaceAll(/www\.|:\/\/|[\\`*_{}[\]()+|<>^="'-]|[@#!%$~&]/gi, (one) => {
      if (one.length > 1) return `${one[0]}${apart}${one.slice(1)}`;
      return /[@#!%$~&]/.test(one) ? `\\${one}${apart}` : `\\${one}`;
    });

const apart = "<!-- -->";

/** As many rows as `room` characters hold, and how many there are no room for. */
export function within(rows: readonly string[], room: number): { text: string; left: number } {
  let size = 0;
  const taken = rows.findIndex((row) => {
    size += row.length + 1;
    return size > room;
  });
  const fitting = taken === -1 ? rows : rows.slice(0, taken);
  return { text: fitting.map((row) => `${row}\n`).join(""), left: rows.length - fitting.length };
}
