/** The HTTP API: one app for `egress-scout serve` and for the Function URLs. No I/O of its own. */
import { createHash } from "node:crypto";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { etag } from "hono/etag";
import { methodNotAllowed } from "hono/method-not-allowed";
import { secureHeaders } from "hono/secure-headers";
import * as z from "zod";
import { type Env, guard, pace } from "./guard.ts";
import { limited } from "./limit.ts";
import { openapi } from "./openapi.ts";
import { ownPolicy } from "./page.ts";
import type { ApiParts } from "./parts.ts";
import { failure, mostBytes, problem, tooLarge } from "./problem.ts";
import { forClients, type Route } from "./route.ts";
import { routes } from "./routes.ts";

/** What the app answers: the routes, and their description. */
export const allRoutes: readonly Route[] = [
  ...routes,
  forClients({
    method: "get",
    path: "/openapi.json",
    summary: "This description",
    query: z.object({}),
    answers: {
      200: { what: "OpenAPI 3.1.", content: { "application/json": z.record(z.string(), z.unknown()) } },
      304: { what: "As the ETag in If-None-Match says." },
    },
    answer: (c) => c.json(openapi(allRoutes)),
  }),
];

/**
 * All routes. Whatever is not open asks for a client first; where there are none to be let in (`clients` null) it is not there.
 * Throws nothing: what goes wrong is a problem (RFC 9457).
 */
export function api(parts: ApiParts): Hono<Env> {
  const { clients, log } = parts;
  const app = new Hono<Env>();
  const limit = limited(parts.requestsPerMinute, parts.now);
  const there = clients === null ? allRoutes.filter(({ who }) => who !== "client") : allRoutes;
  app.use(ownPolicy);
  const contentSecurityPolicy = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };
  app.use(secureHeaders({ contentSecurityPolicy, xFrameOptions: "DENY" }));
  app.use(async (c, next) => {
    await next();
    // What has an ETag may be kept, and is asked for again.
    c.header("cache-control", c.res.headers.has("etag") ? "private, no-cache" : "no-store");
  });
  app.use(methodNotAllowed({ app, onMethodNotAllowed: (c, methods) => notAllowed(c, methods) }));
  for (const { path } of there.filter(({ who }) => who === "slack")) app.use(path, pace(limit));
  if (clients !== null) {
    const letIn = guard(clients, limit);
    const others: ReadonlySet<string> = new Set(there.filter(({ who }) => who !== "client").map(({ path }) => path));
    app.use(async (c, next) => (others.has(c.req.path) ? await next() : await letIn(c, next)));
  }
  app.use(bodyLimit({ maxSize: mostBytes, onError: tooLarge }));
  for (const { method, path, answers, answer } of there) {
    if (answers[304] !== undefined) app.use(path, etag({ generateDigest: sha256 }));
    app[method](path, (c) => answer(c, parts));
  }
  app.notFound((c) => problem(c, { status: 404, detail: "there is nothing here" }));
  app.onError((thrown, c) => failure(c, thrown, log));
  return app;
}

const sha256 = (body: Uint8Array): ArrayBuffer => new Uint8Array(createHash("sha256").update(body).digest()).buffer;

function notAllowed(c: Parameters<typeof problem>[0], methods: readonly string[]): Response {
  const allow = methods.join(", ");
  return problem(c, { status: 405, detail: `this takes ${allow}`, headers: { allow } });
}
