/** Requests to the HTTP API: whatever is asked is answered, and no answer is a failure of ours. */
import fc from "fast-check";
import { expect } from "vitest";
import { allRoutes } from "../../lib/api/app.ts";
import type { Planned } from "../../lib/plan.ts";
import { made, now, remembered } from "../api/make.ts";
import { finding, hostile as hostileFinding, hostileValues } from "../notify/sample.ts";
import { deepJson, mutated, repeated } from "./mutate.ts";
import { expectPrintable, property } from "./property.ts";
import { hostileText } from "./texts.ts";
import { mutatedTree, odd } from "./trees.ts";

const token = "hunter2-x7Qz-token";
const found = [
  finding(),
  ...hostileValues.slice(0, 20).map((value, index) => ({ ...hostileFinding(value, index), id: `h-${index}` })),
];
const store = await remembered("memory:", found);
/** A plan of nothing: what plans come to is for other tests. */
const planned: Planned = {
  ...{
    cluster: "prod-eu",
    window: { from: now - 1, to: now },
    flows: [],
    namespaces: [],
    conflicts: [],
    manifests: [],
  },
  ...{ unused: [], wide: [], blocked: 0, blind: [], unsureOwners: null, warnings: [] },
};
/** What the build puts in. */
Object.assign(globalThis, { PAGE_SCRIPT: "", PAGE_STYLE: "" });
const { app, logged } = made(store, {
  clients: { tokens: [token], besides: null },
  plans: { plan: async () => planned },
  requestsPerMinute: 1_000_000_000,
});

const words = fc.oneof(
  fc.constantFrom(
    "limit",
    "next",
    "cluster",
    "namespace",
    "workload",
    "destination",
    "passage",
    "since",
    "verdict",
    "owner",
    "kind",
    "id",
    "at",
    "dryRun",
    "reason",
    "for",
  ),
  fc.constantFrom(
    "prod-eu",
    "payments",
    "checkout",
    "api.stripe.com",
    "allowed",
    "blocked",
    "7d",
    "15m",
    "2026-11-22T10:00:00Z",
    "1000",
    "0",
    "-1",
    "1e9",
    "denied",
  ),
  hostileText,
);
const parameters = fc.array(fc.tuple(words, words), { maxLength: 4 }).map((all) => new URLSearchParams(all).toString());
const query = fc.oneof(
  { weight: 3, arbitrary: fc.constant("") },
  { weight: 4, arbitrary: parameters.map((text) => `?${text}`) },
  { weight: 2, arbitrary: mutated(parameters).map((text) => `?${text}`) },
  { weight: 1, arbitrary: repeated(fc.constantFrom("a=1&", "%", "&", "next=", "%ff")).map((text) => `?${text}`) },
);
const path = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...allRoutes.map((one) => one.path)) },
  { weight: 3, arbitrary: mutated(fc.constantFrom(...allRoutes.map((one) => one.path))) },
  { weight: 1, arbitrary: repeated(fc.constantFrom("/", "/..", "/%2e", "//a", "/api/v1/runs/")) },
);
const bodies: readonly unknown[] = [
  { cluster: "prod-eu", since: "15m", at: "2026-11-22T10:00:00Z", dryRun: true },
  { id: "f-4be1c09a77d2", verdict: "expected", for: "7d", reason: "known" },
];
const body = fc.oneof(
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom("cluster", "since", "id", "reason", "x"), deepJson)
      .map(([key, deep]) => `{"id":"a","verdict":"denied","${key}":${deep}}`),
  },
  { weight: 5, arbitrary: mutatedTree(fc.constantFrom(...bodies)).map((value) => JSON.stringify(value) ?? "") },
  { weight: 3, arbitrary: mutated(fc.constantFrom(...bodies.map((one) => JSON.stringify(one)))) },
  { weight: 1, arbitrary: odd.map((value) => JSON.stringify(value) ?? "undefined") },
  { weight: 1, arbitrary: repeated(fc.constantFrom("[", '{"a":', '"', "\\u0000", "1")) },
);
/** What a header may hold; the rest no HTTP library lets through. */
const value = words.map((text) => text.replace(/[^\x20-\x7e\xa0-\xff]/g, "").trim());
const headers = fc.record(
  {
    authorization: fc.oneof(
      { weight: 8, arbitrary: fc.constant(`Bearer ${token}`) },
      { weight: 2, arbitrary: value.map((text) => `Bearer ${text}`) },
      value,
    ),
    "content-type": fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom("application/json", "application/x-www-form-urlencoded") },
      value,
    ),
    "if-none-match": value,
    "content-length": fc.constantFrom("0", "-1", "1e9", "99999999999", "x"),
    host: value,
    origin: value,
    "x-forwarded-for": value,
    accept: value,
    cookie: value,
  },
  { requiredKeys: ["authorization", "content-type"] },
);
const method = fc.constantFrom("GET", "GET", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH");

const request = fc.record({ method, path, query, headers, body });

async function holds(one: {
  method: string;
  path: string;
  query: string;
  headers: Record<string, string>;
  body: string;
}): Promise<void> {
  let asked: Request;
  try {
    const sent = ["GET", "HEAD"].includes(one.method) ? {} : { body: one.body };
    asked = new Request(`http://localhost/${one.path.replace(/^\//, "")}${one.query}`, {
      method: one.method,
      headers: one.headers,
      ...sent,
    });
  } catch {
    // No client could send it.
    return;
  }
  logged.length = 0;
  const isLetIn = asked.headers.get("authorization") === `Bearer ${token}`;
  const { pathname } = new URL(asked.url);
  const isOpen = ["/healthz", "/slack/actions", "/slack/commands"].includes(pathname);
  const answer = await app.request(asked);
  const text = await answer.text();
  expect(answer.status, text.slice(0, 300)).toBeLessThan(500);
  expect(answer.status).toBeGreaterThanOrEqual(200);
  if (!isLetIn && !isOpen) expect(answer.status).toBe(401);
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect(answer.headers.get("content-security-policy")).not.toBeNull();
  if (answer.status >= 400 && one.method !== "HEAD") expectProblem(answer, text);
  for (const said of [text, ...logged]) expect(said.includes(token)).toBe(false);
  for (const said of logged) expectPrintable(said);
  if (answer.headers.get("content-type")?.includes("json") === true && text !== "") JSON.parse(text);
}

function expectProblem(answer: Response, text: string): void {
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  const {
    status,
    detail,
    title,
    errors = [],
  }: { status: number; detail: string; title: string; errors?: string[] } = JSON.parse(text);
  expect(status).toBe(answer.status);
  for (const one of [detail, title, ...errors]) expectPrintable(one);
}

/** Every page of a list, one after the other. */
async function pages(limit: number): Promise<string[]> {
  const ids: string[] = [];
  let next: string | null = "";
  while (next !== null) {
    const after: string = next === "" ? "" : `&next=${encodeURIComponent(next)}`;
    const answer = await app.request(`http://localhost/api/v1/findings?limit=${limit}${after}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const list: { findings: { id: string }[]; next: string | null } = JSON.parse(await answer.text());
    expect(list.findings.length).toBeLessThanOrEqual(limit);
    ids.push(...list.findings.map(({ id }) => id));
    next = list.next;
  }
  return ids;
}

export const properties = [
  property("HTTP: any request is answered, below 500, as a problem where it is refused", 50, request, holds),
  property(
    "HTTP: pages of any length leave nothing out and give nothing twice",
    20,
    fc.integer({ min: 1, max: 40 }),
    async (limit) => {
      const all = await store.open("prod-eu");
      expect((await pages(limit)).sort()).toEqual([...all.keys()].sort());
    },
  ),
];
