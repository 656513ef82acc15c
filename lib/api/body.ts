/** A body of JSON, checked. */
import type { Context } from "hono";
import type * as z from "zod";
import { explained } from "../config/parse.ts";
import { mistaken, problem } from "./problem.ts";

/** What the body says, or the answer to one that is not as it should be. */
export async function readBody<T>(c: Context, shape: z.ZodType<T>): Promise<{ said: T } | { refused: Response }> {
  // What a page may send without being asked first is never JSON by its type.
  if (!/^application\/json\s*(;|$)/i.test(c.req.header("content-type") ?? "")) {
    return { refused: problem(c, { status: 415, detail: "send JSON, as application/json" }) };
  }
  const body: unknown = await c.req.json().catch(() => undefined);
  if (body === undefined) return { refused: problem(c, { status: 400, detail: "the body is not JSON" }) };
  const parsed = shape.safeParse(body, { reportInput: true });
  if (parsed.success) return { said: parsed.data };
  const mistakes = explained(parsed.error).map((one) => one.replace("(the file)", "(the body)"));
  return { refused: mistaken(c, "the body", mistakes) };
}
