/** A route as the app and its description (`/openapi.json`) share it. Pure. */
import type { Context } from "hono";
import type * as z from "zod";
import type { Env } from "./guard.ts";
import type { ApiParts } from "./parts.ts";
import { mistaken } from "./problem.ts";
import { readQuery } from "./query.ts";

export interface Route {
  method: "get" | "post";
  /** As Hono has it: `/api/v1/runs/:id`. */
  path: string;
  /** Anybody, who has a signature of Slack's, or a client (token, IAM, loopback). */
  who: "anybody" | "slack" | "client";
  summary: string;
  /** What may be asked, by name; null where nobody looks. */
  query: z.ZodObject | null;
  body?: { type: string; schema: z.ZodType };
  answers: Readonly<Record<number, Described>>;
  answer(c: Context<Env>, parts: ApiParts): Response | Promise<Response>;
}

export interface Described {
  what: string;
  /** By media type; null where there is no more to say than the type. */
  content?: Readonly<Record<string, z.ZodType | null>>;
  headers?: Readonly<Record<string, string>>;
}

interface ClientRoute<Q extends z.ZodObject> extends Omit<Route, "who" | "answer" | "query"> {
  query: Q;
  answer(c: Context<Env>, parts: ApiParts, asked: z.output<Q>): Response | Promise<Response>;
}

/** A route for clients: what it is asked is checked before it answers. */
export function forClients<Q extends z.ZodObject>({ answer, ...route }: ClientRoute<Q>): Route {
  return {
    ...route,
    who: "client",
    answer: (c, parts) => {
      const read = readQuery(new URL(c.req.url).searchParams, route.query);
      return "mistakes" in read ? mistaken(c, "the query", read.mistakes) : answer(c, parts, read.asked);
    },
  };
}
