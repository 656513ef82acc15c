/** A local HTTP server that keeps what it was asked, and answers as told. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface Asked {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Answering {
  url: string;
  asked: Asked[];
  stop(): Promise<void>;
}

/** `answer` gets every request's response, how many there were before it, and what was asked. */
export async function answering(
  answer: (response: ServerResponse, before: number, asked: Asked) => void,
): Promise<Answering> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const { method = "", url = "", headers } = request;
    const one = { method, url, headers, body: await text(request) };
    asked.push(one);
    answer(response, asked.length - 1, one);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
  return { url: `http://127.0.0.1:${port}`, asked, stop };
}

export const json =
  (body: unknown, status = 200) =>
  (response: ServerResponse): void =>
    void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

export const success = (resultType: string, result: unknown, more = {}) =>
  json({ status: "success", data: { resultType, result }, ...more });
