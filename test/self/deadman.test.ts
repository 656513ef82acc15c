import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { beat, beats } from "../../lib/self/deadman.ts";
import { type Watcher, watcher } from "./watcher.ts";

const runs = (...list: [cluster: string, isWell: boolean][]) => new Map(list);

describe("the heartbeat", () => {
  const urls = (url: string, fail: string | null, of: ReturnType<typeof runs>) =>
    beats({ url, fail }, of).map((one) => one.url);

  it("of all clusters stays away where one of them was not well", () => {
    expect(urls("http://a/ok", null, runs(["x", true], ["y", true]))).toEqual(["http://a/ok"]);
    expect(urls("http://a/ok", null, runs(["x", true], ["y", false]))).toEqual([]);
    expect(urls("http://a/ok", "http://a/fail", runs(["x", true], ["y", false]))).toEqual(["http://a/fail"]);
    expect(urls("http://a/ok", "http://a/fail", runs())).toEqual([]);
  });

  it("of each cluster is its own, its name escaped", () => {
    const own = "http://a/{cluster}";
    expect(urls(own, null, runs(["x", true], ["y/../z", true], ["down", false]))).toEqual([
      "http://a/x",
      "http://a/y%2F..%2Fz",
    ]);
    expect(urls(own, `${own}/fail`, runs(["x", true], ["y", false]))).toEqual(["http://a/x", "http://a/y/fail"]);
  });
});

describe("sending it", () => {
  let other: Watcher;
  beforeEach(async () => {
    other = await watcher();
  });
  afterEach(() => other.close());
  const settings = (change = {}) => ({
    ...{ url: `${other.url}/ping/secret-uuid`, fail: null, method: "GET" as const, headers: {}, timeout: 200 },
    ...change,
  });
  const send = (change = {}) => beat(settings(change), runs(["prod", true]), 1);

  it("is a plain GET, or a POST that says what of", async () => {
    expect(await send()).toEqual([]);
    expect(await send({ method: "POST", headers: { authorization: "GenieKey k" } })).toEqual([]);
    expect(other.got.map(({ method, url, body }) => [method, url, body])).toEqual([
      ["GET", "/ping/secret-uuid", ""],
      ["POST", "/ping/secret-uuid", '{"status":"ok","clusters":["prod"]}'],
    ]);
    expect(other.got[1]?.headers).toMatchObject({ authorization: "GenieKey k", "content-type": "application/json" });
  });

  it("is tried once more, and goes nowhere else", async () => {
    other.next = [500, 200];
    expect(await send()).toEqual([]);
    other.next = [{ status: 301, location: "/other" }];
    expect(await send()).toEqual(["the heartbeat was not taken: HTTP 301 (a redirect, which is not followed)"]);
    expect(other.got.map(({ url }) => url)).not.toContain("/other");
  });

  it.each([
    ["hangs", ["hang", "hang"], "no whole answer within 0.2 s"],
    ["is at fault", [500, 502], "HTTP 502"],
    ["does not know it", [404], "HTTP 404"],
  ] as const)("where the other side %s is a warning without the URL", async (_, next, fault) => {
    other.next = [...next];
    const said = await send();
    expect(said).toEqual([`the heartbeat was not taken: ${fault}`]);
    expect(other.next).toEqual([]);
  });

  it("where nobody listens, or the secret is no URL, is a warning without it", async () => {
    await other.close();
    expect(await send()).toEqual(["the heartbeat was not taken: the connection failed (ECONNREFUSED)"]);
    const [said = ""] = await send({ url: "not a url, but secret" });
    expect(said).toContain("the connection failed");
    expect(said).not.toContain("secret");
    other = await watcher();
  });
});
