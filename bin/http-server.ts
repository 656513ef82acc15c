/** What `serve` listens with: who is too slow is given up, and what never gets to the app is refused as the app refuses. */
import { createServer, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { getRequestListener, RequestError } from "@hono/node-server";

/** How long a client may take, ms. */
export interface Times {
  /** From the connection, or the answer before, to the end of a request's headers. */
  headers: number;
  /** To the end of its body. */
  request: number;
  /** How often it is looked who is late. */
  check: number;
}

const usual: Times = { headers: 10_000, request: 30_000, check: 2_000 };

/** @param answer the app's fetch */
export function httpServer(
  answer: Parameters<typeof getRequestListener>[0],
  { headers, request, check }: Times = usual,
): Server {
  const listener = getRequestListener(answer, { errorHandler: notUnderstood });
  const times = { headersTimeout: headers, requestTimeout: request, connectionsCheckingInterval: check };
  // One without a Host is refused by the listener, in words.
  return createServer({ ...times, requireHostHeader: false }, listener).on("clientError", refuse);
}

interface Refusal {
  status: number;
  title: string;
  detail: string;
}

const badRequest: Refusal = { status: 400, title: "Bad Request", detail: "this is no HTTP that is understood here" };
const refusals: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: {
    ...{ status: 431, title: "Request Header Fields Too Large" },
    detail: "headers and URL have 16 KB at most",
  },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, title: "Request Timeout", detail: "the request took too long to come" },
};

const common = {
  "content-type": "application/problem+json",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
};
const bodyOf = (refusal: Refusal): string => JSON.stringify({ type: "about:blank", ...refusal });

/** A Host or a path that is none: there is no request for the app. What the app throws it answers itself. */
function notUnderstood(thrown: unknown): Response {
  if (!(thrown instanceof RequestError)) throw thrown;
  return new Response(bodyOf({ ...badRequest, detail: `the request is not understood: ${thrown.message}` }), {
    ...{ status: badRequest.status, headers: common },
  });
}

/** What is no HTTP, has too much before its body, or does not come. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === "ECONNRESET") return void socket.destroy();
  const refusal = refusals[error.code ?? ""] ?? badRequest;
  const body = bodyOf(refusal);
  const headers = { connection: "close", "content-length": String(body.length), ...common };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${refusal.status} ${refusal.title}`, ...lines, "", body].join("\r\n"));
}
