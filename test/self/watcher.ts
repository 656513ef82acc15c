/** What the tests of self-watching share. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** How one request is answered: a status, or never. */
export type Way = number | "hang" | { status: number; location: string };

export interface Watcher {
  url: string;
  got: { method: string; url: string; body: string; headers: Record<string, string | string[] | undefined> }[];
  /** How the next requests are answered; 200 after that. */
  next: Way[];
  close(): Promise<void>;
}

/** Somebody else who notices silence: takes any request, and misbehaves when told. */
export async function watcher(): Promise<Watcher> {
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = "", url = "", headers } = request;
    one.got.push({ method, url, headers, body: Buffer.concat(chunks).toString("utf8") });
    const way = one.next.shift() ?? 200;
    if (way === "hang") return;
    if (typeof way === "object") response.setHeader("location", way.location);
    response.writeHead(typeof way === "object" ? way.status : way).end(`you asked ${url}`);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const one: Watcher = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    got: [],
    next: [],
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return one;
}
