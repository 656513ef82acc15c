/** What every receiver of messages shares: a local HTTP server that says yes to what is right, no to what is not, and misbehaves when told. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** How it answers one request. `refuse`, `server-error` and `html` quote the request back, secrets and all, as proxies do. */
export type Behaviour =
  | "ok"
  | "refuse"
  | "rate-limited"
  | "server-error"
  | "html"
  | "not-ok"
  | "half"
  | "drip"
  | "flood"
  | "redirect"
  | "hang"
  | "reset"
  | { status: number; body: string; headers?: Record<string, string> };

export interface Got {
  url: string;
  method: string;
  headers: IncomingMessage["headers"];
  body: string;
}

export interface Answer {
  status: number;
  body: string;
  headers?: Record<string, string>;
}

/** What one receiver knows: its rules, and how it says yes and no. */
export interface Face {
  /** Everything that is wrong with a request; empty where nothing is. */
  faults(got: Got): string[];
  yes(got: Got): Answer;
  /** Is it a message, and not a step on the way to one? Default: all are. */
  isMessage?(got: Got): boolean;
  invalid(faults: string[]): Answer;
  refuse(echo: string): Answer;
  rateLimited(retryAfter: string): Answer;
  serverError(echo: string): Answer;
}

export interface Receiver {
  /** http://127.0.0.1:PORT */
  url: string;
  /** Every request, in order. */
  got: Got[];
  /** The bodies of messages it said yes to. */
  taken: string[];
  /** Faults of all requests so far. */
  faults: string[];
  /** Seconds in Retry-After. */
  retryAfter: string;
  /** Resolves when it has got so many requests. */
  gets(count: number): Promise<void>;
  /** How the next requests are answered, one each; after that it behaves. Without any, it behaves at once. */
  behave(...next: Behaviour[]): void;
  close(): Promise<void>;
}

const page = (echo: string) => `<html><body><h1>Sign in</h1><p>to go on to ${echo}</p></body></html>`;

export async function listen(face: Face): Promise<Receiver> {
  const queue: Behaviour[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      body += chunk;
    });
    request.on("end", () => {
      const got = { url: request.url ?? "", method: request.method ?? "", headers: request.headers, body };
      receiver.got.push(got);
      for (const check of waiting) check();
      void answer(got, queue.shift() ?? "ok", response, face, receiver);
    });
    request.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    got: [],
    taken: [],
    faults: [],
    retryAfter: "2",
    gets: (count) =>
      new Promise((resolve) => {
        const check = () => {
          if (receiver.got.length < count) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    behave: (...next) => void queue.splice(0, queue.length, ...next),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
  return receiver;
}

async function answer(
  got: Got,
  how: Behaviour,
  response: ServerResponse,
  face: Face,
  receiver: Receiver,
): Promise<void> {
  const { authorization = "", "x-amz-security-token": token = "" } = got.headers;
  const echo = [got.url, token, authorization].join(" ");
  const send = ({ status, body, headers = {} }: Answer) => response.writeHead(status, headers).end(body);
  if (typeof how === "object") return void send(how);
  const faults = face.faults(got);
  receiver.faults.push(...faults);
  if (faults.length > 0) return void send(face.invalid(faults));
  if (how === "ok") {
    if (face.isMessage?.(got) ?? true) receiver.taken.push(got.body);
    return void send(face.yes(got));
  }
  if (how === "refuse") return void send(face.refuse(echo));
  if (how === "rate-limited") return void send(face.rateLimited(receiver.retryAfter));
  if (how === "server-error") return void send(face.serverError(echo));
  if (how === "html") return void send({ status: 200, headers: { "content-type": "text/html" }, body: page(echo) });
  if (how === "not-ok")
    return void send({ status: 200, headers: { "content-type": "application/json" }, body: '{"ok":false}' });
  if (how === "redirect")
    return void send({ status: 302, headers: { location: `${receiver.url}/elsewhere` }, body: "" });
  if (how === "reset") return void response.socket?.resetAndDestroy();
  if (how === "hang") return;
  await breakOff(how, face.yes(got), response);
}

/** A good answer that stops half way, comes a byte at a time without an end, or is followed by junk without an end. */
async function breakOff(how: "half" | "drip" | "flood", good: Answer, response: ServerResponse): Promise<void> {
  response.on("error", () => {});
  if (how === "half") {
    response.writeHead(good.status, { "content-length": String(Math.max(2, good.body.length)) }).flushHeaders();
    if (good.body !== "") response.write(good.body.slice(0, Math.ceil(good.body.length / 2)));
    await sleep(20);
    response.socket?.destroy();
    return;
  }
  response.writeHead(good.status);
  response.write(good.body);
  while (!response.closed && !response.destroyed) {
    response.write(how === "drip" ? " " : " ".repeat(64 * 1024));
    await sleep(how === "drip" ? 20 : 1);
  }
}
