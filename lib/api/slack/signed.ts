/** A request of Slack's: its body, and when it was signed; or the answer to one that is not. */
import type { Context } from "hono";
import type { Log } from "../../words/log.ts";
import { problem } from "../problem.ts";
import { signedAt } from "./signature.ts";

interface Request {
  body: string;
  /** ms */
  at: number;
}

/** @param now ms */
export async function readSigned(
  c: Context,
  secret: string,
  { now, log }: { now: number; log: Log },
): Promise<Request | { refused: Response }> {
  const read = await c.req.arrayBuffer().catch(() => null);
  if (read === null) return { refused: problem(c, { status: 400, detail: "the body has no end" }) };
  const body = new Uint8Array(read);
  const [timestamp, signature] = ["x-slack-request-timestamp", "x-slack-signature"].map((name) => c.req.header(name));
  const at = signedAt(secret, { timestamp, signature, body }, now);
  if (typeof at === "number") return { body: new TextDecoder().decode(body), at };
  log.warn("a request of Slack's is refused", { path: c.req.path, why: at });
  return { refused: problem(c, { status: 401, detail: at }) };
}
