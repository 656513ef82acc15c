/** Stands between the command and a part of the outside: hands on what is asked until it is told to spoil it, and counts what it spoilt. */
import { once } from "node:events";
import { request as ask, createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { createServer as createFront, type Server as Front, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { Certificate } from "./certificate.ts";

/** What may go wrong with what speaks HTTP. "Answer lost": it did what was asked, and nobody hears of it. */
export const httpFaults = [
  "refuses",
  "resets",
  "hangs",
  "drips",
  "429 with Retry-After",
  "429 without",
  "500",
  "503",
  "HTML",
  "half an answer",
  "wrong type",
  "slow TLS",
  "answer lost",
] as const;
export type HttpFault = (typeof httpFaults)[number];

/** Seconds in Retry-After: longer than any run waits, so that it is for the next one. */
export const retryAfter = 600;

/** Which requests are spoilt: from the nth on (1 is the first), and no more than so many. */
export interface Spoil {
  fault: HttpFault;
  from: number;
  times?: number;
}

/** How a part says no: by status, quoting the request as proxies do. */
export type SaysNo = (status: number, echo: string) => { type: string; body: string };

export interface Faulty {
  url: string;
  /** Requests that came, and how many of them (or of connections, where no request came about) were spoilt. */
  seen: number;
  spoilt: number;
  spoil(order: Spoil | null): Promise<void>;
  close(): Promise<void>;
}

export interface FaultyOptions {
  /** http://127.0.0.1:PORT of the real part. */
  to: () => string;
  no: SaysNo;
  /** Speaks TLS with it. */
  tls?: Certificate | undefined;
  /** Called with each request before it is handed on and before it is answered; true ends it without an answer. */
  step?: (when: "before" | "after") => boolean | Promise<boolean>;
}

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

let hosts = 0;

export async function faulty(options: FaultyOptions): Promise<Faulty> {
  const { tls } = options;
  let order: Spoil | null = null;
  const sockets = new Set<Socket>();
  const isDue = (n: number) =>
    order !== null && n >= order.from && n < order.from + (order.times ?? Number.POSITIVE_INFINITY);
  const answering = (request: IncomingMessage, response: ServerResponse) =>
    void answer(request, response).catch(() => response.destroy());
  const inner: Server = tls === undefined ? createServer(answering) : createSecureServer(tls, answering);
  const front = createFront((socket) => {
    sockets.add(socket.on("error", () => {}).on("close", () => sockets.delete(socket)));
    if (order?.fault !== "slow TLS" || !isDue(all.seen + 1)) return void inner.emit("connection", socket);
    all.spoilt += 1;
    void dripHandshake(socket);
  });
  // Of its own address, so that nobody else takes the port while nobody listens there.
  hosts += 1;
  const host = tls === undefined ? `127.77.${hosts >> 8}.${hosts & 255 || 255}` : "127.0.0.1";
  const port = await listen(front, host);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on("error", () => {});
    const body = await buffer(request);
    all.seen += 1;
    const n = all.seen;
    // The next one comes by a new connection: a fault that begins there has it from its beginning.
    if (order !== null && n === order.from - 1) response.setHeader("connection", "close");
    if (await options.step?.("before")) return void response.destroy();
    const fault = order !== null && isDue(n) ? order.fault : null;
    if (fault !== null) {
      all.spoilt += 1;
      await spoil(fault, { request, response, options, body });
      return;
    }
    const good = await handOn(options.to(), request, body);
    if (await options.step?.("after")) return void response.destroy();
    if (order?.fault === "refuses" && n === order.from - 1) await closed(front);
    response.writeHead(good.status, good.headers).end(good.body);
  }

  const all: Faulty = {
    url: `${tls === undefined ? "http" : "https"}://${host}:${port}`,
    seen: 0,
    spoilt: 0,
    async spoil(next) {
      order = next;
      all.seen = 0;
      for (const socket of sockets) socket.destroy();
      if (next?.fault === "refuses" && next.from === 1) await closed(front);
      if (next === null && !front.listening) await listen(front, host, port);
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await closed(front);
    },
  };
  return all;
}

async function listen(front: Front, host: string, port = 0): Promise<number> {
  front.listen(port, host);
  await once(front, "listening");
  const address = front.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  return address.port;
}

/** No new connections; those that there are stay. */
async function closed(front: Front): Promise<void> {
  if (front.listening) front.close();
}

/** A TLS record that announces 16 KB and comes a byte at a time: the handshake never ends. */
async function dripHandshake(socket: Socket): Promise<void> {
  socket.write(Buffer.from([0x16, 0x03, 0x03, 0x40, 0x00]));
  while (!socket.destroyed) {
    socket.write(Buffer.from([2]));
    await sleep(50);
  }
}

/** Asks the real part the same, byte for byte, the host included: a signature is of all of it. */
async function handOn(
  to: string,
  { method = "GET", url = "/", headers }: IncomingMessage,
  body: Buffer,
): Promise<Answer> {
  const { hostname, port } = new URL(to);
  const { connection: _, "transfer-encoding": __, ...kept } = headers;
  const asked = ask({
    hostname,
    port,
    method,
    path: url,
    headers: { ...kept, "content-length": body.length },
    agent: false,
  });
  asked.end(body);
  const [response]: [IncomingMessage] = (await once(asked, "response")) as [IncomingMessage];
  const { connection: ___, "transfer-encoding": ____, "keep-alive": _____, ...said } = response.headers;
  return {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(Object.entries(said).map(([name, value]) => [name, String(value)])),
    body: await buffer(response),
  };
}

interface Spoiling {
  request: IncomingMessage;
  response: ServerResponse;
  options: FaultyOptions;
  body: Buffer;
}

async function spoil(fault: HttpFault, { request, response, options, body }: Spoiling): Promise<void> {
  const { authorization = "", "x-amz-security-token": token = "" } = request.headers;
  const echo = [authorization, token, request.url].join(" ");
  const refuse = (status: number, headers: Record<string, string> = {}) => {
    const no = options.no(status, echo);
    response.writeHead(status, { "content-type": no.type, ...headers }).end(no.body);
  };
  const good = () => handOn(options.to(), request, body);
  switch (fault) {
    // Whoever has a connection still; new ones find nobody.
    case "refuses":
    case "slow TLS":
      return void response.destroy();
    case "resets":
      return void response.socket?.resetAndDestroy();
    case "hangs":
      return;
    case "429 with Retry-After":
      return refuse(429, { "retry-after": String(retryAfter) });
    case "429 without":
      return refuse(429);
    case "500":
      return refuse(500);
    case "503":
      return refuse(503);
    case "HTML":
      return void response
        .writeHead(200, { "content-type": "text/html" })
        .end(`<!doctype html><html><h1>Sign in</h1> to go on to ${echo}</html>`);
    case "wrong type":
      return void response.writeHead(200, { "content-type": "application/json" }).end('[42, {"ok": "perhaps"}]');
    case "answer lost":
      await good();
      return void response.socket?.resetAndDestroy();
    case "half an answer":
      return await half(await good(), response);
    case "drips":
      return await drip(await good(), response);
  }
}

async function half({ status, headers, body }: Answer, response: ServerResponse): Promise<void> {
  response.writeHead(status, { ...headers, "content-length": String(Math.max(2, body.length)) }).flushHeaders();
  if (body.length > 0) response.write(body.subarray(0, Math.ceil(body.length / 2)));
  await sleep(20);
  response.socket?.destroy();
}

/** All but the end of the answer, and then a byte at a time without an end. */
async function drip({ status, headers, body }: Answer, response: ServerResponse): Promise<void> {
  const { "content-length": _, ...others } = headers;
  response.writeHead(status, others);
  response.write(body.subarray(0, -1));
  while (!response.closed && !response.destroyed) {
    response.write(" ");
    await sleep(50);
  }
}
