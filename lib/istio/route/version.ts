/** The mesh's version, as far as it decides anything. */

/** Is `1.30` or `1.30.2` at least that version? Null where the version is not known, or is no version. */
export function versionAtLeast(version: string | null, major: number, minor: number): boolean | null {
  const [, first, second] = /^v?(\d{1,3})\.(\d{1,3})(?:[.-]|$)/.exec(version ?? "") ?? [];
  if (first === undefined || second === undefined) return null;
  return Number(first) > major || (Number(first) === major && Number(second) >= minor);
}
