import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { type PrometheusSettings, prometheus } from "../../lib/poll/prometheus.ts";
import { type Answering, answering, json, success } from "./answering.ts";

const open: Answering[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
});

async function serving(
  answer: (response: ServerResponse, before: number) => void,
  change: Partial<PrometheusSettings> = {},
) {
  const server = await answering(answer);
  open.push(server);
  const settings = { url: server.url, timeout: 5000, headers: {}, basic: null, ...change };
  return { asked: server.asked, telemetry: prometheus({ ...settings, url: `${server.url}${change.url ?? ""}` }) };
}

const at = Date.UTC(2026, 10, 22, 12, 0, 0, 250);

describe("poll/prometheus", () => {
  it.each(["", "/", "/select/0/prometheus", "/prometheus/"])("asks by POST below the URL's path %j", async (url) => {
    const { asked, telemetry } = await serving(success("vector", []), { url });
    expect(await telemetry.vector('up{job="a&b"}', at)).toEqual([]);
    expect(asked).toMatchObject([{ method: "POST", url: `${url.replace(/\/$/, "")}/api/v1/query` }]);
    expect(asked[0]?.headers["content-type"]).toMatch(/^application\/x-www-form-urlencoded/);
    expect(Object.fromEntries(new URLSearchParams(asked[0]?.body))).toEqual({
      query: 'up{job="a&b"}',
      time: "1795348800.25",
      partial_response: "false",
      deny_partial_response: "1",
    });
  });

  it("takes no answer in part, which would make counts short: it asks again, and says so", async () => {
    const partial = success("vector", [{ metric: {}, value: [1, "1"] }], { isPartial: true });
    const { asked, telemetry } = await serving((response, before) =>
      before < 2 ? partial(response) : success("vector", [], { isPartial: false })(response),
    );
    expect(await telemetry.vector("up", at)).toEqual([]);
    expect(asked).toHaveLength(3);
    await expect((await serving(partial)).telemetry.vector("up", at)).rejects.toMatchObject({
      code: "prometheus/unavailable",
      message: expect.stringContaining("in part"),
    });
  });

  it("asks a range by its bounds and step in seconds", async () => {
    const { asked, telemetry } = await serving(success("matrix", [{ metric: { a: "b" }, values: [[7.5, "1"]] }]));
    expect(await telemetry.range("up", at, at + 60_000, 15_000)).toEqual([{ labels: { a: "b" }, values: [[7500, 1]] }]);
    expect(asked).toMatchObject([{ method: "POST", url: "/api/v1/query_range" }]);
    const { start, end, step } = Object.fromEntries(new URLSearchParams(asked[0]?.body));
    expect([start, end, step]).toEqual(["1795348800.25", "1795348860.25", "15"]);
  });

  it("sends the headers of the config, and who asks", async () => {
    const headers = { "X-Scope-OrgID": "team-a", authorization: "Bearer hunter2" };
    const bearer = await serving(success("vector", []), { headers });
    await bearer.telemetry.vector("up", at);
    expect(bearer.asked[0]?.headers).toMatchObject({ "x-scope-orgid": "team-a", authorization: "Bearer hunter2" });
    const basic = await serving(success("vector", []), { basic: { username: "scout", password: "p:w" } });
    await basic.telemetry.vector("up", at);
    expect(basic.asked[0]?.headers.authorization).toBe(`Basic ${Buffer.from("scout:p:w").toString("base64")}`);
  });

  it("reads rows: labels without the metric's name, and numbers that are none as well", async () => {
    const values = ["7", "0.5", "1e3", "NaN", "+Inf", "-Inf"];
    const metric = { __name__: "x", host: "+Inf", other: '["+Inf"]' };
    const { telemetry } = await serving(
      success(
        "vector",
        values.map((value) => ({ metric, value: [1.5, value] })),
      ),
    );
    const rows = await telemetry.vector("x", at);
    expect(rows.map((one) => one.value)).toEqual([
      7,
      0.5,
      1000,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ]);
    expect(rows[0]?.labels).toEqual({ host: "+Inf", other: '["+Inf"]' });
  });

  it("reads samples: times in whole milliseconds", async () => {
    const values = [
      [1_700_000_000.123, "1"],
      [1_700_000_015.999, "+Inf"],
      [1_700_000_030, "3"],
    ];
    const { telemetry } = await serving(success("matrix", [{ metric: { a: "b" }, values }]));
    expect(await telemetry.samples("x[5m]", at)).toEqual([
      {
        labels: { a: "b" },
        values: [
          [1_700_000_000_123, 1],
          [1_700_000_015_999, Number.POSITIVE_INFINITY],
          [1_700_000_030_000, 3],
        ],
      },
    ]);
  });

  it("counts what it asked, and keeps what the server warned of, each warning once and printable", async () => {
    const warnings = ["store 3 is away", "\u001b[31m<b>"];
    const { telemetry } = await serving(success("vector", [], { warnings }));
    expect(telemetry.asked()).toEqual({ queries: 0, warnings: [], clock: null });
    await telemetry.vector("a", at);
    await telemetry.vector("b", at);
    expect(telemetry.asked()).toMatchObject({
      queries: 2,
      warnings: ["store 3 is away", "\\u001b[31m\\u003cb\\u003e"],
    });
  });

  it("asks twice more where the failure may pass", async () => {
    const { asked, telemetry } = await serving((response, before) =>
      before < 2 ? json({}, 503)(response) : success("vector", [])(response),
    );
    expect(await telemetry.vector("up", at)).toEqual([]);
    expect(asked).toHaveLength(3);
    expect(telemetry.asked().queries).toBe(3);
  });

  it("gives up after the third try", async () => {
    const { asked, telemetry } = await serving((response) => void response.destroy());
    await expect(telemetry.samples("up[5m]", at)).rejects.toMatchObject({ code: "prometheus/unavailable" });
    expect(asked).toHaveLength(3);
  });

  it("asks once where the same question would fail again, or has taken all the time there is", async () => {
    const bad = await serving(json({ status: "error", errorType: "bad_data", error: "parse error" }, 400));
    await expect(bad.telemetry.vector("up{", at)).rejects.toMatchObject({ code: "prometheus/bad-query" });
    const silent = await serving(() => {}, { timeout: 100 });
    await expect(silent.telemetry.vector("up", at)).rejects.toMatchObject({
      code: "prometheus/timeout",
      message: expect.stringContaining("within 0.1 s"),
    });
    expect([bad.asked.length, silent.asked.length]).toEqual([1, 1]);
  });

  it.each([
    ["a matrix where a vector was asked for", success("matrix", [])],
    ["a row without labels", success("vector", [{ value: [1, "1"] }])],
    ["labels that are no text", success("vector", [{ metric: { a: 1 }, value: [1, "1"] }])],
    ["no status", json({ data: { resultType: "vector", result: [] } })],
    ["an empty object", json({})],
    ["null", json(null)],
  ])("takes %s for no answer of Prometheus", async (_, answer) => {
    const { telemetry } = await serving(answer);
    await expect(telemetry.vector("up", at)).rejects.toMatchObject({ code: "prometheus/bad-answer" });
  });

  it("follows no redirect: what it sends is for the configured server alone", async () => {
    const other = await answering(success("vector", []));
    open.push(other);
    const { telemetry } = await serving((response) => void response.writeHead(307, { location: other.url }).end());
    await expect(telemetry.vector("up", at)).rejects.toMatchObject({ code: "prometheus/not-found" });
    expect(other.asked).toEqual([]);
  });
});
