import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ListSettings, loadAsns, loadRanges } from "../../../lib/enrich/ranges/load.ts";
import { type Answering, answering } from "../../poll/answering.ts";
import { type TempFolder, tempFolder } from "../../tools/temp.ts";
import * as samples from "./samples.ts";

const hour = 3_600_000;
const start = Date.UTC(2026, 10, 22);

let folder: TempFolder;
let server: Answering | null = null;
beforeEach(() => {
  folder = tempFolder("ranges");
});
afterEach(async () => {
  await server?.stop();
  server = null;
  folder.remove();
});

const settings = (sources: string[], more: Partial<ListSettings> = {}): ListSettings => ({
  sources,
  cache: join(folder.path, "cache"),
  now: start,
  ...more,
});

/** Writes a file below the folder, and says where. */
function file(name: string, content: unknown): string {
  const path = join(folder.path, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, content instanceof Uint8Array || typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

/** The provider of an address, and what was warned of, with the folder's name cut. */
async function load(sources: string[], more: Partial<ListSettings> = {}, address = "203.0.113.1") {
  const { index, warnings } = await loadRanges(settings(sources, more));
  return {
    provider: index.find(address)?.provider ?? null,
    warnings: warnings.map((text) => text.replaceAll(folder.path, "").replaceAll(server?.url ?? "-", "http://server")),
  };
}

describe("files", () => {
  test("one, packed or not", async () => {
    expect(await load([file("a.json", samples.aws)])).toEqual({ provider: "AWS", warnings: [] });
    const packed = gzipSync(JSON.stringify(samples.aws));
    expect(await load([file("b.json", packed)])).toEqual({ provider: "AWS", warnings: [] });
  });

  test("a folder: every file that is not hidden, links as Kubernetes mounts them too", async () => {
    file("lists/..data/aws.json", samples.aws);
    symlinkSync("..data/aws.json", join(folder.path, "lists/aws.json"));
    symlinkSync("nowhere", join(folder.path, "lists/gone.json"));
    file("lists/b-broken.json", "{");
    file("lists/cloudflare-ips-v6.txt", "2001:db8::/32\n");
    file("lists/more/azure.json", samples.azure);
    file("lists/.hidden.json", "{");
    const path = join(folder.path, "lists");
    const { index, warnings } = await loadRanges(settings([path]));
    expect(index.find("203.0.113.1")?.provider).toBe("AWS");
    expect(index.find("2001:db8::1")?.provider).toBe("Cloudflare");
    expect(index.find("203.0.113.65")?.provider).toBe("AWS");
    expect(warnings).toEqual([
      `${path}/b-broken.json: is broken JSON (cut off?)`,
      `${path}/gone.json: cannot be read (ENOENT)`,
    ]);
  });

  test.each([
    ["missing", () => "/nowhere/list.json", "/nowhere/list.json: cannot be read (ENOENT)"],
    ["empty folder", () => mkdirSync(join(folder.path, "none"), { recursive: true }) ?? "?", "/none: holds no files"],
    ["device", () => "/dev/null", "/dev/null: is no regular file"],
    ["too large", () => file("big.txt", "203.0.113.0/24\n".repeat(100_000)), "/big.txt: is larger than 1 MiB"],
    ["too large unpacked", () => file("big.gz", gzipSync(Buffer.alloc(2 ** 21))), "/big.gz: is larger than 1 MiB"],
    [
      "broken gzip",
      () => file("cut.gz", gzipSync("203.0.113.0/24").subarray(0, 20)),
      "/cut.gz: cannot be read (Z_BUF_ERROR)",
    ],
    ["HTML", () => file("a.json", "<html>"), "/a.json: is HTML or XML, not a list (a login page, or a proxy's?)"],
    [
      "a name that writes lines",
      () => file("a\n\u001b.txt", "-"),
      "/a \\u001b.txt: is no list: half of its lines or more are no prefixes",
    ],
  ])("%s costs a warning", async (_, source, warning) => {
    expect(await load([source()], { mostBytes: 2 ** 20 })).toEqual({ provider: null, warnings: [warning] });
  });

  test("no sources, no lists", async () => {
    expect(await load([])).toEqual({ provider: null, warnings: [] });
  });
});

/** Answers requests in turn, the last answer to all that follow. */
async function serve(...answers: ((response: ServerResponse) => void)[]): Promise<string> {
  server = await answering((response, before) => answers[Math.min(before, answers.length - 1)]?.(response));
  return `${server.url}/cloudflare/ips-v4`;
}

const lines =
  (text: string, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void =>
    void response.writeHead(200, { "content-type": "text/plain", ...headers }).end(text);
const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void =>
    void response.writeHead(code, headers).end("no");

const good = lines(samples.cloudflareText, { etag: '"one"', "last-modified": "Sat, 21 Nov 2026 00:00:00 GMT" });
const name = "http://server/cloudflare/ips-v4";

describe("URLs", () => {
  test("a list is fetched once a day, then asked whether it has changed", async () => {
    const url = await serve(good, status(304), lines("192.0.2.0/24\n"));
    const found = { provider: "Cloudflare", warnings: [] };
    expect(await load([url])).toEqual(found);
    expect(await load([url], { now: start + 24 * hour - 1 })).toEqual(found);
    expect(server?.asked).toHaveLength(1);
    expect(await load([url], { now: start + 24 * hour })).toEqual(found);
    expect(server?.asked[1]?.headers).toMatchObject({
      "if-none-match": '"one"',
      "if-modified-since": "Sat, 21 Nov 2026 00:00:00 GMT",
    });
    // The 304 made the copy fresh again.
    expect(await load([url], { now: start + 47 * hour })).toEqual(found);
    expect(server?.asked).toHaveLength(2);
    expect(await load([url], { now: start + 48 * hour }, "192.0.2.1")).toEqual(found);
    expect(await load([url], { now: start + 49 * hour })).toEqual({ provider: null, warnings: [] });
    expect(server?.asked).toHaveLength(3);
  });

  test("another time for freshness; a clock that went back asks again", async () => {
    const url = await serve(good);
    await load([url]);
    await load([url], { now: start + hour, fresh: hour });
    await load([url], { now: start - hour });
    expect(server?.asked).toHaveLength(3);
  });

  const failures: [name: string, answer: (response: ServerResponse) => void, why: string][] = [
    ["500", status(500), "the server answered 500"],
    ["404", status(404), "the server answered 404"],
    ["nothing at all", () => undefined, "no whole answer within 0.3 s"],
    ["a slow drip", (response) => drip(response), "no whole answer within 0.3 s"],
    ["a cut", (response) => cut(response), "the connection failed (UND_ERR_SOCKET)"],
    ["a reset", (response) => void response.socket?.destroy(), "the connection failed (UND_ERR_SOCKET)"],
    ["too much", lines("203.0.113.0/24\n".repeat(100_000)), "the answer is larger than 1 MiB"],
    [
      "HTML",
      lines("<html>Sign in</html>"),
      "the server's answer is HTML or XML, not a list (a login page, or a proxy's?)",
    ],
    ["nothing in it", lines(""), "the server's answer is empty"],
    ["a redirect elsewhere", status(302, { location: "http://203.0.113.9/list" }), elsewhere()],
    ["a redirect to another port", status(302, { location: "http://127.0.0.1:9/list" }), elsewhere()],
    ["redirects without an end", status(301, { location: "/again" }), "the server redirects too often"],
    ["a redirect to nowhere", status(301, { location: "http://[" }), "the connection failed (ERR_INVALID_URL)"],
  ];

  function elsewhere(): string {
    return "the server redirects to another host, which is not followed: put the final URL in the config";
  }

  function drip(response: ServerResponse): void {
    const timer = setInterval(() => response.write("#\n"), 20);
    response.on("close", () => clearInterval(timer));
  }

  function cut(response: ServerResponse): void {
    response.writeHead(200, { "content-length": "1000" }).write("203.0.113.0/24\n");
    setTimeout(() => response.socket?.destroy(), 30);
  }

  const limits = { deadline: 300, mostBytes: 2 ** 20 };

  test.each(failures)("%s: the list is missing where nothing is kept", async (_, answer, why) => {
    const url = await serve(answer);
    expect(await load([url], limits)).toEqual({ provider: null, warnings: [`${name}: is missing: ${why}`] });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test.each(failures)("%s: what is kept serves, and stays", async (_, answer, why) => {
    const url = await serve(good, answer);
    await load([url]);
    const later = { ...limits, now: start + 75 * hour };
    const warning = `${name}: could not be refreshed (${why}); the copy fetched 3 days ago serves`;
    expect(await load([url], later)).toEqual({ provider: "Cloudflare", warnings: [warning] });
    expect(await load([url], later)).toEqual({ provider: "Cloudflare", warnings: [warning] });
  });

  test("nobody there", async () => {
    const url = await serve(good);
    await server?.stop();
    expect(await load([url])).toEqual({
      provider: null,
      warnings: [`${name}: is missing: the connection failed (ECONNREFUSED)`],
    });
    server = null;
  });

  test("a 304 that nobody asked for is no list", async () => {
    const url = await serve(status(304));
    expect((await load([url])).warnings).toEqual([`${name}: is missing: the server answered 304`]);
  });

  test("a redirect on the same host is followed", async () => {
    const url = await serve(status(301, { location: "/cloudflare/ips-v4/" }), good);
    expect(await load([url])).toEqual({ provider: "Cloudflare", warnings: [] });
    expect(server?.asked[1]?.url).toBe("/cloudflare/ips-v4/");
  });

  test("secrets of a URL reach its server, and nobody else", async () => {
    const base = await serve(good, status(500));
    const url = `${base.replace("http://", "http://user:hunter%32@")}?token=hunter2`;
    expect(await load([url])).toEqual({ provider: "Cloudflare", warnings: [] });
    const { warnings } = await load([url], { now: start + 30 * hour });
    expect(server?.asked[0]?.headers.authorization).toBe(`Basic ${Buffer.from("user:hunter2").toString("base64")}`);
    expect(server?.asked[0]?.url).toBe("/cloudflare/ips-v4?token=hunter2");
    const cache = join(folder.path, "cache");
    const kept = readdirSync(cache).map((one) => `${one} ${readFileSync(join(cache, one), "utf8")}`);
    expect(`${warnings} ${kept}`).not.toMatch(/hunter|user/);
    expect(warnings).toHaveLength(1);
  });

  test("two files are kept of each, and no rests of writing", async () => {
    const url = await serve(good);
    await Promise.all([load([url]), load([url]), load([url, url])]);
    const names = readdirSync(join(folder.path, "cache")).sort();
    expect(names).toEqual([
      expect.stringMatching(/^[0-9a-f]{32}\.json$/),
      expect.stringMatching(/^[0-9a-f]{32}\.list$/),
    ]);
  });

  test.each(["json", "list"])(
    "a kept copy whose .%s is broken is fetched again, without conditions",
    async (ending) => {
      const url = await serve(good);
      await load([url]);
      const cache = join(folder.path, "cache");
      writeFileSync(join(cache, readdirSync(cache).find((one) => one.endsWith(ending)) ?? ""), "{");
      expect(await load([url])).toEqual({ provider: "Cloudflare", warnings: [] });
      expect(server?.asked[1]?.headers["if-none-match"]).toBeUndefined();
      expect(await load([url])).toEqual({ provider: "Cloudflare", warnings: [] });
      expect(server?.asked).toHaveLength(2);
    },
  );

  test("a cache that cannot be written costs a warning, not the list", async () => {
    const url = await serve(good);
    expect(await load([url], { cache: file("cache-is-a-file", "") })).toEqual({
      provider: "Cloudflare",
      warnings: [`${name}: fetched, but it cannot be kept in the cache (EEXIST)`],
    });
  });

  test("one bad list of several costs that one", async () => {
    const url = await serve(status(500));
    expect(await load([url, file("aws.json", samples.aws)])).toEqual({
      provider: "AWS",
      warnings: [`${name}: is missing: the server answered 500`],
    });
  });

  test("a list with wrong rows is kept, and its warning told each time", async () => {
    const url = await serve(lines("203.0.113.0/24\n198.51.100.0/24\n10.0.0.0/8\n"));
    const warnings = [`${name}: 1 of 3 ranges left out (1 private or special addresses; the first is "10.0.0.0/8")`];
    expect(await load([url])).toEqual({ provider: "Cloudflare", warnings });
    expect(await load([url])).toEqual({ provider: "Cloudflare", warnings });
    expect(server?.asked).toHaveLength(1);
  });
});

describe("tables of autonomous systems", () => {
  const table = '203.0.113.0,203.0.113.255,64500,"One"\n2001:db8::,2001:db8::ff,64501,Two\n';

  test("packed or not, and several", async () => {
    const sources = [file("a.csv", gzipSync(table)), file("b.csv", "52.94.0.0,52.94.255.255,16509,Amazon\n")];
    const { index, warnings } = await loadAsns(settings(sources));
    expect(warnings).toEqual([]);
    expect(["203.0.113.7", "2001:db8::1", "52.94.0.1"].map((address) => index.find(address)?.asn)).toEqual([
      64500, 64501, 16509,
    ]);
  });

  test("rows that are none are counted; a file that is none is left out", async () => {
    const sources = [file("a.csv", `${table}junk\n`), file("b.csv", "<html>\n</html>\n"), file("c.csv", "")];
    const { index, warnings } = await loadAsns(settings(sources));
    expect(index.find("203.0.113.7")?.organization).toBe("One");
    expect(warnings.map((text) => text.replace(folder.path, ""))).toEqual([
      "/a.csv: 1 of 3 rows left out; the first is line 3",
      '/b.csv: is no table of start,end,asn,"organization"',
      '/c.csv: is no table of start,end,asn,"organization"',
    ]);
  });

  test("from a URL, kept", async () => {
    const url = await serve(lines(table));
    for (const now of [start, start + hour]) {
      const { index, warnings } = await loadAsns(settings([url], { now }));
      expect(warnings).toEqual([]);
      expect(index.find("203.0.113.7")?.asn).toBe(64500);
    }
    expect(server?.asked).toHaveLength(1);
  });
});
