/** The formats there are, a line each; those that are recognised by more come first. */
import { envoyJson } from "./envoy-json.ts";
import { envoyText } from "./envoy-text.ts";
import type { Format } from "./told.ts";
import { ztunnelJson, ztunnelText } from "./ztunnel.ts";

export const formats: readonly Format[] = [ztunnelJson, envoyJson, envoyText, ztunnelText];

/** What proxies write beside their access logs: Envoy's own log, pilot-agent's, ztunnel's. */
const otherLog =
  /^(?:\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\]\[|\d{4}-\d\d-\d\dT[\d:.]+Z\s+(?:trace|debug|info|warn|error|fatal)\b|\{"level":)/i;

/** The format of a line; `other` for a proxy's line that is about no call, null for what no proxy writes. */
export function formatOf(text: string): Format | "other" | null {
  const format = formats.find((one) => one.looksLike(text));
  if (format !== undefined) return format;
  return text.trim() === "" || otherLog.test(text) ? "other" : null;
}
