/** Ctrl-C and a polite kill end the command at once: whatever a run does not remember, the next one does again. */
export function endOnSignals(): void {
  process.on("SIGINT", () => process.exit(130));
  process.on("SIGTERM", () => process.exit(143));
}
