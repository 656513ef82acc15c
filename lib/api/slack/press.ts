/** What Slack sends when somebody presses a button, checked. Pure. */
import * as z from "zod";
import { findingIdText } from "../../words/finding-id.ts";

/** A button pressed: who, what, about which findings, and where to answer. */
export interface Press {
  /** `slack:ada (U012AB3CD)`, fit to print. */
  by: string;
  user: string;
  action: string;
  ids: readonly string[];
  /** As Slack says when that was, ms; null where it says nothing. */
  time: number | null;
  /** As it came: not yet known to be Slack's. */
  responseUrl: string | null;
}

export const userId = z.string().regex(/^[UW][A-Z0-9]{1,30}$/, { error: "a user's id" });

const shape = z.object({
  type: z.literal("block_actions", { error: "block_actions is all that is known here" }),
  user: z.object({
    id: userId,
    username: z.string().optional().catch(undefined),
    name: z.string().optional().catch(undefined),
  }),
  // Slack's limits of both.
  actions: z
    .array(
      z.object({
        action_id: z.string().regex(/^[\x20-\x7e]{1,255}$/, { error: "no action of a message of egress-scout" }),
        value: z.string().max(2000).default(""),
        action_ts: z
          .string()
          .regex(/^\d{1,12}(\.\d{1,9})?$/)
          .optional()
          .catch(undefined),
      }),
    )
    .length(1),
  response_url: z.string().max(3000).nullish(),
});

/**
 * The press in a form's body, or what is wrong with it.
 * @param form `application/x-www-form-urlencoded`
 */
export function readPress(form: string): Press | { fault: string } {
  const payloads = new URLSearchParams(form).getAll("payload");
  const [payload] = payloads;
  if (payload === undefined || payloads.length > 1) return { fault: "a form with one payload is expected" };
  const parsed = shape.safeParse(json(payload));
  if (!parsed.success) {
    const [{ path, message } = { path: [], message: "" }] = parsed.error.issues;
    return { fault: `the payload is not understood: ${["payload", ...path].join(".")}: ${message}` };
  }
  const { user, actions, response_url: responseUrl = null } = parsed.data;
  const [{ action_id: action, value, action_ts: time } = { action_id: "", value: "" }] = actions;
  const ids = [...new Set(value.split(" ").filter((one) => one !== ""))];
  if (ids.length === 0 || !ids.every((id) => findingIdText.test(id)))
    return { fault: "the button's value is no list of findings' ids" };
  const pressed = time === undefined ? null : Math.floor(Number(time) * 1000);
  return { by: byOf(user), user: user.id, action, ids, time: pressed, responseUrl };
}

/** What is delivered again is signed anew, and was pressed when it was. So long before its signature, ms. */
const longestDelivery = 60 * 60_000;

/** When a button was pressed, ms: as Slack says, where that fits `signed`, when it signed the request. */
export const pressedAt = ({ time }: Pick<Press, "time">, signed: number): number =>
  time !== null && time <= signed && time > signed - longestDelivery ? time : signed;

/** Anybody names themselves as they like; the id is Slack's. */
export function byOf({
  id,
  username,
  name,
}: {
  id: string;
  username?: string | undefined;
  name?: string | undefined;
}): string {
  const said = (username ?? name ?? "").replace(/[^\w.@+-]+/g, "_").slice(0, 50);
  return said === "" ? `slack:${id}` : `slack:${said} (${id})`;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
