import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { LogLine, Window } from "../../../lib/model.ts";
import { type LokiSettings, loki, usualQueries } from "../../../lib/poll/logs/loki.ts";
import { blockedOfOld, httpJson, tls, tlsJson, ztunnelJson, ztunnelText } from "../../observe/logs/make.ts";
import { type Entry, type Loki, startLoki } from "../../tools/loki.ts";

const started: Loki[] = [];
afterEach(async () => {
  for (const one of started.splice(0)) await one.stop();
});

const second = 1_000_000_000n;
const web = { container: "istio-proxy", namespace: "shop", pod: "web-0" };
const entry = (at: bigint, text: string, labels: Record<string, string> = web): Entry => ({ at, text, labels });
const window: Window = { from: 1_000_000, to: 1_060_000 };
const inside = 1001n * second;

async function keeping(...stored: Entry[]): Promise<Loki> {
  const one = await startLoki(...stored);
  started.push(one);
  return one;
}

const settingsOf = ({ url }: Loki, change: Partial<LokiSettings> = {}): LokiSettings => ({
  url,
  queries: ['{container="istio-proxy"}'],
  timeout: 5000,
  headers: {},
  basic: null,
  most: 1_000_000,
  pauses: [1, 1],
  ...change,
});

async function read(one: Loki, change: Partial<LokiSettings> = {}, span = window): Promise<LogLine[]> {
  const all: LogLine[] = [];
  for await (const batch of loki(settingsOf(one, change)).read(span)) all.push(...batch);
  return all;
}

const texts = async (...what: Parameters<typeof read>) => (await read(...what)).map((one) => one.text);

describe("Loki", () => {
  it("gives the lines of (from, to] with their times and their streams' labels, in order of time", async () => {
    const one = await keeping(
      entry(1000n * second, "at from"),
      entry(1060n * second, "at to"),
      entry(1060n * second + 1_000_000n, "after"),
      entry(inside + 5n, "b", { ...web, pod: "web-1" }),
      entry(inside, "a"),
    );
    expect(await read(one)).toEqual([
      { text: "a", time: 1_001_000, labels: web },
      { text: "b", time: 1_001_000, labels: { ...web, pod: "web-1" } },
      { text: "at to", time: 1_060_000, labels: web },
    ]);
    expect(one.asked[0]?.parameters).toMatchObject({ direction: "forward", limit: "5000", start: "1000001000000" });
  });

  it("asks for every page, with tenant and credentials, and for each of its queries", async () => {
    const gone = "upstream_cluster=PassthroughCluster";
    const kept = [entry(inside, gone), entry(inside, "within the mesh")];
    const one = await keeping(...kept, entry(inside, "g", { ...web, pod: "istio-egressgateway-1" }));
    const change = {
      queries: usualQueries(null),
      headers: { "X-Scope-OrgID": "team-a" },
      basic: { username: "u", password: "p" },
    };
    expect((await texts(one, change)).sort()).toEqual(["g", gone]);
    expect(new Set(one.asked.map(({ headers }) => `${headers["x-scope-orgid"]} ${headers.authorization}`))).toEqual(
      new Set(["team-a Basic dTpw"]),
    );
  });

  it("asks for every line of the config's own egress gateway, by its pods' names", async () => {
    const kept = ["istio-way.out-7dc8cb9d9b-6hfhg", "way-0", "istio-wayXout-1", "a-way-0"];
    const one = await keeping(...kept.map((pod) => entry(inside, pod, { ...web, pod })));
    const queries = usualQueries({ namespace: "edge", names: ["istio-way.out", "way", 'no"name'] });
    expect((await texts(one, { queries })).sort()).toEqual(["istio-way.out-7dc8cb9d9b-6hfhg", "way-0"]);
  });

  const lines: Record<string, string> = {
    "blocked TLS": tls(blockedOfOld),
    "blocked TLS as JSON": tlsJson(blockedOfOld),
    "blocked HTTP as JSON": httpJson({ ...blockedOfOld, route: "-", authority: "x.example.com" }),
    "ztunnel's text": ztunnelText(),
    "ztunnel's JSON": ztunnelJson(),
  };
  it.each(Object.entries(lines))("asks for %s, also inside a collector's JSON", async (_, line) => {
    const wrapped = JSON.stringify({ log: `${line}\n`, stream: "stdout", time: "2023-11-24T13:22:00Z" });
    const one = await keeping(entry(inside, line), entry(inside, wrapped), entry(inside, "else"));
    expect(await texts(one, { queries: usualQueries(null) })).toEqual([line, wrapped]);
  });

  it("neither loses nor doubles a line, however times fall on the pages", async () => {
    const one = await keeping();
    const times = fc.array(fc.tuple(fc.integer({ min: 0, max: 12 }), fc.constantFrom("x", "y", "z")), {
      minLength: 30,
      maxLength: 90,
      size: "max",
    });
    await fc.assert(
      fc.asyncProperty(times, fc.integer({ min: 15, max: 40 }), async (places, clamp) => {
        // No page is smaller than what one nanosecond holds; equal lines of one stream and time are one, as in Loki.
        const stored = new Map(
          places.map(([at, name], n) => [
            `${at} ${name} ${n % 5}`,
            entry(inside + BigInt(at), `${at}-${n % 5}`, { ...web, pod: name }),
          ]),
        );
        one.stored = [...stored.values()];
        one.clamp = clamp;
        const found = (await read(one)).map(({ text, labels }) => `${labels.pod} ${text}`);
        expect(found.sort()).toEqual(one.stored.map(({ text, labels }) => `${labels.pod} ${text}`).sort());
      }),
      { numRuns: 60 },
    );
  });

  it("goes over the last nanosecond as often as it takes, and gives each of its lines once", async () => {
    const one = await keeping(
      ...["a", "b", "c", "d", "e", "f"].map((text, n) => entry(inside + (n < 3 ? 0n : 1n), text)),
    );
    one.clamp = 4;
    expect(await texts(one)).toEqual(["a", "b", "c", "d", "e", "f"]);
  });

  it("gets over a nanosecond that holds more lines than a page, with what there is to be had", async () => {
    const crowd = Array.from({ length: 130 }, (_, n) => entry(inside, `crowd ${n}`));
    const one = await keeping(...crowd, entry(inside + 1n, "next"));
    one.mostLimit = 100;
    const found = await texts(one);
    expect(found).toHaveLength(101);
    expect(found.at(-1)).toBe("next");
  });

  it("asks for less where the server allows no more", async () => {
    const one = await keeping(...Array.from({ length: 1500 }, (_, n) => entry(inside + BigInt(n), `line ${n}`)));
    one.mostLimit = 1000;
    one.clamp = 1000;
    expect(await texts(one)).toHaveLength(1500);
  });

  it("tries again after 429, 503, 500 and a cut connection, and takes what comes then", async () => {
    const faults = [
      (response: Parameters<Loki["fault"]>[0]) => response.writeHead(429, { "retry-after": "0" }).end("slow down"),
      (response: Parameters<Loki["fault"]>[0]) => response.writeHead(500).end("oops"),
      (response: Parameters<Loki["fault"]>[0]) => response.destroy(),
      (response: Parameters<Loki["fault"]>[0]) => {
        response.writeHead(200, { "content-length": "1000" }).write('{"status":');
        response.destroy();
      },
    ];
    for (const fail of faults) {
      const one = await keeping(entry(inside, "a"));
      one.fault = (response, before) => before < 2 && Boolean(fail(response) ?? true);
      expect(await texts(one)).toEqual(["a"]);
    }
  });

  const hopeless: [string, Loki["fault"], RegExp][] = [
    ["5xx for good", (response) => Boolean(response.writeHead(503).end("away")), /^logs\/unavailable .*503: away/],
    ["HTML", (response) => Boolean(response.writeHead(200).end("<html>log in</html>")), /^logs\/bad-answer .*not JSON/],
    ["half of an answer", (response) => Boolean(response.writeHead(200).end('{"status":"succ')), /^logs\/bad-answer/],
    [
      "other types",
      (response) =>
        Boolean(
          response
            .writeHead(200)
            .end('{"status":"success","data":{"resultType":"streams","result":[{"stream":{},"values":[[1,2]]}]}}'),
        ),
      /^logs\/bad-answer/,
    ],
    [
      "a metric query's answer",
      (response) =>
        Boolean(response.writeHead(200).end('{"status":"success","data":{"resultType":"matrix","result":[]}}')),
      /^logs\/bad-answer/,
    ],
    ["401", (response) => Boolean(response.writeHead(401).end("no org id\u001b[2J")), /^logs\/refused [ -~]*no org id/],
    [
      "a redirect",
      (response) => Boolean(response.writeHead(302, { location: "https://login.example/" }).end()),
      /^logs\/refused/,
    ],
    ["404", (response) => Boolean(response.writeHead(404).end()), /^logs\/refused/],
    [
      "the same lines for ever",
      (response) =>
        Boolean(
          response.writeHead(200).end(
            JSON.stringify({
              status: "success",
              data: {
                resultType: "streams",
                result: [
                  {
                    stream: {},
                    values: [
                      ["1000002000000", "a"],
                      ["1000003000000", "b"],
                    ],
                  },
                ],
              },
            }),
          ),
        ),
      /^logs\/bad-answer .*not asked for/,
    ],
  ];
  it.each(hopeless)("says what is wrong: %s", async (_, fault, said) => {
    const one = await keeping(entry(inside, "a"));
    one.fault = fault;
    const error = await read(one).catch(
      (thrown: { code: string; message: string }) => `${thrown.code} ${thrown.message}`,
    );
    expect(error).toMatch(said);
  });

  it("gives up on one that does not answer in time, and on one that is not there, without its password", async () => {
    const one = await keeping();
    one.fault = () => true;
    await expect(read(one, { timeout: 50 })).rejects.toMatchObject({
      code: "logs/refused",
      message: expect.stringContaining("0.05 s"),
    });
    const basic = { username: "u", password: "secret-of-loki" };
    const error = await read(one, { url: "http://127.0.0.1:1", basic }).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ code: "logs/unavailable" });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("secret-of-loki");
  });

  it("is read for so long and no longer, and what came until then holds", async () => {
    const one = await keeping(...Array.from({ length: 30 }, (_, n) => entry(inside + BigInt(n), `line ${n}`)));
    one.clamp = 10;
    one.fault = (_, before) => before >= 1;
    const found: string[] = [];
    const all = async () => {
      for await (const batch of loki(settingsOf(one, { budget: 300 })).read(window))
        found.push(...batch.map(({ text }) => text));
    };
    await expect(all()).rejects.toMatchObject({
      code: "logs/refused",
      message: expect.stringContaining("read for 0.3 s"),
    });
    expect(found).toHaveLength(10);
  });

  it("gives what it read before it failed", async () => {
    const one = await keeping(...Array.from({ length: 30 }, (_, n) => entry(inside + BigInt(n), `line ${n}`)));
    one.clamp = 10;
    one.fault = (response, before) => before >= 2 && Boolean(response.writeHead(400).end("gone"));
    const found: string[] = [];
    const all = async () => {
      for await (const batch of loki(settingsOf(one)).read(window)) found.push(...batch.map(({ text }) => text));
    };
    await expect(all()).rejects.toMatchObject({ code: "logs/refused" });
    expect(found.length).toBeGreaterThanOrEqual(10);
  });
});
