/** Who may call, and how often: by token, from this machine, or let in by AWS. Closed where nothing says otherwise. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import * as z from "zod";
import type { Limit } from "./limit.ts";
import type { Clients } from "./parts.ts";
import { problem, tooOften } from "./problem.ts";

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
/** Where a request comes from, as `serve` and a Function URL tell it: the one that is connected, whatever a header says. */
const bySocket = z.object({ incoming: z.object({ socket: z.object({ remoteAddress: z.string() }) }) });
const byUrl = z.object({ requestContext: z.object({ http: z.object({ sourceIp: z.string() }) }) });

const hosts = ["localhost", "127.0.0.1", "[::1]"];

interface Let {
  client: string;
  /** Whose bucket a request is taken from. */
  bucket: string;
}

/** Lets through who may call; answers 401, 403 or 429 to all else, to paths that are not there as well. */
export function guard(clients: Clients, limit: Limit): MiddlewareHandler<Env> {
  const digests = clients.tokens.map(digest);
  return async (c, next) => {
    const who = whoCalls(c, clients, digests);
    const wait = limit.take(who === null ? `address ${addressOf(c)}` : who.bucket);
    if (wait !== null) return tooOften(c, wait);
    if (who === null) return refused(c, clients);
    c.set("client", who.client);
    return await next();
  };
}

/** For what Slack signs: whoever sends what it did not is held up by address, and Slack never, though it may come by the same proxy. */
export function pace(limit: Limit): MiddlewareHandler<Env> {
  return async (c, next) => {
    await next();
    if (c.res.status !== 401) return;
    const wait = limit.take(`address ${addressOf(c)}`);
    if (wait !== null) c.res = tooOften(c, wait);
  };
}

/** Null for nobody who may. */
function whoCalls(c: Context<Env>, { besides }: Clients, digests: readonly Buffer[]): Let | null {
  const iam = besides === "iam" ? byIam.safeParse(c.env) : null;
  if (iam?.success) {
    const { userArn } = iam.data.requestContext.authorizer.iam;
    return { client: userArn, bucket: `iam ${userArn}` };
  }
  // A page in a browser on this machine may have a name of its own that leads here.
  if (besides === "loopback")
    return hosts.includes(new URL(c.req.url).hostname) ? { client: "api", bucket: "loopback" } : null;
  const token = /^Bearer +([!-~]+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
  const index = token === undefined ? -1 : indexOf(digests, token);
  return index === -1 ? null : { client: "api", bucket: `token ${index}` };
}

function refused(c: Context, { besides, tokens }: Clients): Response {
  if (besides === "loopback")
    return problem(c, { status: 403, detail: "without api.tokens the API answers to localhost alone" });
  const detail =
    tokens.length === 0
      ? "the config has no api.tokens, so nobody may call this"
      : "send Authorization: Bearer with one of api.tokens";
  return problem(c, { status: 401, detail, headers: { "www-authenticate": 'Bearer realm="egress-scout"' } });
}

function addressOf({ env }: Context): string {
  const socket = bySocket.safeParse(env);
  if (socket.success) return socket.data.incoming.socket.remoteAddress;
  const url = byUrl.safeParse(env);
  return url.success ? url.data.requestContext.http.sourceIp : "unknown";
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Takes as long whichever it is, or none (-1): all are compared, by digests of one length. */
function indexOf(digests: readonly Buffer[], token: string): number {
  const given = digest(token);
  return digests.map((one) => timingSafeEqual(one, given)).indexOf(true);
}
