/** The HTTP API: one app for `egress-scout serve` and for the Function URLs. No I/O of its own. */
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { methodNotAllowed } from "hono/method-not-allowed";
import { secureHeaders } from "hono/secure-headers";
import { type Env, guard } from "./guard.ts";
import { getPage, ownPolicy } from "./page.ts";
import type { ApiParts } from "./parts.ts";
import { failure, mostBytes, problem, tooLarge } from "./problem.ts";
import { slackActions } from "./slack/actions.ts";
import { postVerdict } from "./verdicts.ts";

/** What needs no client: it is open, or has a signature of its own. */
const open: ReadonlySet<string> = new Set(["/healthz", "/slack/actions"]);

/**
 * All routes. Whatever is not open asks for a client first; where there are none to be let in (`clients` null) it is not there.
 * Throws nothing: what goes wrong is a problem (RFC 9457).
 */
export function api(parts: ApiParts): Hono<Env> {
  const app = new Hono<Env>();
  app.use(ownPolicy);
  app.use(secureHeaders({ contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } }));
  app.use(async (c, next) => {
    await next();
    c.header("cache-control", "no-store");
  });
  app.use(methodNotAllowed({ app, onMethodNotAllowed: (c, methods) => notAllowed(c, methods) }));
  if (parts.clients !== null) app.use(guard(parts.clients, open));
  app.use(bodyLimit({ maxSize: mostBytes, onError: tooLarge }));
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.post("/slack/actions", (c) => slackActions(c, parts));
  if (parts.clients !== null) app.get("/", getPage(parts));
  if (parts.clients !== null) app.post("/api/v1/verdicts", (c) => postVerdict(c, parts));
  app.notFound((c) => problem(c, { status: 404, detail: "there is nothing here" }));
  app.onError((thrown, c) => failure(c, thrown, parts.log));
  return app;
}

function notAllowed(c: Parameters<typeof problem>[0], methods: readonly string[]): Response {
  const allow = methods.join(", ");
  return problem(c, { status: 405, detail: `this takes ${allow}`, headers: { allow } });
}
