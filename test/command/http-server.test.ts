/** What `serve` listens with, under clients that are slow on purpose: with short times in the place of the usual ones. */
import { once } from "node:events";
import type { Server } from "node:http";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { httpServer } from "../../bin/http-server.ts";
import { type Made, made, remembered } from "../api/make.ts";

let own: Made;
let server: Server;
let port = 0;
beforeAll(async () => {
  own = made(await remembered("memory:"), { clients: { tokens: ["t"], besides: null } });
  server = httpServer(own.app.fetch, { headers: 300, request: 600, check: 50 }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** What comes back until the other side closes; `drip` is sent again and again until then. */
async function until(closed: { first: string; drip?: string }): Promise<string> {
  const socket: Socket = connect(port, "127.0.0.1");
  let got = "";
  socket.setEncoding("utf8").on("data", (text: string) => {
    got += text;
  });
  socket.on("error", () => {});
  socket.write(closed.first);
  const { drip } = closed;
  const timer = setInterval(() => void (drip === undefined || socket.destroyed || socket.write(drip)), 20);
  await once(socket, "close");
  clearInterval(timer);
  return got;
}

const problem = /content-type: application\/problem\+json.*nosniff.*\{"type":"about:blank",.*"detail":"[^"]+"\}$/s;
const post = (path: string, more: string) => `POST ${path} HTTP/1.1\r\nhost: localhost\r\n${more}\r\n\r\n`;
const json = "authorization: Bearer t\r\ncontent-type: application/json";

it.each([
  ["nothing", { first: "" }],
  ["headers without end", { first: "GET / HTTP/1.1\r\nhost: localhost\r\n", drip: "x: y\r\n" }],
  ["a body", { first: post("/api/v1/scan", `${json}\r\ncontent-length: 100000`), drip: "x" }],
  ["a body in chunks", { first: post("/api/v1/scan", `${json}\r\ntransfer-encoding: chunked`), drip: "1\r\nx\r\n" }],
  ["a body to Slack's route", { first: post("/slack/actions", "content-length: 100000"), drip: "x" }],
  ["it in chunks", { first: post("/slack/actions", "transfer-encoding: chunked"), drip: "1\r\nx\r\n" }],
])("who sends %s slowly is told so and given up, and the log is not filled with it", async (_, sent) => {
  const got = await until(sent);
  expect(got).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  expect(got).toMatch(problem);
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  expect(own.logged).toEqual([]);
});

it.each([
  ["no Host", "GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n", "Missing host"],
  ["no Host, as HTTP/1.0", "GET /healthz HTTP/1.0\r\n\r\n", "Missing host"],
  ["a Host that is none", "GET /healthz HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n", "Host|URL"],
  ["half a Host", "GET /healthz HTTP/1.1\r\nhost: [::1\r\nconnection: close\r\n\r\n", "Host|URL"],
  ["a user in the Host", "GET /healthz HTTP/1.1\r\nhost: localhost@evil\r\nconnection: close\r\n\r\n", "host"],
  ["no path", "OPTIONS * HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n", "URL"],
  ["two lengths", post("/slack/actions", "content-length: 0, 5"), "no HTTP"],
  ["a length and chunks", post("/slack/actions", "content-length: 5\r\ntransfer-encoding: chunked"), "no HTTP"],
  ["no HTTP", "HELLO\r\n\r\n", "no HTTP"],
])("a request with %s is refused as a problem", async (_, first, words) => {
  const got = await until({ first });
  expect(got).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  expect(got.replaceAll("\r\n0\r\n", "").trimEnd()).toMatch(problem);
  expect(got).toMatch(new RegExp(`"detail":"[^"]*(${words})`, "i"));
});

it.each([
  ["413", "/slack/actions", 1_100_000, 413],
  ["401", "/api/v1/scan", 900_000, 401],
  ["413 of 10 MB", "/slack/actions", 10_000_000, 413],
])(
  "who is refused with %s before the body has come gets the answer, and may ask on by the same connection",
  async (_, path, size, status) => {
    const ask = async (to: string, body: string) => {
      const response = await fetch(`http://127.0.0.1:${port}${to}`, { method: "POST", body });
      await response.text();
      return response.status;
    };
    for (let round = 0; round < 10; round++) {
      expect(await ask(path, "x".repeat(size))).toBe(status);
      expect(await ask("/slack/commands", "a=b")).toBe(401);
    }
  },
);
