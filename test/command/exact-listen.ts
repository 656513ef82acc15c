/** Stands between the scout and a server: hands everything on, and keeps what was asked. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

export interface Listener {
  url: string;
  /** The instant queries so far; the time is that of their evaluation, ms. */
  asked: { promql: string; time: number }[];
  stop(): void;
}

export async function listenIn(target: string): Promise<Listener> {
  const asked: Listener["asked"] = [];
  const handOn = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    const form = new URLSearchParams(body);
    if (form.has("time")) asked.push({ promql: form.get("query") ?? "", time: Number(form.get("time")) * 1000 });
    const { method = "GET", headers } = request;
    const answer = await fetch(`${target}${request.url}`, {
      method,
      headers: { "content-type": headers["content-type"] ?? "" },
      ...(method === "GET" ? {} : { body }),
    });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
    response.end(Buffer.from(await answer.arrayBuffer()));
  };
  const server = createServer((request, response) => {
    handOn(request, response).catch((error: Error) => response.writeHead(502).end(error.message));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("an HTTP server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
