/** A door before a server: passes requests on, or keeps them waiting; and says when nobody holds a connection to it any more. */
import { once } from "node:events";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";

export interface Door {
  url: string;
  /** True: requests get no answer any more. */
  hangs: boolean;
  /** Resolves with the next request that comes. */
  nextRequest(): Promise<void>;
  /** Closes what is idle, as a server or a NAT gateway does after a while, and returns when no connection is left. */
  closeIdle(): Promise<void>;
  stop(): Promise<void>;
}

export async function startDoor(behind: string): Promise<Door> {
  let came = () => {};
  const server = createServer(async (asked, answer) => {
    came();
    if (door.hangs) return;
    const body = await buffer(asked);
    const kept = Object.entries(asked.headers).filter(([name]) => /^(x-amz-|authorization|content-type)/.test(name));
    const given = await fetch(`${behind}${asked.url}`, {
      method: asked.method ?? "GET",
      headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
      ...(body.length === 0 ? {} : { body }),
    });
    answer.writeHead(given.status, { "content-type": given.headers.get("content-type") ?? "" }).end(await given.text());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port");
  const connections = () =>
    new Promise<number>((resolve, reject) => server.getConnections((error, n) => (error ? reject(error) : resolve(n))));
  const door: Door = {
    url: `http://127.0.0.1:${address.port}`,
    hangs: false,
    nextRequest: () => new Promise((resolve) => (came = resolve)),
    async closeIdle() {
      server.closeIdleConnections();
      while ((await connections()) > 0) await new Promise((resolve) => setImmediate(resolve));
    },
    async stop() {
      server.closeAllConnections();
      server.close();
    },
  };
  return door;
}
