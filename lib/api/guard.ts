/** Who may call: by token, from this machine, or let in by AWS. Closed where nothing says otherwise. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import * as z from "zod";
import type { Clients } from "./parts.ts";
import { problem } from "./problem.ts";

/** What the API knows of a request beside it. */
export interface Env {
  Variables: {
    /** Who calls, to be kept with what they decide. */
    client: string;
    /** The Content-Security-Policy of this answer, where it has one of its own. */
    policy?: string;
  };
}

/** A Function URL's own context: nobody but AWS writes it. */
const byIam = z.object({
  requestContext: z.object({ authorizer: z.object({ iam: z.object({ userArn: z.string().min(1) }) }) }),
});

const hosts = ["localhost", "127.0.0.1", "[::1]"];

/** Lets through who may call, and `open` paths; answers 401 or 403 to all else, to paths that are not there as well. */
export function guard({ tokens, besides }: Clients, open: ReadonlySet<string>): MiddlewareHandler<Env> {
  const digests = tokens.map(digest);
  return async (c, next) => {
    if (open.has(c.req.path)) return await next();
    const iam = besides === "iam" ? byIam.safeParse(c.env) : null;
    const token = /^Bearer ([!-~]+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    if (iam?.success) c.set("client", iam.data.requestContext.authorizer.iam.userArn);
    else if (besides === "loopback") {
      // A page in a browser on this machine may have a name of its own that leads here.
      const detail = "without api.tokens the API answers to localhost alone";
      if (!hosts.includes(new URL(c.req.url).hostname)) return problem(c, { status: 403, detail });
      c.set("client", "api");
    } else if (token !== undefined && isOneOf(digests, token)) c.set("client", "api");
    else return unauthorized(c, tokens.length === 0);
    return await next();
  };
}

function unauthorized(c: Parameters<typeof problem>[0], isClosed: boolean): Response {
  const detail = isClosed
    ? "the config has no api.tokens, so nobody may call this"
    : "send Authorization: Bearer with one of api.tokens";
  return problem(c, { status: 401, detail, headers: { "www-authenticate": 'Bearer realm="egress-scout"' } });
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Takes as long whichever it is, or none: all are compared, by digests of one length. */
function isOneOf(digests: readonly Buffer[], token: string): boolean {
  const given = digest(token);
  return digests.map((one) => timingSafeEqual(one, given)).includes(true);
}
