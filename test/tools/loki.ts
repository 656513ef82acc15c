/** A Loki that is an array: pages and clamps as the real one, and fails as told. */
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A stored line; time in nanoseconds. */
export interface Entry {
  at: bigint;
  text: string;
  labels: Record<string, string>;
}

export interface Asked {
  path: string;
  parameters: Record<string, string>;
  headers: IncomingHttpHeaders;
}

/** True: it has answered. */
type Fault = (response: ServerResponse, before: number) => boolean;

export interface Loki {
  url: string;
  stored: Entry[];
  asked: Asked[];
  /** Called with every question before it is answered. */
  fault: Fault;
  /** What it gives at most, whatever it is asked for; and what it may be asked for. */
  clamp: number;
  mostLimit: number;
  stop(): Promise<void>;
}

/** Starts one on a free port of loopback. */
export async function startLoki(...stored: Entry[]): Promise<Loki> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://loki");
    loki.asked.push({ path: url.pathname, parameters: Object.fromEntries(url.searchParams), headers: request.headers });
    if (loki.fault(response, loki.asked.length - 1)) return;
    if (url.pathname !== "/loki/api/v1/query_range") return void response.writeHead(404).end("404 page not found\n");
    answer(loki, url.searchParams, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const loki: Loki = {
    url: `http://127.0.0.1:${port}`,
    stored,
    asked: [],
    fault: () => false,
    clamp: 5000,
    mostLimit: 5000,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
  return loki;
}

/** [start, end), forward, by the limit over all streams; streams come in no order. Selectors and one `|~` are understood, and nothing else. */
function answer(loki: Loki, parameters: URLSearchParams, response: ServerResponse): void {
  const limit = Number(parameters.get("limit"));
  if (limit > loki.mostLimit) {
    const text = `max entries limit per query exceeded, limit > max_entries_limit_per_query (${limit} > ${loki.mostLimit})`;
    return void response.writeHead(400, { "content-type": "text/plain" }).end(text);
  }
  const [start, end] = [BigInt(parameters.get("start") ?? 0), BigInt(parameters.get("end") ?? 0)];
  const query = parameters.get("query") ?? "";
  const found = loki.stored
    .filter(({ at, labels, text }) => at >= start && at < end && chosen(labels, query) && says(text, query))
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    .slice(0, Math.min(limit, loki.clamp));
  const streams = new Map<string, { stream: Record<string, string>; values: unknown[] }>();
  for (const { at, text, labels } of found) {
    const key = JSON.stringify(labels);
    const one = streams.get(key) ?? { stream: labels, values: [] };
    one.values.push([String(at), text]);
    streams.set(key, one);
  }
  const body = {
    status: "success",
    data: { resultType: "streams", result: [...streams.values()].reverse(), stats: {} },
  };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function chosen(labels: Record<string, string>, query: string): boolean {
  const [, selector = ""] = /^\{(.*?)\}/.exec(query) ?? [];
  return [...selector.matchAll(/(\w+)(=~|!~|!=|=)"(.*?)"/g)].every(([, name = "", how, pattern = ""]) => {
    const value = labels[name] ?? "";
    if (how === "=" || how === "!=") return (value === pattern) === (how === "=");
    return new RegExp(`^(?:${pattern})$`).test(value) === (how === "=~");
  });
}

/** What comes after the selector. A string of LogQL is one of JSON, as far as our queries go. */
function says(text: string, query: string): boolean {
  const stages = query.replace(/^\{.*?\}\s*/, "");
  if (stages === "") return true;
  const [, pattern] = /^\|~ ("(?:\\.|[^"\\])*")$/.exec(stages) ?? [];
  if (pattern === undefined) throw new Error(`this Loki does not know ${stages}`);
  return new RegExp(JSON.parse(pattern)).test(text);
}
