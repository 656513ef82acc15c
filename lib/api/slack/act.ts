/** What a button asks for: a verdict, or manifests to look at. No I/O of its own. */
import type { PressJob, PressRoom } from "../parts.ts";
import { lines, type Reply } from "./reply.ts";
import { decisionOf, rule } from "./rule.ts";
import { show } from "./show.ts";

/**
 * Who may decide was asked before.
 * @param signal where nobody waits any more: then nothing is decided
 * @throws ScoutError `store/…`, `config/…`
 */
export async function act(press: PressJob, parts: PressRoom, signal?: AbortSignal): Promise<Reply> {
  if (press.action === "show-manifest") return await show(press, parts);
  const decision = decisionOf(press.action);
  if (decision === undefined) return lines([`egress-scout knows no button "${press.action}": nothing is decided.`]);
  return await rule(decision, press, parts, signal);
}
