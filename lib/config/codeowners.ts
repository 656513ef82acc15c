/** A file of owners in the manner of CODEOWNERS → who owns what. Pure. */
import type { Ownership } from "../model.ts";
import { printable } from "../words/printable.ts";

/** What a file of owners says, the first that matches decides; `faults` are lines that are passed over, and why. */
export interface OwnersRead {
  lines: Ownership[];
  faults: string[];
}

const glob = /^[\w.*?-]+$/;
const longestTeam = 100;

/**
 * Lines of `NAMESPACE/WORKLOAD TEAM`, `*` and `?` in both; a namespace alone (also as `NAMESPACE/`) is all of it. As in CODEOWNERS a `#`
 * begins a comment, the last line that matches decides, one without a team says that it is nobody's, and of `@org/team` the last part
 * is the team. Of several teams the first is it: one team gets the message. Throws nothing.
 */
export function parseCodeowners(text: string): OwnersRead {
  const read: OwnersRead = { lines: [], faults: [] };
  for (const [index, line] of text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .entries()) {
    const words = line.trim().split(/\s+/);
    const comment = words.findIndex((word) => word.startsWith("#"));
    const [pattern = "", first] = comment === -1 ? words : words.slice(0, comment);
    if (pattern === "") continue;
    const [namespace = "", workload = "*", ...deeper] = partsOf(pattern);
    if (deeper.length > 0 || !glob.test(namespace) || !glob.test(workload)) {
      read.faults.push(`line ${index + 1}: ${printable(pattern, 60)} is not NAMESPACE/WORKLOAD with * and ?`);
      continue;
    }
    read.lines.push({ cluster: "*", namespace, workload, team: first === undefined ? null : teamName(first) });
  }
  read.lines.reverse();
  return read;
}

/** `/payments/` is all of payments; `**` means no more than `*` where there are two levels. */
function partsOf(pattern: string): string[] {
  const parts = pattern.replace(/^\//, "").replaceAll(/\*+/g, "*").split("/");
  return parts.at(-1) === "" && parts.length > 1 ? [...parts.slice(0, -1), "*"] : parts;
}

/** `@org/team`, `group:default/team` or a plain word, printable. */
export function teamName(text: string): string {
  const whole = text.trim();
  const last = whole.slice(whole.lastIndexOf("/") + 1).replace(/^(@|[a-z]+:)/i, "");
  return printable(last === "" ? whole : last, longestTeam).slice(1, -1);
}
