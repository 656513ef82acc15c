/** Is it a time zone that Intl knows (`Europe/Berlin`, `UTC`, `+02:00`)? Pure. */
export function isZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
