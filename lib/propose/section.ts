/** Our part of a pull request's body: what is around it is the persons'. Pure. */
import * as z from "zod";

/** What a pull request is about, in its body, for the next plan. */
export interface Note {
  team: string;
  /** Of its files (files.ts). */
  marks: readonly string[];
  /** Of what it says, counts and times left out: as long as that stays, the body does. */
  facts: string;
  /** We closed it, and not a person who said no. */
  closed: boolean;
}

const noteSchema = z.object({
  team: z.string(),
  marks: z.array(z.string().regex(/^[0-9a-f]{12}$/)),
  facts: z.string(),
  closed: z.boolean(),
});
const end = "<!-- egress-scout:end -->";
const section = /<!-- egress-scout:begin (?<note>[A-Za-z0-9_-]+) -->[\s\S]*?(?:<!-- egress-scout:end -->|$)/;

/** The note of a body; null where it has none that can be read. */
export function noteOf(body: string): Note | null {
  const written = section.exec(body)?.groups?.note;
  if (written === undefined) return null;
  try {
    return noteSchema.parse(JSON.parse(Buffer.from(written, "base64url").toString("utf8")));
  } catch {
    return null;
  }
}

/** The body with our part anew; where there was none, it goes to the end. */
export function withSection(body: string, note: Note, text: string): string {
  const written = Buffer.from(JSON.stringify(note), "utf8").toString("base64url");
  const ours = `<!-- egress-scout:begin ${written} -->\n${text}\n${end}`;
  if (section.test(body)) return body.replace(section, () => ours);
  return body.trim() === "" ? ours : `${body.trimEnd()}\n\n${ours}`;
}

/** How many characters of a body are not ours. */
export const lengthOfOthers = (body: string): number => body.replace(section, "").length;
