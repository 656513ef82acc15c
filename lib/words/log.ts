/** What a run says while it works; never on stdout. The text is fixed, the facts go beside it. */
export interface Log {
  error(text: string, facts?: Facts): void;
  warn(text: string, facts?: Facts): void;
  info(text: string, facts?: Facts): void;
  debug(text: string, facts?: Facts): void;
  /** How far something slow has come; shown to a person at a terminal, and gone when it is done. */
  progress(text: string): void;
}

export type Facts = Readonly<Record<string, string | number | boolean>>;
