/** What `lint` says. */
import type { By, Code, Level } from "./codes.ts";

/** One mistake or trap, and what comes of it. */
export interface Problem {
  file: string;
  /** The place of the document in its file, from 0. */
  document: number;
  /** `spec.ports[0].protocol`; in a List `items[3].spec.…`; empty where it is the whole document. */
  path: string;
  level: Level;
  code: Code;
  by: By;
  /** One sentence, printable ASCII. */
  message: string;
}

/** A problem of an object, before it is known where that stands; `by` where it differs from the code's. */
export interface Found {
  code: Code;
  path: string;
  message: string;
  by?: By;
}

export const found = (code: Code, path: string, message: string): Found => ({ code, path, message });

/** Makes problems of what somebody refuses: `what` is wrong, the message says so. */
export const refusals =
  (who: "The API server" | "istiod") =>
  (code: Code, path: string, what: string): Found =>
    found(code, path, `${who} refuses the manifest: ${what}.`);

/** A key in a path: `.app`, or `["app.kubernetes.io/name"]`. */
export const keyed = (key: string): string =>
  /^[A-Za-z_][\w-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key).replace(/[^\x20-\x7e]/g, "?")}]`;
