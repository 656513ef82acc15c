/** What `serve` listens with: who is too slow is given up, and what never gets to the app is refused as the app refuses. */
import { createServer, type Server } from "node:http";
import type { Duplex, Readable } from "node:stream";
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
  const listener = getRequestListener(
    async (request, env) => {
      const response = await answer(request, env);
      await readToEnd(env.incoming);
      return response;
    },
    { errorHandler: notUnderstood },
  );
  const times = { headersTimeout: headers, requestTimeout: request, connectionsCheckingInterval: check };
  // One without a Host is refused by the listener, in words.
  return createServer({ ...times, requireHostHeader: false }, listener).on("clientError", refuse);
}

/** So much of a refused body is read and dropped, bytes. */
const mostDropped = 16_000_000;

/**
 * Who is refused while the body still comes would find the connection closed in the middle of the next request, or of this one before the
 * answer is read.
 */
async function readToEnd(incoming: Readable): Promise<void> {
  if (incoming.readableEnded || incoming.destroyed) return;
  let dropped = 0;
  await new Promise<void>((resolve) => {
    for (const end of ["end", "close", "error"]) incoming.once(end, () => resolve());
    // Whoever began to read it would keep it, and holds it up.
    incoming.removeAllListeners("data").on("data", ({ length }: Buffer) => {
      dropped += length;
      if (dropped > mostDropped) resolve();
    });
    incoming.resume();
  });
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
