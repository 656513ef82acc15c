import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import axios from "../../lib/poll/axios.ts";
import { type Answering, answering, json } from "./answering.ts";

let server: Answering | undefined;
afterEach(async () => {
  await server?.stop();
});

const config = (baseURL: string) => ({
  baseURL,
  url: "/query",
  method: "POST",
  params: new URLSearchParams(),
  data: new URLSearchParams({ query: "up" }),
  headers: {},
  auth: null,
  timeout: 20_000,
});

describe("poll/axios", () => {
  it("runs the hooks before the question and after the answer, in order", async () => {
    server = await answering(json({ n: 1 }));
    const one = axios.create();
    const said: string[] = [];
    one.interceptors.request.use((asked) => ({ ...asked, url: `${asked.url}/a` }));
    one.interceptors.request.use((asked) => ({ ...asked, url: `${asked.url}/b` }));
    one.interceptors.request.use(undefined);
    one.interceptors.response.use(async (answer) => {
      said.push(JSON.stringify(answer));
      return { ...answer, data: 2 };
    });
    expect(await one.request(config(server.url))).toMatchObject({ status: 200, data: 2 });
    expect(server.asked[0]).toMatchObject({ url: "/query/a/b", body: "query=up" });
    expect(said.map((text) => JSON.parse(text))).toEqual([
      { status: 200, headers: expect.objectContaining({ date: expect.stringMatching(/GMT$/) }), data: { n: 1 } },
    ]);
  });

  it("asks by GET with its parameters in the URL, and without a body", async () => {
    server = await answering(json([]));
    const asked = { ...config(server.url), method: "GET", params: new URLSearchParams({ query: "a b" }) };
    await axios.create().request(asked);
    expect(server.asked[0]).toMatchObject({ method: "GET", url: "/query?query=a+b", body: "" });
  });

  it("says what came instead of JSON, and from where", async () => {
    server = await answering((response) => void response.writeHead(200, { "content-type": "text/html" }).end("<html>"));
    await expect(axios.create().request(config(server.url))).rejects.toMatchObject({
      code: "prometheus/bad-answer",
      message: `${server.url} answered something that is not JSON (text/html)`,
    });
  });

  it("takes an answer that is packed, and none that is cut off or no such packing", async () => {
    const packed = gzipSync(JSON.stringify({ n: 1 }));
    for (const [body, expected] of [
      [packed, { data: { n: 1 } }],
      [packed.subarray(0, -9), { code: "prometheus/unavailable" }],
      [Buffer.from("{}"), { code: "prometheus/unavailable" }],
    ] as const) {
      server = await answering((response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(body));
      const answer = await axios
        .create()
        .request(config(server.url))
        .catch((thrown: unknown) => thrown);
      expect(answer).toMatchObject(expected);
      await server.stop();
    }
    server = undefined;
  });

  it("reads no answer beyond 256 MiB", async () => {
    const part = Buffer.alloc(1 << 20, " ");
    let sent = 0;
    server = await answering((response) => {
      const more = (): void => {
        while (sent < 400 && response.write(part)) sent += 1;
        if (sent >= 400) response.end();
      };
      response.on("drain", more).on("error", () => {});
      more();
    });
    await expect(axios.create().request(config(server.url))).rejects.toMatchObject({
      code: "prometheus/too-expensive",
      message: "the answer is larger than 256 MiB",
    });
    expect(sent).toBeLessThan(400);
  });
});
