/** What Slack sends when somebody writes `/egress …`, checked. Pure. */
import * as z from "zod";
import { byOf, userId } from "./press.ts";

export type Asked =
  | { kind: "help" }
  | { kind: "search"; text: string }
  | { kind: "scan"; cluster: string | null }
  | { kind: "plan"; namespace: string; cluster: string | null };

export interface Command {
  /** `slack:ada (U012AB3CD)`, fit to print. */
  by: string;
  user: string;
  asked: Asked;
  /** As it came: not yet known to be Slack's. */
  responseUrl: string | null;
}

const mostText = 300;

const shape = z.object({
  command: z.string().max(100),
  user_id: userId,
  user_name: z.string().optional(),
  text: z
    .string()
    .max(mostText, { error: `${mostText} characters at most` })
    .default(""),
  response_url: z.string().max(3000).optional(),
});

/** @param form `application/x-www-form-urlencoded` */
export function readCommand(form: string): Command | { fault: string } {
  const given = new URLSearchParams(form);
  const names = Object.keys(shape.shape);
  const twice = names.find((name) => given.getAll(name).length > 1);
  if (twice !== undefined) return { fault: `${twice} is there twice` };
  const parsed = shape.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    const [{ path, message } = { path: [], message: "" }] = parsed.error.issues;
    return { fault: `the command is not understood: ${path.join(".")}: ${message}` };
  }
  const { user_id: id, user_name: name, text, response_url: responseUrl = null } = parsed.data;
  return { by: byOf({ id, name }), user: id, asked: askedIn(text), responseUrl };
}

/** `search` is for what is called like a word of ours. */
function askedIn(text: string): Asked {
  const [word = "", ...rest] = text.split(/\s+/).filter((one) => one !== "");
  const [first = null, second = null, ...more] = rest;
  if (word === "" || (word === "help" && first === null)) return { kind: "help" };
  if (word === "scan" && second === null) return { kind: "scan", cluster: first };
  if (word === "plan" && first !== null && more.length === 0)
    return { kind: "plan", namespace: first, cluster: second };
  if (word === "plan" && first === null) return { kind: "help" };
  return { kind: "search", text: word === "search" && first !== null ? rest.join(" ") : [word, ...rest].join(" ") };
}
