/** The served API under what no friendly client sends, and under too much of what one does. */
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearer, heldPast, type SetUp, serveApi } from "./api-set-up.ts";
import type { HeldPast } from "./past.ts";

let held: HeldPast;
let at: SetUp;
beforeAll(async () => {
  held = await heldPast();
  at = await serveApi(held);
});
afterAll(async () => {
  await at.served.stop();
  await held.stop();
});

/** What comes back for bytes that fetch would not send. */
async function raw(bytes: string): Promise<string> {
  const { hostname, port } = new URL(at.served.url);
  const socket = connect(Number(port), hostname);
  let got = "";
  socket.setEncoding("utf8").on("data", (text: string) => {
    got += text;
  });
  socket.on("error", () => {});
  socket.end(bytes);
  await new Promise((resolve) => socket.once("close", resolve));
  return got;
}

describe("what is asked after the ?", () => {
  it.each([
    ["?nmaespace=shop", ['"nmaespace": not known here; cluster, namespace, workload, destination, passage']],
    ["?namespace=a&namespace=b", ["namespace: given 2 times"]],
    ["?limit=0", ["limit: must be a number of 1 to 1000"]],
    [
      "?limit=1001&passage=maybe&verdict=no",
      ["passage: must be allowed or blocked", "verdict: must be one of", "limit: must be a number"],
    ],
    ["?limit=ten&since=yesterday", ["since: must be a duration such as 15m", "limit: must be a number"]],
    ["?namespace=%00shop", ["namespace: must be text without control characters"]],
    ["?namespace=", ["namespace: must be some text"]],
    [`?destination=${"x".repeat(600)}`, ["destination: must be 500 characters at most"]],
    ["?next=..%2F..%2Fetc%2Fpasswd", ["next: must be what an answer had as next"]],
    ["?next=AAAA", ["next: must be what an answer had as next"]],
    [`?next=${"A".repeat(5000)}`, ["next: must be what an answer had as next"]],
    ["?__proto__=1&constructor=2", ['"__proto__": not known here', '"constructor": not known here']],
    ["?%3Cscript%3E=1", ['"\\u003cscript\\u003e": not known here']],
    ["?cluster=http%3A%2F%2F169.254.169.254%2F", []],
  ])("%#: 400, with all that is wrong", async (query, words) => {
    const response = await at.get(`/api/v1/sightings${query}`);
    expect([response.status, response.headers.get("content-type")]).toEqual([400, "application/problem+json"]);
    const { errors = [] } = JSON.parse(await response.text());
    expect(errors).toHaveLength(words.length);
    for (const [index, word] of words.entries()) expect(errors[index]).toContain(word);
  });

  it("a cursor of one list, or one that was made up, leads nowhere worse than to its place", async () => {
    const forged = Buffer.from("1:zzzz").toString("base64url");
    const response = await at.get(`/api/v1/sightings?next=${forged}`);
    expect(await response.json()).toEqual({ sightings: [], next: null });
    const longer = `${forged}=`;
    expect((await at.get(`/api/v1/sightings?next=${encodeURIComponent(longer)}`)).status).toBe(400);
  });

  it("routes that take nothing say so", async () => {
    for (const path of ["/metrics", "/openapi.json"]) {
      const response = await at.get(`${path}?a=1`);
      expect([response.status, await response.text()]).toEqual([400, expect.stringContaining("nothing is asked this")]);
    }
  });
});

describe("a request", () => {
  it("that is too long before its body is refused as a problem, with the headers of all answers", async () => {
    const long = await raw(
      `GET /api/v1/sightings?namespace=${"x".repeat(1_000_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`,
    );
    // The connection may be gone before the whole of it was sent: then there is no answer at all.
    if (long !== "") expect(long).toMatch(/^HTTP\/1\.1 431 .*content-type: application\/problem\+json.*nosniff/s);
    const some = await raw(`GET /?x=${"x".repeat(20_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    expect(some).toMatch(/^HTTP\/1\.1 431 .*content-type: application\/problem\+json.*nosniff/s);
    expect(await raw("HELLO\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 .*"status":400/s);
    expect((await at.get("/healthz")).status).toBe(200);
  });

  it.each(["/api/v1/../../etc/passwd", "//evil.example/", "/api/v1/runs/%2e%2e/%2e%2e", "/%00", "/api/v1/sightings/"])(
    "for %s finds nothing",
    async (path) => {
      const auth = `authorization: ${bearer.authorization}\r\n`;
      expect(await raw(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n${auth}connection: close\r\n\r\n`)).toMatch(
        /^HTTP\/1\.1 40[04] .*application\/problem\+json/s,
      );
    },
  );

  it.each(["TRACE", "DELETE", "PATCH", "PROPFIND", "CONNECT"])("%s is not taken", async (method) => {
    const auth = `authorization: ${bearer.authorization}\r\n`;
    const got = await raw(
      `${method} /api/v1/sightings HTTP/1.1\r\nhost: localhost\r\n${auth}connection: close\r\n\r\n`,
    );
    expect(got).not.toMatch(/^HTTP\/1\.1 2/);
  });

  it("whose body does not come keeps nobody else from being answered", async () => {
    const { hostname, port } = new URL(at.served.url);
    const head = `POST /api/v1/scan HTTP/1.1\r\nhost: localhost\r\nauthorization: ${bearer.authorization}\r\n`;
    const slow = Array.from({ length: 20 }, () => {
      const socket = connect(Number(port), hostname);
      socket.on("error", () => {});
      socket.write(`${head}content-type: application/json\r\ncontent-length: 1000\r\n\r\n{`);
      return socket;
    });
    const answers = await Promise.all(Array.from({ length: 20 }, () => at.get("/api/v1/sightings")));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    for (const socket of slow) socket.destroy();
  });

  it("with a body of more than a megabyte is refused", async () => {
    expect((await at.post("/api/v1/scan", { cluster: "x".repeat(1_100_000) })).status).toBe(413);
    const text = await at.post("/api/v1/scan", {}, { ...bearer, "content-type": "text/plain" });
    expect(text.status).toBe(415);
  });
});

it("who asks too often is told when to come again; others are not held up, and neither is a probe", async () => {
  const own = await serveApi(held, { api: "{ tokens: [{ env: ONE }, { env: TWO }], requestsPerMinute: 5 }" });
  try {
    const asked = await Promise.all(Array.from({ length: 8 }, () => own.get("/api/v1/findings")));
    expect(asked.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
    const late = asked.find(({ status }) => status === 429);
    expect(Number(late?.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(late?.headers.get("content-type")).toBe("application/problem+json");
    expect((await own.get("/api/v1/findings", { authorization: "Bearer second-token-of-two" })).status).toBe(200);
    const guesses = await Promise.all(
      Array.from({ length: 8 }, (_, index) => own.get("/api/v1/findings", { authorization: `Bearer guess-${index}` })),
    );
    expect(guesses.map(({ status }) => status).sort()).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    expect((await own.post("/slack/commands", {}, {})).status).toBe(429);
    for (let index = 0; index < 10; index++) {
      expect((await own.get("/healthz", {})).status).toBe(200);
      expect((await own.command("help")).status).toBe(200);
    }
  } finally {
    await own.served.stop();
  }
});
