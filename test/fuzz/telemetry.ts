/** Prometheus' answers, over HTTP: rows or an error of ours, and never fewer rows than there were. */
import fc from "fast-check";
import { expect } from "vitest";
import { prometheus } from "../../lib/poll/prometheus.ts";
import { answering } from "../poll/answering.ts";
import { deepJson, mutated, repeated } from "./mutate.ts";
import { answered, expectOurs, expectPrintable, property } from "./property.ts";
import { hostileText } from "./texts.ts";
import { mutatedTree } from "./trees.ts";

const password = "hunter2-x7Qz-password";
const at = Date.UTC(2026, 10, 22, 12);

const number = fc.oneof(
  fc.constantFrom("0", "1", "NaN", "+Inf", "-Inf", "1e308", "-1", "0x1", "", "1_0", "9007199254740993"),
  fc.double().map(String),
  hostileText,
);
const seconds = fc.oneof(fc.constantFrom(at / 1000, 0, -1, 1e300, 1.5), fc.double());
const labels = fc.dictionary(
  fc.oneof(
    fc.constantFrom("destination_service", "__name__", "__proto__", "constructor", "source_workload"),
    hostileText,
  ),
  hostileText,
  { maxKeys: 5 },
);
const vector = fc.array(fc.record({ metric: labels, value: fc.tuple(seconds, number) }), { maxLength: 20 });
const matrix = fc.array(fc.record({ metric: labels, values: fc.array(fc.tuple(seconds, number), { maxLength: 20 }) }), {
  maxLength: 10,
});

interface Answer {
  status: number;
  type: string;
  body: string;
}
const envelope = (resultType: string, result: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.record(
    {
      status: fc.constant("success"),
      data: result.map((one) => ({ resultType, result: one })),
      warnings: fc.array(hostileText, { maxLength: 3 }),
    },
    { requiredKeys: ["status", "data"] },
  );
const good = fc.oneof(envelope("vector", vector), envelope("matrix", matrix));
const failed = fc.record({ status: fc.constant("error"), errorType: hostileText, error: hostileText });

const answer: fc.Arbitrary<Answer> = fc.record({
  // Not 5xx and 429: those are asked again after a while, and nothing else is read of them.
  status: fc.oneof(
    { weight: 8, arbitrary: fc.constant(200) },
    { weight: 2, arbitrary: fc.constantFrom(204, 301, 400, 401, 403, 404, 422) },
  ),
  type: fc.constantFrom("application/json", "text/html", "", "application/json; charset=latin1"),
  body: fc.oneof(
    { weight: 4, arbitrary: mutatedTree(good).map((one) => JSON.stringify(one) ?? "") },
    { weight: 3, arbitrary: mutated(good.map((one) => JSON.stringify(one))) },
    {
      weight: 1,
      arbitrary: deepJson.map(
        (deep) => `{"status":"success","data":{"resultType":"vector","result":[{"metric":${deep}}]}}`,
      ),
    },
    { weight: 1, arbitrary: failed.map((one) => JSON.stringify(one)) },
    { weight: 1, arbitrary: repeated(fc.constantFrom("[", '{"a":', '[1,"+Inf"],', ',"Inf" ', "<html>", '"')) },
  ),
});

async function asked<T>(
  { status, type, body }: Answer,
  ask: (server: ReturnType<typeof prometheus>) => Promise<T>,
): Promise<T> {
  const server = await answering(
    (response) => void response.writeHead(status, type === "" ? {} : { "content-type": type }).end(body),
  );
  try {
    const client = prometheus({
      url: server.url,
      timeout: 20_000,
      headers: {},
      basic: { username: "scout", password },
    });
    const rows = await ask(client);
    for (const one of client.asked().warnings) expectPrintable(one);
    return rows;
  } finally {
    await server.stop();
  }
}

async function expectRows(one: Answer): Promise<void> {
  const rows = await answered(() => asked(one, (client) => client.vector("up", at)), [password]);
  if (rows === null) return;
  const { data }: { data: { result: unknown[] } } = JSON.parse(one.body);
  expect(rows).toHaveLength(data.result.length);
  for (const { labels, value } of rows) {
    expect(typeof value).toBe("number");
    expect(Object.values(labels).every((text) => typeof text === "string")).toBe(true);
  }
}

async function expectSamples(one: Answer): Promise<void> {
  const rows = await answered(() => asked(one, (client) => client.samples("up[5m]", at)), [password]);
  if (rows === null) return;
  const { data }: { data: { result: { values?: unknown[] }[] } } = JSON.parse(one.body);
  expect(rows.map(({ values }) => values.length)).toEqual(data.result.map(({ values = [] }) => values.length));
}

export const properties = [
  property("Prometheus: any answer is its rows, all of them, or an error", 20, answer, expectRows),
  property("Prometheus: any answer is its samples, all of them, or an error", 20, answer, expectSamples),
  property("Prometheus: facts about the server, whatever it says, or an error", 20, answer, async (one) => {
    try {
      await asked(one, (client) => client.about(() => at));
    } catch (thrown) {
      expectOurs(thrown, [password]);
    }
  }),
];
