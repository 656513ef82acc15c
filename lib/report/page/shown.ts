/** Untrusted text for a page. Pure. */

/**
 * What cannot be seen, or changes how others are seen (control, format and bidirectional characters, line ends, lone surrogates, spaces
 * but the plain one), as an escape that can: `\u202e`. Letters of all scripts stay. The page puts text into text nodes only.
 */
export const shown = (text: string): string => text.replace(/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, escaped);

/** The same of a manifest, line by line: in YAML's quotes an escape means what it stands for, so it is still the same manifest. */
export const shownYaml = (yaml: string): string => yaml.split("\n").map(shown).join("\n");

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
